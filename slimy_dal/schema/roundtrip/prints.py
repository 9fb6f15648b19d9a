"""Takes the fingerprint of every table's rows, so that two states of the data can be compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from slimy_dal.schema.catalog.things import Snapshot

__all__ = ["Print", "losses", "take"]


@dataclass(frozen=True, slots=True)
class Print:
    """How many rows a table has, and a hash over each column's values, in whatever order; None when all are NULL."""

    rows: int
    columns: dict[str, str | None]


def take(connection: psycopg.Connection[Any], schema: Snapshot) -> dict[str, Print]:
    """Return the prints of all tables; a partitioned one's are those of its partitions together."""
    columns: dict[str, list[str]] = {
        table.name: []
        for table in schema.of("tables")
        if table.facts["partition_of"] is None and table.facts["what"] != "foreign table"
    }
    for column in schema.of("columns"):
        if column.parent in columns:
            columns[column.parent].append(column.name.removeprefix(f"{column.parent}."))
    if not columns:
        return {}
    statement = " UNION ALL ".join(_select(table, names) for table, names in columns.items())
    found = connection.execute(statement.encode()).fetchall()
    return {
        table: Print(rows, dict(zip(columns[table], hashes, strict=True)))
        for table, rows, hashes in found
    }


def _select(table: str, columns: list[str]) -> str:
    quoted = table.replace("'", "''")
    hashes = ", ".join(f"sum(hashtextextended({name}::text, 0))::text" for name in columns)
    return f"SELECT '{quoted}', count(*), ARRAY[{hashes}]::text[] FROM {table}"  # noqa: S608 -- names as the server quotes them


def losses(before: dict[str, Print], after: dict[str, Print]) -> Iterator[str]:
    """Yield in words what rows and values are not what they were."""
    for table, was in before.items():
        now = after.get(table)
        if not was.rows:
            continue
        if now is None or now.rows < was.rows:
            gone = was.rows - (now.rows if now else 0)
            yield f"{table} loses {gone} of {was.rows} rows"
            continue
        if now.rows > was.rows:
            yield f"{table} has {now.rows} rows instead of {was.rows}"
            continue
        for column, values in was.columns.items():
            if values is not None and now.columns.get(column) is None:
                yield f"{table}.{column} loses its values"
            elif values != now.columns.get(column):
                yield f"{table}.{column} has other values"
