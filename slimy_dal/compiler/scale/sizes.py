"""Estimates how many pages tables and indexes fill, from rows and the widths of their values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slimy_dal.compiler.scale.schema import Column, Index, Table

__all__ = ["Width", "entries_per_page", "index_pages", "table_pages"]

PAGE = 8192
PAGE_HEADER = 24
POINTER = 4
ROW_HEADER = 23
INDEX_HEADER = 8
TOAST_ABOVE = 2000
"""Rows wider than this are kept below it by moving wide values out of the table."""
TOASTED = 18
ALIGNMENTS = {"c": 1, "s": 2, "i": 4, "d": 8}

FILL = {"btree": 90, "gist": 90, "spgist": 80, "hash": 75}
SPLIT = 70
LEFT_EDGE = 51
"""Per cent that leaves of a B-tree are full where values come in any order, and where each is the new first one.

A leaf splits in the middle, and what lies behind the left edge is not met again; only the right edge is packed.
"""
IN_ORDER = 0.9
"""Correlation from which on values come in their order."""

POSTING = 6
LISTED_POSTING = 3
"""Bytes of one row's address in a deduplicated B-tree entry, and in a compressed GIN list."""
ENTRY = 36
"""Bytes of an element in a GIN index."""
BRIN_RANGE = 128


@dataclass(frozen=True, slots=True)
class Width:
    """What sizes need of a column: mean bytes, part of nulls, different values, order, elements of a row."""

    bytes: float
    nulls: float
    distinct: float
    correlation: float
    elements: float = 0.0
    different_elements: float = 0.0


def _aligned(size: float, to: int) -> float:
    return math.ceil(size / to) * to


def _data_width(columns: Sequence[Column], widths: Mapping[int, Width]) -> float:
    """Return the bytes of a row's values: fixed ones aligned, short ones of varying length packed."""
    size = 0.0
    for column in columns:
        width = widths[column.number]
        if column.length > 0:
            size = _aligned(size, ALIGNMENTS.get(column.alignment, 4))
        elif width.bytes > 126:  # noqa: PLR2004 -- from here on a value has a long, aligned header
            size = _aligned(size, 4) + 3
        size += width.bytes * (1 - width.nulls)
    return size


def table_pages(table: Table, rows: float, widths: Mapping[int, Width]) -> int:
    """Return the pages of a table."""
    columns = [column for number, column in sorted(table.columns.items()) if not column.virtual]
    size = _data_width(columns, widths)
    if size > TOAST_ABOVE:
        wide = sum(widths[c.number].bytes for c in columns if widths[c.number].bytes > TOASTED * 4)
        size = min(TOAST_ABOVE, size - wide + TOASTED * len(columns))
    nullable = any(not column.notnull for column in columns)
    header = _aligned(ROW_HEADER + (math.ceil(len(columns) / 8) if nullable else 0), 8)
    room = (PAGE - PAGE_HEADER) * table.fill_factor / 100
    per_page = max(1, math.floor(room / (header + _aligned(size, 8) + POINTER)))
    return math.ceil(rows / per_page)


def index_pages(index: Index, rows: float, table: int, widths: Mapping[int, Width]) -> int:
    """Return the pages of an index over `rows` rows, of a table of `table` pages; widths by place in the index."""
    parts = [part for _, part in sorted(index.parts.items())]
    if index.method == "brin":
        summary = 2 * sum(widths[part.number].bytes for part in parts) + 16
        return 3 + math.ceil(table / BRIN_RANGE * summary / PAGE)
    if index.method == "gin":
        return _gin_pages(parts, rows, widths)
    if index.method == "hash":
        return 2 + math.ceil(rows * 20 * 100 / (index.fill_factor or FILL["hash"]) / PAGE)
    entry = _aligned(INDEX_HEADER + _data_width(parts, widths), 8) + POINTER
    full = index.fill_factor or FILL.get(index.method, 90)
    if index.method == "btree":
        order = widths[parts[0].number].correlation * (-1 if index.descending else 1)
        if order < IN_ORDER:
            full = min(full, LEFT_EDGE if order < -IN_ORDER else SPLIT)
        entry = min(entry, _deduplicated(index, entry, rows, widths))
    leaves = math.ceil(rows * entry * 100 / full / (PAGE - PAGE_HEADER - 16))
    above = math.ceil(leaves * (entry + 8) / PAGE) if leaves > 1 else 0
    return 1 + max(leaves, 1 if rows else 0) + above


def entries_per_page(index: Index, widths: Mapping[int, Width]) -> float:
    """Return how many pages an inner page of a B-tree points at."""
    keys = [part for number, part in sorted(index.parts.items()) if number <= index.key_count]
    entry = _aligned(INDEX_HEADER + _data_width(keys, widths), 8) + POINTER
    return (PAGE - PAGE_HEADER - 16) * SPLIT / 100 / entry


def _deduplicated(index: Index, entry: float, rows: float, widths: Mapping[int, Width]) -> float:
    """Return the bytes per row where equal values share an entry."""
    if index.unique or not rows:
        return entry
    different = 1.0
    for number in range(1, len(index.columns) + 1):
        different = min(rows, different * max(1.0, widths[number].distinct))
    return POSTING + entry * different / rows


def _gin_pages(parts: Sequence[Column], rows: float, widths: Mapping[int, Width]) -> int:
    size = 0.0
    for part in parts:
        width = widths[part.number]
        items = rows * max(1.0, width.elements or 1.0) * (1 - width.nulls)
        entries = min(items, max(width.different_elements, width.distinct))
        size += items * LISTED_POSTING + entries * ENTRY
    return 2 + math.ceil(size / PAGE * 100 / SPLIT)
