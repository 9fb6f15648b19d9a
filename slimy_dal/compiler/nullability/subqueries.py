"""Subqueries: the scopes of queries inside queries, WITH, recursion, and sublinks in expressions."""

from typing import Any

from slimy_dal.compiler.facts import EXISTS
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.scope import SELECT, Frame, Scope
from slimy_dal.compiler.verdict import Verdict, maybe, never

__all__ = ["RULES", "child", "cte_column", "cte_scope", "find_cte"]

EXISTS_LINK, ALL_LINK, ANY_LINK, ROW_LINK, SCALAR_LINK, MULTI_LINK, ARRAY_LINK = range(7)
assert EXISTS_LINK == EXISTS  # noqa: S101 -- both modules read the same enumeration


def child(scope: Scope, number: int, *, whoever: bool = False) -> Scope:
    """Return the scope of a subquery or view in the range table.

    With what the conditions around it ask of it, or as `whoever` reads it would find it.
    """
    known = frozenset() if whoever else _asked(scope, number)
    place = (number, known)
    if place in scope.children:
        return scope.children[place]
    entry = scope.entry(number)
    query: Any = entry["subquery"] if "subquery" in entry.fields else None
    if query:
        origin, stale = scope.origin, scope.stale
        parent: Scope | None = scope
    else:
        relation = scope.prover.catalog.relation(entry["relid"])
        query, origin, parent = relation.definition, f"view {relation}", None
        stale = scope.stale or relation.kind == "m"
    if not _row_by_row(query):
        known = frozenset()
    made = Scope(scope.prover, query, parent, known=known, origin=origin, stale=stale)
    scope.children[place] = made
    return made


def _asked(scope: Scope, number: int) -> frozenset[int]:
    """Return the columns of a range table entry that every result row asks to be not NULL."""
    if scope.query["setOperations"] is not None:
        return frozenset()
    return frozenset(
        key[3]
        for key in scope.facts
        if key[0] == "column" and key[1] == scope.number and key[2] == number and key[3] > 0
    )


def _row_by_row(query: Node) -> bool:
    """Say whether each result row comes from one row of the FROM clause and nothing else."""
    return query["commandType"] == SELECT and not (
        query["setOperations"]
        or query["hasAggs"]
        or query["hasWindowFuncs"]
        or query["hasTargetSRFs"]
        or query["groupClause"]
        or query["groupingSets"]
        or query["havingQual"] is not None
    )


def find_cte(scope: Scope, entry: Node) -> tuple[Scope, Node] | None:
    """Return the WITH query that a range table entry means, and the scope that defines it."""
    owner, name = scope.up(entry["ctelevelsup"]), entry.name("ctename")
    for cte in owner.query["cteList"] or ():
        if cte.name("ctename") == name:
            return owner, cte
    return None


def cte_scope(owner: Scope, cte: Node, known: frozenset[int] = frozenset()) -> Scope:
    """Return the scope of a WITH query."""
    query = cte["ctequery"]
    if not _row_by_row(query):
        known = frozenset()
    place = (cte.name("ctename"), known)
    if place not in owner.children:
        owner.children[place] = Scope(
            owner.prover, query, owner, known=known, origin=owner.origin, stale=owner.stale
        )
    return owner.children[place]


def cte_column(scope: Scope, number: int, column: int) -> Verdict:
    """Answer for a column of WITH."""
    entry = scope.entry(number)
    found = find_cte(scope, entry)
    if found is None:
        return maybe("a WITH query that is not there")
    owner, cte = found
    name = cte.name("ctename")
    if name in owner.assumed:
        return owner.assumed[name].get(column) or never("as the recursion assumes")
    place = cte_scope(owner, cte)
    if column > len(place.columns):
        return _search_or_cycle(cte, column - len(place.columns))
    if not cte["cterecursive"]:
        return scope.prover.column(cte_scope(owner, cte, _asked(scope, number)), column)
    if column not in place.answers:
        _recursion(owner, cte, len(place.columns))
    return owner.children[(name, frozenset())].answers[column]


def _recursion(owner: Scope, cte: Node, columns: int) -> None:
    """Find the answers for a recursive query: assume that nothing is NULL until that is refuted."""
    name = cte.name("ctename")
    assumed: dict[int, Verdict] = {}
    owner.assumed[name] = assumed
    try:
        while True:
            owner.children.pop((name, frozenset()), None)
            scope = cte_scope(owner, cte)
            answers = {n: owner.prover.column(scope, n) for n in range(1, columns + 1)}
            refuted = {n: v for n, v in answers.items() if v.nullable and n not in assumed}
            if not refuted:
                return
            assumed.update(refuted)
    finally:
        del owner.assumed[name]


def _search_or_cycle(cte: Node, number: int) -> Verdict:
    """Answer for the columns that SEARCH and CYCLE add: sequence, then mark and path."""
    number -= cte["search_clause"] is not None
    clause = cte["cycle_clause"]
    if number != 1 or clause is None:
        return never("SEARCH and CYCLE fill it in")
    marks = (clause["cycle_mark_value"], clause["cycle_mark_default"])
    if all(mark.kind == "CONST" and not mark["constisnull"] for mark in marks):
        return never("the mark of CYCLE is never NULL")
    return maybe("the mark of CYCLE may be NULL")


def sublink(node: Node, frame: Frame) -> Verdict:
    """Answer for a subquery in an expression."""
    kind = node["subLinkType"]
    if kind == EXISTS_LINK:
        return never("EXISTS is true or false")
    if kind == ARRAY_LINK:
        return never("ARRAY of no rows is an empty array")
    offset = frame.prover.offset(node, frame.scope)
    inside = Scope(
        frame.prover,
        node["subselect"],
        frame.scope,
        inherited=frame.facts,
        origin=frame.scope.origin,
        stale=frame.scope.stale,
        before=frame.before,
    )
    if kind == SCALAR_LINK:
        if not frame.prover.has_row(inside):
            return maybe("the subquery may return no row", offset)
        return frame.prover.column(inside, 1)
    if kind in {ANY_LINK, ALL_LINK}:
        return _membership(node, frame, inside)
    return maybe("a comparison with a subquery's row, which may be missing", offset)


def _membership(node: Node, frame: Frame, inside: Scope) -> Verdict:
    """`x IN (SELECT y …)`: unknown only where x or a y is NULL."""
    for number in range(1, len(inside.columns) + 1):
        verdict = frame.prover.column(inside, number)
        if verdict.nullable:
            return verdict.because("the subquery may return NULL to compare with")
    return frame.prover.expression(node["testexpr"], frame)


RULES = {"SUBLINK": sublink}
