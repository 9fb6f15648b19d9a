"""Bounds that are passed in: `= ANY(array)`, `IN (subquery)` and functions that list an array's elements."""

from typing import TYPE_CHECKING, Any

from slimy_dal.compiler.cardinality.count import Count, Factor, one, unknown
from slimy_dal.compiler.cardinality.values import ARRAY_LINK, EXTERN, Equality, Values
from slimy_dal.compiler.constants import array_length
from slimy_dal.compiler.facts import ANY
from slimy_dal.compiler.nodetree import Node, walk
from slimy_dal.compiler.scope import Scope
from slimy_dal.compiler.verdict import Link

if TYPE_CHECKING:
    from slimy_dal.compiler.cardinality.from_list import Rows

__all__ = ["array_equality", "listing", "members", "parameters_in"]

LISTING = frozenset(
    (
        *("array_unnest", "json_array_elements", "json_array_elements_text", "json_to_recordset"),
        *("jsonb_array_elements", "jsonb_array_elements_text", "jsonb_to_recordset"),
        *("regexp_split_to_table", "regexp_split_to_table_no_flags"),
        *("text_to_table", "text_to_table_null"),
    )
)
"""Functions of PostgreSQL's own, by their C names, that give one row per element of what is passed."""


def parameters_in(value: Any) -> tuple[int, ...]:
    """Return the numbers of the parameters in a part of a statement."""
    numbers = (
        node["paramid"]
        for node in walk(value)
        if node.kind == "PARAM" and node["paramkind"] == EXTERN
    )
    return tuple(dict.fromkeys(numbers))


def members(values: Values, condition: Node) -> Equality | None:
    """Return `x = ANY (ARRAY[y])` as the equality that it is."""
    if condition.kind != "SCALARARRAYOPEXPR" or not condition["useOr"]:
        return None
    array = _plain(condition["args"][1])
    if array.kind != "ARRAYEXPR" or array["multidims"] or len(array["elements"] or ()) != 1:
        return None
    return _equality(values, condition, array["elements"][0], constant=False)


def _equality(values: Values, node: Node, right: Node, *, constant: bool) -> Equality | None:
    as_operator = Node("OPEXPR")
    as_operator.fields = {**node.fields, "args": [node["args"][0], right]}
    found = values.equality(as_operator)
    if found is None:
        return None
    return Equality(found.left, found.right, found.families, found.collation, constant)


def array_equality(
    rows: "Rows", scope: Scope, values: Values, condition: Node
) -> tuple[tuple[Equality, ...], Count] | None:
    """Return what a condition equates with one of a bounded number of values, and their number."""
    if condition.kind == "SCALARARRAYOPEXPR" and condition["useOr"]:
        array = _plain(condition["args"][1])
        count = _elements(rows, scope, values, array)
        found = _equality(values, condition, array, constant=True) if count else None
        return None if found is None or count is None else ((found,), count)
    if condition.kind == "SUBLINK" and condition["subLinkType"] == ANY:
        return _membership(rows, scope, values, condition)
    return None


def _elements(rows: "Rows", scope: Scope, values: Values, array: Node) -> Count | None:
    """Count the elements of an array that is passed, written out, or collected from bounded rows."""
    if array.kind == "SUBLINK" and array["subLinkType"] == ARRAY_LINK:
        if not values.is_closed(array["subselect"]):
            return None
        inner = Scope(scope.prover, array["subselect"], scope, origin=scope.origin)
        count = rows.rows(inner, {}, bounded=True)
        return count.because("an array of rows") if count.factors is not None else None
    if not _is_passed(values, array):
        return None
    numbers = parameters_in(array)
    size = None if numbers else _length(array)
    text = f"an array of {size}" if size is not None else "the length of an array"
    link = Link(text, scope.prover.offset(array, scope))
    return Count((Factor("array", size, numbers, link),), (link,))


def _length(array: Node) -> int | None:
    if array.kind == "CONST" and array["constlen"] == -1 and not array["constisnull"]:
        return array_length(array["constvalue"]) or None
    is_flat = array.kind == "ARRAYEXPR" and not array["multidims"]
    return len(array["elements"] or ()) if is_flat else None


def _is_passed(values: Values, node: Node) -> bool:
    """Say whether a value is made of parameters and constants alone."""
    return values.is_constant(node) and not any(
        part.kind in {"VAR", "SUBLINK", "QUERY"} for part in walk(node)
    )


def _membership(
    rows: "Rows", scope: Scope, values: Values, condition: Node
) -> tuple[tuple[Equality, ...], Count] | None:
    """`x IN (SELECT …)`: the subquery may be run for each row, so locks must not change what it gives."""
    query = condition["subselect"]
    if not values.is_closed(query) or any(
        node.kind == "QUERY" and node["rowMarks"] for node in walk(query)
    ):
        return None
    tests = condition["testexpr"]
    tests = tests["args"] if tests.kind == "BOOLEXPR" and tests["boolop"] == "and" else [tests]
    found = [values.equality(test) for test in tests]
    inner = Scope(scope.prover, query, scope, origin=scope.origin)
    count = rows.rows(inner, {}, bounded=True)
    if count.factors is None or not found or any(one is None for one in found):
        return None
    equalities = tuple(
        Equality(one.left, one.right, one.families, one.collation, constant=True)
        for one in found
        if one is not None and _is_subquery_value(one.right)
    )
    return (equalities, count.because("IN (subquery)")) if equalities else None


def _is_subquery_value(node: Node) -> bool:
    return _plain(node).kind == "PARAM" and _plain(node)["paramkind"] != EXTERN


def _plain(node: Node) -> Node:
    while node.kind in {"RELABELTYPE", "ARRAYCOERCEEXPR", "COLLATEEXPR"}:
        node = node["arg"]
    return node


def listing(scope: Scope, values: Values, entry: Node, name: str) -> Count:
    """Count the rows of functions in FROM."""
    calls = [part["funcexpr"] for part in entry["functions"]]
    sets = [call for call in calls if call.get("funcretset")]
    if not sets:
        return one(f"{name}: one row of a function")
    if not all(_is_listing(scope, values, call) for call in sets):
        return unknown(f"the function {name} may return any number of rows")
    link = Link(f"{name}: one row per element of what is passed")
    return Count((Factor("array", None, parameters_in(sets), link),), (link,))


def _is_listing(scope: Scope, values: Values, call: Node) -> bool:
    function = scope.prover.catalog.function_of(call)
    return (
        function is not None
        and function.builtin
        and function.source in LISTING
        and all(_is_passed(values, arg) for arg in call["args"] or ())
        and bool(parameters_in(call))
    )
