"""Expressions: which of SQL's own constructs may be NULL, from what their parts may be."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from slimy_dal.compiler.facts import NOTHING, Conditions, Facts
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.functions import call, known_elements
from slimy_dal.compiler.scope import Frame, Scope
from slimy_dal.compiler.verdict import Verdict, all_of, any_of, maybe, never

__all__ = ["RULES"]

EXTERNAL, SUBLINK_VALUE = 0, 2
CURRENT_SCHEMA = 14
FIRST_OF_USERS = 16384
"""The first OID of what is made after initdb."""
AND, NOT = "and", "not"


def _at(node: Node, frame: Frame) -> int | None:
    return frame.prover.offset(node, frame.scope)


def _each(nodes: Iterable[Node] | None, frame: Frame) -> Iterable[Verdict]:
    return (frame.prover.expression(node, frame) for node in nodes or ())


def constant(node: Node, frame: Frame) -> Verdict:
    """Answer for a literal."""
    if node["constisnull"]:
        return maybe("the literal NULL", _at(node, frame))
    return never("a literal", _at(node, frame))


def parameter(node: Node, frame: Frame) -> Verdict:
    """Answer for a parameter, or the value of a subquery that ANY compares with."""
    if node["paramkind"] == SUBLINK_VALUE:
        return never("a value of the subquery")
    known = frame.prover.parameters.get(node["paramid"])
    if node["paramkind"] != EXTERNAL or known is None:
        return maybe("a parameter", _at(node, frame))
    return known


def argument(node: Node, frame: Frame) -> Verdict:
    """Answer for a node that is NULL where its argument is."""
    return frame.prover.expression(node["arg"], frame)


def to_domain(node: Node, frame: Frame) -> Verdict:
    """Answer for a cast to a domain: one that forbids NULL raises an error instead."""
    domain = frame.prover.catalog.types.notnull_domain(node["resulttype"])
    # What was computed earlier may have been cast before the domain became NOT NULL.
    if domain is not None and not (frame.scope.stale or frame.scope.stored):
        return never(f"the NOT NULL domain {domain}", _at(node, frame))
    return frame.prover.expression(node["arg"], frame)


def boolean(node: Node, frame: Frame) -> Verdict:
    """AND, OR, NOT: an arm counts only where no other one decides."""
    arms: Sequence[Node] = node["args"]
    if node["boolop"] == NOT:
        return frame.prover.expression(arms[0], frame)
    conditions = Conditions(frame.scope)
    undecided = conditions.not_false if node["boolop"] == AND else conditions.not_true
    for arm in arms:
        others = NOTHING.union(*(undecided(other) for other in arms if other is not arm))
        verdict = frame.prover.expression(arm, frame.assuming(others))
        if verdict.nullable:
            return verdict
    return never("all arms are known")


def case(node: Node, frame: Frame) -> Verdict:
    """CASE: each result under what its condition and those before it say."""
    names = _CaseNames(frame.scope, node["arg"])
    conditions, passed = Conditions(names), NOTHING
    for arm in node["args"]:
        here = frame.assuming(passed | conditions.true(arm["expr"]))
        verdict = frame.prover.expression(arm["result"], here)
        if verdict.nullable:
            return verdict.because("a branch of CASE", _at(arm, frame))
        passed |= conditions.not_true(arm["expr"])
    if node["defresult"] is None:
        return maybe("CASE without ELSE", _at(node, frame))
    verdict = frame.prover.expression(node["defresult"], frame.assuming(passed))
    if verdict.nullable:
        return verdict.because("ELSE of CASE", _at(node, frame))
    return never("every branch of CASE is known", _at(node, frame))


class _CaseNames:
    """The names of a scope, with the operand of `CASE operand WHEN …` in its place."""

    def __init__(self, scope: Scope, operand: Node | None) -> None:
        self._scope, self._operand = scope, operand

    def key(self, node: Node) -> tuple[Any, ...] | None:
        if node.kind == "CASETESTEXPR" and self._operand is not None:
            return self._scope.key(self._operand)
        return self._scope.key(node)

    def is_strict(self, node: Node) -> bool:
        return self._scope.is_strict(node)

    def meaning(self, variable: Node) -> Node | None:
        return self._scope.meaning(variable)

    def row_keys(self, variable: Node) -> Iterable[tuple[Any, ...]]:
        return self._scope.row_keys(variable)

    def inside(self, sublink: Node) -> Facts:
        return self._scope.inside(sublink)


def first_known(node: Node, frame: Frame) -> Verdict:
    """COALESCE, GREATEST and LEAST: NULL only where every argument is."""
    verdict = all_of(_each(node["args"], frame))
    if verdict.nullable:
        return verdict.because("every argument may be NULL", _at(node, frame))
    return verdict


def null_if(node: Node, frame: Frame) -> Verdict:
    """NULLIF."""
    return maybe("NULLIF returns NULL for equal values", _at(node, frame))


def every_part(node: Node, frame: Frame) -> Verdict:
    """Answer for a comparison of rows: unknown where one of their fields is."""
    called = [frame.prover.catalog.operator_function(number) for number in node["opnos"]]
    if not all(
        known is not None and known.builtin and family < FIRST_OF_USERS
        for known, family in zip(called, node["opfamilies"], strict=True)
    ):
        return maybe("a comparison that is not PostgreSQL's own may return NULL", _at(node, frame))
    parts = [*(node["largs"] or ()), *(node["rargs"] or ())]
    return any_of(_each(parts, frame), never("all compared values are known"))


def distinct(node: Node, frame: Frame) -> Verdict:
    """IS DISTINCT FROM: as sound as the equality it asks for known values."""
    called = frame.prover.catalog.function_of(node)
    if called is None or not called.builtin:
        return maybe("an equality that is not PostgreSQL's own may return NULL", _at(node, frame))
    return never("IS DISTINCT FROM is true or false", _at(node, frame))


def scalar_array(node: Node, frame: Frame) -> Verdict:
    """`x = ANY (array)`: unknown where x, the array or an element of it is NULL."""
    value, array = node["args"]
    verdict = call(node, [value, array], frame)
    if not verdict.nullable and not known_elements(array, frame):
        return maybe("the array may hold a NULL to compare with", _at(node, frame))
    return verdict


def subscript(node: Node, frame: Frame) -> Verdict:
    """`a[i]` may be outside the array; a slice is an empty array there."""
    if node["refassgnexpr"] is not None:
        return maybe("an assignment to an element", _at(node, frame))
    if not node["reflowerindexpr"]:
        return maybe("there may be no such element", _at(node, frame))
    bounds = [*(node["refupperindexpr"] or ()), *(node["reflowerindexpr"] or ())]
    parts = [node["refexpr"], *(bound for bound in bounds if bound is not None)]
    return any_of(_each(parts, frame), never("a slice of an array"))


def field(node: Node, frame: Frame) -> Verdict:
    """`(row).field`: of a table's row it is the column, of a row constructor the value."""
    inner, number = node["arg"], node["fieldnum"]
    if inner.kind == "VAR" and inner["varattno"] == 0:
        column = Node("VAR")
        column.fields = {**inner.fields, "varattno": number}
        return frame.prover.variable(column, frame)
    if inner.kind == "ROWEXPR" and 0 < number <= len(inner["args"] or ()):
        return frame.prover.expression(inner["args"][number - 1], frame)
    return maybe("a field of a composite value may be NULL", _at(node, frame))


