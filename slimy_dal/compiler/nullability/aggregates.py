"""Aggregates and window functions: NULL where no row with a value was there to look at."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace

from slimy_dal.compiler import builtins
from slimy_dal.compiler.catalog.snapshot import Function
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.rows import from_has_row
from slimy_dal.compiler.scope import Frame
from slimy_dal.compiler.verdict import Verdict, any_of, maybe, never

__all__ = ["RULES"]

HYPOTHETICAL = "h"
START_OFFSET_FOLLOWING = 0x2000
END_OFFSET_PRECEDING = 0x1000
EXCLUDES_CURRENT = 0x8000 | 0x10000
INTERVAL = 16
"""Bytes: microseconds, days, months."""
WITH_DEFAULT = 3


def aggregate(node: Node, frame: Frame) -> Verdict:
    """Answer for an aggregate over the rows of a group."""
    called = frame.prover.catalog.functions.get(node["aggfnoid"])
    offset = frame.prover.offset(node, frame.scope)
    if called is None or not called.builtin:
        return maybe("an aggregate that is not PostgreSQL's own may return NULL", offset)
    if called.name in builtins.COUNTING or node["aggkind"] == HYPOTHETICAL:
        return never(f"{called.name}() is a number for any rows", offset)
    if node["agglevelsup"]:
        return maybe("an aggregate over the rows of an outer query", offset)
    scope = frame.scope
    has_rows = scope.grouping.has_rows or (not scope.query["groupingSets"] and from_has_row(scope))
    if not has_rows:
        return maybe(f"{called.name}() of no rows is NULL", offset)
    if node["aggfilter"] is not None:
        return maybe(f"{called.name}() is NULL where FILTER leaves no rows", offset)
    args = [entry["expr"] for entry in node["args"] or () if not entry["resjunk"]]
    direct = list(node["aggdirectargs"] or ())
    return _over_rows(called, args, direct, replace(frame, grouped=False), offset)


def _over_rows(
    called: Function,
    args: Sequence[Node],
    direct: Sequence[Node],
    frame: Frame,
    offset: int | None,
) -> Verdict:
    """Answer for an aggregate that sees at least one row."""
    if called.name in builtins.KEEPING_NULLS:
        return never(f"{called.name}() of at least one row", offset)
    if called.name not in builtins.FOLLOWING:
        return maybe(f"{called.name}() may be NULL for known values", offset)
    # The delimiter of string_agg may be NULL; the other aggregates skip a row with any NULL.
    values = args[:1] if called.name == "string_agg" else args
    for value in (*values, *direct):
        verdict = frame.prover.expression(value, frame)
        if verdict.nullable:
            return verdict.because(f"{called.name}() sees values that may all be NULL", offset)
    return never(f"{called.name}() of at least one known value", offset)


def window(node: Node, frame: Frame) -> Verdict:  # noqa: PLR0911 -- one return per family
    """Answer for a window function, or an aggregate over a window's frame."""
    called = frame.prover.catalog.functions.get(node["winfnoid"])
    offset = frame.prover.offset(node, frame.scope)
    if called is None or not called.builtin:
        return maybe("a window function that is not PostgreSQL's own may return NULL", offset)
    name, args = called.name, node["args"] or []
    if name in builtins.RANKING or name in builtins.COUNTING:
        return never(f"{name}() is a number for any row", offset)
    if name == "ntile" or (name in {"lag", "lead"} and len(args) == WITH_DEFAULT):
        return _follow(name, args, frame, offset)
    if name in {"lag", "lead"}:
        return maybe(f"{name}() at the edge of the partition is NULL", offset)
    if not _holds_current_row(frame, node["winref"]):
        return maybe("the window's frame may hold no row", offset)
    if name in {"first_value", "last_value"}:
        return _follow(name, args, frame, offset)
    if node["aggfilter"] is not None:
        return maybe(f"{name}() is NULL where FILTER leaves no rows", offset)
    return _over_rows(called, args, (), frame, offset)


def _follow(name: str, args: Sequence[Node], frame: Frame, offset: int | None) -> Verdict:
    verdicts = (frame.prover.expression(arg, frame) for arg in args)
    return any_of(verdicts, never(f"{name}() of known values", offset))


def _holds_current_row(frame: Frame, number: int) -> bool:
    """Say whether each row is in its own frame."""
    for clause in frame.scope.query["windowClause"] or ():
        if clause["winref"] == number:
            options = clause["frameOptions"]
            if options & (START_OFFSET_FOLLOWING | END_OFFSET_PRECEDING | EXCLUDES_CURRENT):
                return False
            return all(_keeps_side(clause, edge, frame) for edge in ("start", "end"))
    return False


def _keeps_side(clause: Node, edge: str, frame: Frame) -> bool:
    """Say whether RANGE cannot cross the row's own value, as `'1 month -30 days'` does."""
    number, offset = clause[f"{edge}InRangeFunc"], clause[f"{edge}Offset"]
    called = frame.prover.catalog.functions.get(number)
    if not number:
        return True
    if called is None or not called.builtin:
        return False
    if not called.source.endswith("_interval"):
        return True
    if offset.kind != "CONST" or offset["constisnull"] or len(offset["constvalue"]) != INTERVAL:
        return False
    return all(part >= 0 for part in struct.unpack("<qii", offset["constvalue"]))


RULES: dict[str, Callable[[Node, Frame], Verdict]] = {"AGGREF": aggregate, "WINDOWFUNC": window}
