"""Takes a scale model from a live database: how many and how often, never which."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.scale import schema
from slimy_dal.compiler.scale.declared import Scale, TableKey
from slimy_dal.compiler.scale.schema import Column, Schema, Table
from slimy_dal.compiler.scale.server import is_bookkeeping
from slimy_dal.engine.driver import Connection

__all__ = ["take"]

DIGITS = 4
BARE = re.compile(r"[A-Za-z0-9_-]+")
"""What TOML takes for a key without quotes."""
MOST = 200
"""Frequencies are listed up to here; of elements ANALYZE keeps ten times as many as of whole values."""

HEAD = """\
# Taken from a live database (PostgreSQL {major}) with `slimy scale`: rows, and how often values are there.
# No value is in it but those that the schema itself lists: booleans, enums and CHECKs.
# Growth is not known to a database: add `growth = ROWS_A_MONTH` where a table grows.

page = {page}
array = {array}
big = {big}
months = {months}
"""


async def take(connection: Connection) -> str:
    """Return a scale model (TOML) of a database, from its statistics alone; no table is read.

    Works on PostgreSQL 15 to 18, as any account; of columns that it may not read nothing is known.
    """
    found = await schema.read(connection)
    listed = list(_listed(found))
    rows = await connection.fetch(
        catalog_query("scale_live"), [oid for oid, _ in listed], [number for _, number in listed]
    )
    usual = Scale()
    major, _ = connection.server_version()
    parts = [
        HEAD.format(
            major=major,
            page=usual.page,
            array=usual.array,
            big=usual.big,
            months=usual.months,
        )
    ]
    parts += [
        "\n".join(_table(found, table, rows))
        for table in found.tables.values()
        if table.parent not in found.tables and not is_bookkeeping(table.key)
    ]
    return "\n".join(parts)


def _listed(found: Schema) -> Iterator[tuple[int, int]]:
    """Return the columns whose values a CHECK lists."""
    for table in found.tables.values():
        for column in table.columns.values():
            if column.choices:
                yield table.oid, column.number


def _table(found: Schema, table: Table, rows: Sequence[Any]) -> Iterator[str]:
    leaves = {leaf.key for leaf in found.leaves(table)}
    sizes = {_key(row): row for row in rows if row["index_name"] is None and _key(row) in leaves}
    yield f"[tables.{json.dumps(str(table), ensure_ascii=False)}]"
    if all(row["row_count"] < 0 for row in sizes.values()):
        yield "# Never analysed: run ANALYZE, and take the model again."
        yield ""
        return
    yield f"rows = {round(sum(max(0.0, row['row_count']) for row in sizes.values()))}"
    pages = sum(row["pages"] for row in sizes.values())
    if pages:
        yield f"visible = {_number(sum(r['visible_pages'] for r in sizes.values()) / pages)}"
    mine = [row for row in rows if _key(row) == table.key and row["column_name"] is not None]
    yield from _columns(table, [row for row in mine if row["index_name"] is None])
    yield from _indexes([row for row in mine if row["index_name"] is not None])
    yield ""


def _key(row: Any) -> TableKey:
    return row["schema_name"], row["table_name"]


def _columns(table: Table, rows: Iterable[Any]) -> Iterator[str]:
    seen = set()
    for row in rows:
        name = row["column_name"]
        column = table.named(name)
        # A table that others inherit from has two: its own stand first.
        if column is not None and row["null_fraction"] is not None and name not in seen:
            seen.add(name)
            yield f"columns.{_quoted(name)} = {_spread(row, column)}"


def _indexes(rows: Iterable[Any]) -> Iterator[str]:
    """Say of every index what its first expression's values are like; of its plain columns nothing is kept."""
    seen = set()
    for row in rows:
        if row["null_fraction"] is not None and row["index_name"] not in seen:
            seen.add(row["index_name"])
            yield f"indexes.{_quoted(row['index_name'])} = {_spread(row, None)}"


def _spread(row: Any, column: Column | None) -> str:
    parts = []
    # PostgreSQL's own zero says that it does not know.
    if row["distinct_values"]:
        parts.append(f"distinct = {_number(row['distinct_values'])}")
    if column is None or not column.notnull:
        parts.append(f"nulls = {_number(row['null_fraction'])}")
    parts.append(f"width = {max(1, row['width'])}")
    if row["correlation"] is not None:
        parts.append(f"correlation = {_number(row['correlation'])}")
    if row["common_shares"]:
        parts.append(f"common = {_frequencies(row['common'], row['common_shares'])}")
    if row["element_shares"] and row["element_count"]:
        shares = row["element_shares"][: row["element_count"]]
        parts.append(f"elements = {_frequencies(row['elements'], shares)}")
    if row["length"] is not None:
        parts.append(f"length = {_number(row['length'])}")
    if row["future"]:
        parts.append(f"future = {_number(row['future'])}")
    return "{ " + ", ".join(parts) + " }"


def _frequencies(values: Sequence[str] | None, shares: Sequence[float]) -> str:
    known = [(share, n) for n, share in enumerate(shares) if share > 0]
    kept = sorted(known, key=lambda pair: -pair[0])
    if values is None:
        return "[" + ", ".join(_number(share) for share, _ in kept) + "]"
    return "{ " + ", ".join(f"{_quoted(values[n])} = {_number(share)}" for share, n in kept) + " }"


def _quoted(text: str) -> str:
    return text if BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    text = f"{value:.{DIGITS}g}"
    return str(round(value)) if "e+" in text or abs(value) >= 10**DIGITS else text