def session_value(node: Node, frame: Frame) -> Verdict:
    """CURRENT_DATE, CURRENT_USER and the like."""
    if node["op"] == CURRENT_SCHEMA:
        return maybe("there may be no current schema", _at(node, frame))
    return never("a value of the session", _at(node, frame))


def _always(text: str) -> Callable[[Node, Frame], Verdict]:
    return lambda node, frame: never(text, _at(node, frame))


RULES: dict[str, Callable[[Node, Frame], Verdict]] = {
    "CONST": constant,
    "PARAM": parameter,
    "RELABELTYPE": argument,
    "COERCEVIAIO": argument,
    "ARRAYCOERCEEXPR": argument,
    "CONVERTROWTYPEEXPR": argument,
    "COLLATEEXPR": argument,
    "NAMEDARGEXPR": argument,
    "COERCETODOMAIN": to_domain,
    "BOOLEXPR": boolean,
    "CASEEXPR": case,
    "COALESCEEXPR": first_known,
    "MINMAXEXPR": first_known,
    "NULLIFEXPR": null_if,
    "ROWCOMPAREEXPR": every_part,
    "SCALARARRAYOPEXPR": scalar_array,
    "SUBSCRIPTINGREF": subscript,
    "FIELDSELECT": field,
    "SQLVALUEFUNCTION": session_value,
    "NULLTEST": _always("IS NULL is true or false"),
    "BOOLEANTEST": _always("IS TRUE is true or false"),
    "DISTINCTEXPR": distinct,
    "ROWEXPR": _always("a row constructor"),
    "ARRAYEXPR": _always("an array constructor"),
    "GROUPINGFUNC": _always("GROUPING is a number"),
    "NEXTVALUEEXPR": _always("a sequence's next value"),
    "MERGESUPPORTFUNC": _always("merge_action() names the action"),
}
