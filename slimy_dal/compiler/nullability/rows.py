"""Says whether a query certainly returns a row, so that a subquery in an expression has a value."""

from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.joins import FULL, INNER, LEFT
from slimy_dal.compiler.nullability.subqueries import child, cte_scope, find_cte
from slimy_dal.compiler.scope import (
    CTE,
    FUNCTION,
    RELATION,
    RESULT,
    SELECT,
    SUBQUERY,
    VALUES,
    Scope,
)

__all__ = ["from_has_row", "has_row", "is_true", "item_has_row"]

UNION = 1
INTEGERS = (20, 21, 23)
TO_INT8 = (481, 754)
"""The server's own conversions of int4 and int2."""


def has_row(scope: Scope) -> bool:
    """Say whether a query returns at least one row, whatever the tables hold."""
    if scope.has_row is None:
        scope.has_row = _has_row(scope)
    return scope.has_row


def _has_row(scope: Scope) -> bool:
    query = scope.query
    if query["commandType"] != SELECT or query["hasTargetSRFs"] or query["havingQual"] is not None:
        return False
    if query["limitOffset"] is not None or not _lets_one_through(query["limitCount"]):
        return False
    if query["setOperations"] is not None:
        return _branches(scope, query["setOperations"])
    if query["groupClause"] or query["groupingSets"]:
        return from_has_row(scope)
    return bool(query["hasAggs"]) or from_has_row(scope)


def _lets_one_through(limit: Node | None) -> bool:
    """Say whether LIMIT is none at all or a whole number above zero: 0.4 is rounded to 0."""
    if limit is None:
        return True
    cast = limit.kind == "FUNCEXPR" and limit["funcid"] in TO_INT8
    number: Node = limit["args"][0] if cast else limit
    return (
        number.kind == "CONST"
        and number["consttype"] in INTEGERS
        and not number["constisnull"]
        and any(number["constvalue"])
    )


def _branches(scope: Scope, part: Node) -> bool:
    if part.kind == "RANGETBLREF":
        return has_row(child(scope, part["rtindex"], whoever=True))
    return part["op"] == UNION and (
        _branches(scope, part["larg"]) or _branches(scope, part["rarg"])
    )


def from_has_row(scope: Scope) -> bool:
    """Say whether FROM and WHERE certainly leave a row."""
    jointree = scope.query["jointree"]
    if jointree is None or not is_true(jointree["quals"]):
        return False
    return all(item_has_row(scope, item) for item in jointree["fromlist"] or ())


def is_true(condition: Node | None) -> bool:
    """Say whether a condition is missing or the constant true."""
    if condition is None:
        return True
    return (
        condition.kind == "CONST" and not condition["constisnull"] and any(condition["constvalue"])
    )


def item_has_row(scope: Scope, item: Node) -> bool:
    """Say whether one item of FROM certainly has a row."""
    if item.kind == "JOINEXPR":
        kind, left, right = item["jointype"], item["larg"], item["rarg"]
        if kind == INNER:
            both = item_has_row(scope, left) and item_has_row(scope, right)
            return both and is_true(item["quals"])
        if kind == FULL:
            return item_has_row(scope, left) or item_has_row(scope, right)
        return item_has_row(scope, left if kind == LEFT else right)
    return _entry(scope, item["rtindex"])


def _entry(scope: Scope, number: int) -> bool:
    entry = scope.entry(number)
    kind = entry["rtekind"]
    if kind == SUBQUERY:
        return has_row(child(scope, number, whoever=True))
    if kind == RELATION:
        relation = scope.prover.catalog.relation(entry["relid"])
        return (
            relation.kind == "v" and not scope.stale and has_row(child(scope, number, whoever=True))
        )
    if kind == FUNCTION:
        return not all(part["funcexpr"].get("funcretset") for part in entry["functions"])
    if kind == CTE:
        found = find_cte(scope, entry)
        if found is None or found[1]["cterecursive"]:
            return False
        return has_row(cte_scope(*found))
    return kind in {VALUES, RESULT}
