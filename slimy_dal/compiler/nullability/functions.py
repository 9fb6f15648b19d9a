"""Calls of functions and operators, and functions in FROM."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from slimy_dal.compiler import builtins
from slimy_dal.compiler.catalog.snapshot import Function
from slimy_dal.compiler.constants import has_no_nulls, text_value
from slimy_dal.compiler.expression_types import result_type
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.scope import GROUP, Frame
from slimy_dal.compiler.verdict import Verdict, all_of, any_of, maybe, never

__all__ = ["RULES", "call", "function_column", "known_elements"]

VOID = 2278
SAME_ELEMENTS = ("RELABELTYPE", "COLLATEEXPR", "ARRAYCOERCEEXPR")
ARRAY_LINK = 6


def function(node: Node, frame: Frame) -> Verdict:
    """Answer for a call of a function or operator."""
    if node.get("funcretset") or node.get("opretset"):
        return _set_in_targets(node, frame)
    return call(node, node["args"] or (), frame)


def call(node: Node, args: Sequence[Node], frame: Frame) -> Verdict:
    """Answer for a function with these arguments."""
    called = frame.prover.catalog.function_of(node)
    offset = frame.prover.offset(node, frame.scope)
    if called is None:
        return maybe("an unknown function", offset)
    if node.get("funcresulttype") == VOID:
        return maybe(f"{called.name}() returns nothing", offset)
    if not called.builtin:
        return maybe(f"{called.name}() is not PostgreSQL's own and may return NULL", offset)
    verdicts = [frame.prover.expression(arg, frame) for arg in args]
    if not called.strict:
        return _lenient(called, node, verdicts, offset)
    unknown = next((verdict for verdict in verdicts if verdict.nullable), None)
    if unknown is not None:
        return unknown.because(f"{called.name}() of NULL is NULL", offset)
    problem = _own_null(called, args, frame)
    return maybe(problem, offset) if problem else never(f"{called.name}() of known values", offset)


def _own_null(  # noqa: PLR0911 -- one return per family of functions
    called: Function, args: Sequence[Node], frame: Frame
) -> str | None:
    """Return why a strict function may be NULL of known arguments."""
    if called.name in builtins.TIME_PARTS:
        part = text_value(args[0])
        if called.source in {"extract_time", "extract_timetz", "time_part", "timetz_part"}:
            return None
        if part is not None and part.lower() in builtins.INFINITE_FIELDS:
            return None
        return (
            None if _is_finite(args[1], frame) else f"{called.name}() of an infinite time is NULL"
        )
    if called.source in builtins.NEEDS_FORMAT or called.source == "numeric_to_number":
        if not text_value(args[1]):
            return f"{called.name}() with an empty format is NULL"
        if called.source == "numeric_to_number" or _is_finite(args[0], frame):
            return None
        return f"{called.name}() of an infinite time is NULL"
    if called.source in {"timestamp_time", "timestamptz_time", "timestamptz_timetz"}:
        return None if _is_finite(args[0], frame) else "the time of an infinite timestamp is NULL"
    if called.may_be_null:
        return f"{called.name}() may be NULL for known values"
    return None


def _is_finite(node: Node, frame: Frame) -> bool:
    """Say whether a time is certainly not infinite: one that the clock gives."""
    while node.kind in {"RELABELTYPE", "COLLATEEXPR"}:
        node = node["arg"]
    if node.kind == "SQLVALUEFUNCTION":
        return True
    called = frame.prover.catalog.function_of(node) if node.kind == "FUNCEXPR" else None
    if called is None or not called.builtin:
        return False
    if called.name in builtins.FINITE_TIME:
        return True
    place = {"date_trunc": 1, "timezone": -1, "date": 0, "timestamp": 0, "timestamptz": 0}
    return called.name in place and _is_finite(node["args"][place[called.name]], frame)


def _lenient(called: Function, node: Node, verdicts: list[Verdict], offset: int | None) -> Verdict:
    """Answer for a function of PostgreSQL's own that is not strict."""
    if called.source in builtins.ANY_ARGUMENT:
        return all_of(verdicts)
    needed = builtins.ARGUMENTS.get(called.source)
    if needed is None:
        return maybe(f"{called.name}() may return NULL", offset)
    looked_at = verdicts[:needed]
    if node.get("funcvariadic") and called.source in builtins.NEEDS_VARIADIC:
        looked_at = [*looked_at, verdicts[-1]]
    return any_of(looked_at, never(f"{called.name}() always returns a value", offset))


