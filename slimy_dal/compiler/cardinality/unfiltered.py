"""Finds UPDATE and DELETE whose WHERE, where there is one, says nothing of the rows they change."""

from collections.abc import Iterator

from slimy_dal.compiler.cardinality.regions import conjuncts, own_variables
from slimy_dal.compiler.description import Reason
from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.scope import DELETE, UPDATE

__all__ = ["unfiltered"]

WORDS = {UPDATE: "update", DELETE: "delete"}
BEFORE_LOCK_OR_ACTION = frozenset({"for", "key", "do", "then", "on"})


def unfiltered(query: Query, statement: Node) -> Iterator[Reason]:
    """Yield the UPDATEs and DELETEs of a statement, those in WITH included, that change whole tables."""
    writing = [
        one
        for one in (*(cte["ctequery"] for cte in statement["cteList"] or ()), statement)
        if one["commandType"] in WORDS
    ]
    places = list(_places(query.sql))
    for number, one in enumerate(writing):
        if _is_unfiltered(one):
            place = places[number] if len(places) == len(writing) else 0
            word = WORDS[one["commandType"]].upper()
            name = one["rtable"][one["resultRelation"] - 1]["eref"].name("aliasname")
            text = f"{word} without a condition on {name} changes all of its rows"
            yield Reason(text, query.location(place))


def _is_unfiltered(query: Node) -> bool:
    quals, target = query["jointree"]["quals"], query["resultRelation"]
    return quals is None or all(_is_open(part, target) for part in conjuncts(quals))


def _is_open(condition: Node, target: int) -> bool:
    """Say whether a condition can be true for every row: nothing in it, or in one arm, asks for one."""
    if condition.kind == "BOOLEXPR" and condition["boolop"] == "or":
        return any(
            all(_is_open(part, target) for part in conjuncts(arm)) for arm in condition["args"]
        )
    if condition.kind == "CURRENTOFEXPR":
        return False
    return all(variable["varno"] != target for variable in own_variables(condition))


def _places(sql: str) -> Iterator[int]:
    """Yield where the words UPDATE and DELETE begin a statement."""
    before = ""
    for token in _read(sql):
        word = token.text.lower()
        if word in WORDS.values() and before not in BEFORE_LOCK_OR_ACTION:
            yield token.start
        before = word


def _read(sql: str) -> list[Token]:
    try:
        return [token for token in tokens(sql) if not token.silent]
    except LexError:
        return []
