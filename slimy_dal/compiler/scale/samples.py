"""Gives values to plan with, out of the very statistics that the planner has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slimy_dal.compiler.description import Origin, PgType
from slimy_dal.compiler.scale.statistics import array
from slimy_dal.compiler.scale.values import of_type, plain

__all__ = ["Known", "Which", "known", "sample"]

Which = Literal["common", "rare", "first", "late", "last"]
PLACES: Mapping[Which, float] = {
    "common": 0.5,
    "rare": 0.45,
    "first": 0.0,
    "late": 0.99,
    "last": 1.0,
}
LITERALS = {
    "jsonb": "{}",
    "json": "{}",
    "jsonpath": "$",
    "xml": "<a/>",
    "tsvector": "a",
    "tsquery": "a",
    "point": "(0,0)",
    "box": "(1,1),(0,0)",
    "circle": "<(0,0),1>",
    "line": "{1,1,0}",
    "lseg": "[(0,0),(1,1)]",
    "path": "[(0,0),(1,1)]",
    "polygon": "((0,0),(1,1),(1,0))",
    "bit": "0",
    "macaddr8": "08:00:2b:01:02:03:04:05",
    "pg_lsn": "0/0",
    "regclass": "pg_catalog.pg_class",
    "regtype": "text",
    '"char"': "a",
    "name": "a",
    "xid": "1",
    "cid": "1",
    "tid": "(0,1)",
}
"""A literal for types whose values have no order, or none worth a choice."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the statistics hold of a column: common values, most frequent first, and four of the others.

    Behind `late` lies a hundredth of them.
    """

    common: tuple[str, ...] = ()
    first: str | None = None
    middle: str | None = None
    late: str | None = None
    last: str | None = None
    elements: tuple[str, ...] = ()


def known(rows: list[Any]) -> dict[Origin, Known]:
    """Take in rows of the catalogue query `scale_samples`.

    A partition is known by what its whole table holds, where that was analysed: a plan shows what parameters are
    compared with in one partition, and a period must not be of its month alone.
    """
    own = {_origin(row): _known(row) for row in rows}
    roots = {
        _origin(row): Origin(row["root_schema"], row["root_name"], row["column_name"])
        for row in rows
    }
    return {origin: own.get(roots[origin], found) for origin, found in own.items()}


def _origin(row: Any) -> Origin:
    return Origin(row["schema_name"], row["table_name"], row["column_name"])


def _known(row: Any) -> Known:
    return Known(
        tuple(row["common"] or ()),
        row["first_value"],
        row["middle_value"],
        row["late_value"],
        row["last_value"],
        _by_frequency(row["elements"] or (), row["element_shares"] or ()),
    )


def _by_frequency(values: Sequence[str], shares: Sequence[float]) -> tuple[str, ...]:
    """Sort elements, which the planner keeps in their own order; behind their frequencies stand other numbers."""
    return tuple(value for _, value in sorted(zip(shares, values, strict=False), reverse=True))


def sample(found: Known | None, kind: PgType, which: Which, entries: int) -> str:
    """Return the text of a literal of a type, for a column of which `found` is known.

    An array has `entries` entries where it is compared with a column of single values.
    """
    kind = plain(kind)
    if kind.kind != "array" or kind.element is None:
        # One value beside a column of many, as in `:role = ANY(roles)`, is one of its elements.
        if found is not None and found.elements:
            return found.elements[0 if which in {"common", "first"} else -1]
        return _one(found, kind, which)
    if found is not None and found.elements:
        return array([found.elements[0] if which in {"common", "first"} else found.elements[-1]])
    if kind.element.kind == "array":
        return "{}"
    return array(_several(found, kind.element, which, entries))


def _several(found: Known | None, kind: PgType, which: Which, entries: int) -> list[str]:
    """Return different values, beginning with the one that is asked for."""
    values = of_type(kind, count=10**9)
    first = _one(found, kind, which)
    if values is None:
        return [first]
    if found is not None:
        values = values.within(found.first, found.last)
    known = found.common if found is not None else ()
    listed = known if which == "common" else ()
    others = [one for one in values.scattered(entries + len(known) + 1) if one not in known]
    return list(dict.fromkeys([first, *listed, *others]))[:entries]


def _one(found: Known | None, kind: PgType, which: Which) -> str:
    if found is not None and (value := _of_statistics(found, which)) is not None:
        return value
    kind = plain(kind)
    values = of_type(kind, count=10**6)
    if values is not None:
        return values.at(PLACES[which])
    if kind.kind == "composite":
        return "(" + "," * (len(kind.fields) - 1) + ")"
    if kind.kind == "range":
        return "empty"
    if kind.kind in {"multirange", "array"}:
        return "{}"
    return LITERALS.get(kind.name, "")


def _of_statistics(found: Known, which: Which) -> str | None:
    """Return a value out of the statistics: rare is one outside the common ones, or the least common of all."""
    common = found.common
    if which == "common":
        return common[0] if common else found.middle
    if which == "rare":
        return found.middle if found.middle is not None else (common[-1] if common else None)
    end = {"first": found.first, "late": found.late}.get(which, found.last)
    if end is None and common:
        return min(common) if which == "first" else max(common)
    return end