# -- sets --------------------------------------------------------------------------------------


def _set_in_targets(node: Node, frame: Frame) -> Verdict:
    """Answer for a set in the select list: several run side by side, the shorter ends in NULLs."""
    offset = frame.prover.offset(node, frame.scope)
    query = frame.scope.query
    # Since 18 what GROUP BY names stands in the range table.
    grouped = [entry["groupexprs"] for entry in query["rtable"] or () if entry["rtekind"] == GROUP]
    if _count_sets([query["targetList"], grouped]) > 1:
        return maybe("another function in the select list may return more rows", offset)
    return _element(node, frame)


def _count_sets(entries: Sequence[Any]) -> int:
    found = 0
    stack: list[Any] = list(entries)
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, Node) and node.kind != "QUERY":
            found += bool(node.get("funcretset") or node.get("opretset"))
            stack.extend(node.fields.values())
    return found


def _element(node: Node, frame: Frame) -> Verdict:
    """Answer for the value in each row of a set-returning function with one column."""
    offset = frame.prover.offset(node, frame.scope)
    called = frame.prover.catalog.function_of(node)
    if called is None or not called.builtin:
        return maybe("a function that is not PostgreSQL's own may return NULL", offset)
    if called.source in builtins.EACH_ROW:
        return never(f"each row of {called.name}() holds a value", offset)
    if called.source == "array_unnest" and known_elements(node["args"][0], frame):
        return never("the array holds no NULL", offset)
    return maybe(f"a row of {called.name}() may hold NULL", offset)


def known_elements(node: Node, frame: Frame) -> bool:
    """Say whether an array certainly holds no NULL."""
    while node.kind in SAME_ELEMENTS:
        if node.kind == "ARRAYCOERCEEXPR" and not _is_plain(node.get("elemexpr")):
            return False
        node = node["arg"]
    if node.kind == "CONST":
        return has_no_nulls(node)
    if node.kind == "ARRAYEXPR":
        inner = node["elements"] or ()
        if node["multidims"]:
            return all(known_elements(element, frame) for element in inner)
        return not any(frame.prover.expression(element, frame).nullable for element in inner)
    called = frame.prover.catalog.function_of(node) if node.kind == "FUNCEXPR" else None
    return (
        called is not None
        and called.builtin
        and called.source
        in {
            "text_to_array",
            "regexp_split_to_array",
            "regexp_split_to_array_no_flags",
        }
    )


def _is_plain(expression: Node | None) -> bool:
    """Say whether the conversion of elements keeps what is known known."""
    return expression is None or expression.kind in {
        "RELABELTYPE",
        "CASETESTEXPR",
        "COERCEVIAIO",
    }


def function_column(  # noqa: PLR0911 -- one return per kind of function
    entry: Node, number: int, frame: Frame
) -> Verdict:
    """Answer for a column of a function in FROM."""
    called = entry["functions"]
    width = sum(part["funccolcount"] for part in called)
    if entry["funcordinality"] and number == width + 1:
        return never("WITH ORDINALITY numbers the rows")
    if len(called) != 1:
        return maybe("functions side by side: the shorter one ends in NULLs")
    inside = replace(frame, grouped=False)
    node, width = called[0]["funcexpr"], called[0]["funccolcount"]
    known = frame.prover.catalog.function_of(node) if node.kind == "FUNCEXPR" else None
    if known is not None and known.builtin and known.source in builtins.SET_COLUMNS:
        nullable = builtins.SET_COLUMNS[known.source]
        if 0 < number <= len(nullable) and not nullable[number - 1]:
            return never(f"each row of {known.name}() has it")
        return maybe(f"a row of {known.name}() may hold NULL")
    if width != 1 or number != 1:
        return maybe("a function in FROM may return rows that hold NULL")
    if not frame.prover.catalog.types.is_single(result_type(node)):
        return maybe("the field of a composite value may be NULL")
    if node.get("funcretset"):
        return _element(node, inside)
    return frame.prover.expression(node, inside)


RULES: dict[str, Callable[[Node, Frame], Verdict]] = {"FUNCEXPR": function, "OPEXPR": function}
