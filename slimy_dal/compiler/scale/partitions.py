"""Splits the rows of partitioned tables over their partitions, and reads which values a partition holds."""

import re
from dataclasses import dataclass

from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.compiler.scale.schema import Schema, Table

__all__ = ["Bound", "bounds", "rows_of_tables"]

RANGE = re.compile(r"FOR VALUES FROM \((?P<low>.*)\) TO \((?P<high>.*)\)", re.DOTALL)
LIST = re.compile(r"FOR VALUES IN \((?P<values>.*)\)", re.DOTALL)
DATUM = re.compile(r"\s*(?P<text>'(?:[^']|'')*'|[^,\s][^,]*)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a partition says of its first key column: a range without its upper end, or a list."""

    column: str
    low: str | None = None
    high: str | None = None
    listed: tuple[str, ...] = ()


def rows_of_tables(schema: Schema, scale: Scale) -> dict[int, int]:
    """Return the rows of every table and partition by OID; a partitioned table has those of its partitions.

    A partition that the model names has what it says; the others share the rest evenly. A default partition is
    empty: that its rows lie elsewhere is what partitions are for.
    """
    rows: dict[int, int] = {}
    for table in schema.tables.values():
        if table.parent not in schema.tables:
            _split(schema, scale, table, scale.planned(table.key), rows)
    return rows


def _split(schema: Schema, scale: Scale, table: Table, total: int, rows: dict[int, int]) -> None:
    rows[table.oid] = total
    if not table.partitioned:
        return
    children = schema.children(table)
    told = {child.oid: scale.planned(child.key) for child in children if _is_told(scale, child)}
    rest = [child for child in children if child.oid not in told and child.bound != "DEFAULT"]
    left = max(0, total - sum(told.values()))
    shares = {child.oid: left // len(rest) + (n < left % len(rest)) for n, child in enumerate(rest)}
    for child in children:
        _split(schema, scale, child, {**shares, **told}.get(child.oid, 0), rows)
    rows[table.oid] = sum(rows[child.oid] for child in children)


def _is_told(scale: Scale, table: Table) -> bool:
    known = scale.tables.get(table.key)
    return known is not None and known.rows is not None


def bounds(schema: Schema, table: Table) -> list[Bound]:
    """Return what a partition, and those above it, say of their key columns."""
    found = _around(schema, table) if table.partitioned else []
    while table.parent in schema.tables:
        above = schema.tables[table.parent]
        bound = _bound(above, table.bound or "")
        if bound is not None:
            found.append(bound)
        table = above
    return found


def _around(schema: Schema, table: Table) -> list[Bound]:
    """Return what the partitions of a table hold together."""
    parts = [_bound(table, child.bound or "") for child in schema.children(table)]
    known = [part for part in parts if part is not None]
    if not known or any(part.listed for part in known):
        listed = tuple(value for part in known for value in part.listed)
        return [Bound(known[0].column, listed=listed)] if listed else []
    lows = sorted((part.low for part in known if part.low is not None), key=_order)
    highs = sorted((part.high for part in known if part.high is not None), key=_order)
    low = lows[0] if len(lows) == len(known) else None
    high = highs[-1] if len(highs) == len(known) else None
    return [Bound(known[0].column, low, high)]


def _order(text: str) -> tuple[float, str]:
    """Sort numbers as numbers, and moments, which are written largest part first, as text."""
    try:
        return float(text), ""
    except ValueError:
        return 0.0, text


def _bound(parent: Table, text: str) -> Bound | None:
    number = parent.partition_columns[0] if parent.partition_columns else 0
    if number not in parent.columns:
        return None  # an expression: its column's values lie anywhere
    name = parent.columns[number].name
    if found := RANGE.fullmatch(text):
        low, high = _data(found["low"])[0], _data(found["high"])[0]
        return Bound(name, low, high)
    if found := LIST.fullmatch(text):
        return Bound(name, listed=tuple(one for one in _data(found["values"]) if one is not None))
    return None


def _data(text: str) -> list[str | None]:
    """Return the values of a bound; None for an open end and for NULL."""
    found = []
    for match in DATUM.finditer(text):
        word = match["text"].strip()
        if word.startswith("'"):
            found.append(word[1:-1].replace("''", "'"))
        else:
            found.append(None if word in {"MINVALUE", "MAXVALUE", "NULL"} else word)
    return found or [None]
