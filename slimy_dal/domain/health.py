"""Whether the database answers, is the one the queries were made for, and has every migration (SPEC L7)."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from slimy_dal.engine.errors import SchemaMismatch
from slimy_dal.engine.pool import Pool
from slimy_dal.queries import USES
from slimy_dal.queries import health as queries
from slimy_dal.queries.health import ListColumnsRow, PingRow

__all__ = ["Drift", "Health", "PingRow"]

Columns = Mapping[tuple[str, str, str], ListColumnsRow]


class Drift(msgspec.Struct, frozen=True):
    """A column that is not what a query was proven against."""

    query: str
    column: str
    problem: str

    def __str__(self) -> str:
        return f"{self.query}: {self.column} {self.problem}"


class Health:
    """Questions about the database itself."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ping(self) -> PingRow:
        """Return the server's version and whether it is a replica. Raises Unavailable, Timeout."""
        return await queries.ping(self._pool)

    async def migrations(self) -> list[str] | None:
        """Return the ids of the applied migrations; None where nothing recorded any, as after plain psql."""
        try:
            return await queries.list_migrations(self._pool)
        except SchemaMismatch:
            return None

    async def drift(self) -> list[Drift]:
        """Compare what the queries use with what the database has, in one catalogue query.

        A missing column, another type, and a NOT NULL that is gone are drift: the typed code would lie. A column the
        queries do not know is none.
        """
        uses = [(query, use) for query, found in USES.items() for use in found]
        rows = await queries.list_columns(
            self._pool,
            schema_names=sorted({use.schema for _, use in uses}),
            table_names=sorted({use.table for _, use in uses}),
        )
        have = {(row.schema_name, row.table_name, row.column_name): row for row in rows}
        return list(_differences(uses, have))


def _differences(uses: Iterable[tuple[str, Any]], have: Columns) -> Iterable[Drift]:
    for query, use in uses:
        column = f"{use.schema}.{use.table}.{use.column}"
        row = have.get((use.schema, use.table, use.column))
        if row is None:
            yield Drift(query, column, "does not exist")
        elif row.type_name != use.type:
            yield Drift(query, column, f"is {row.type_name}, not {use.type}")
        elif use.notnull and not row.is_not_null:
            yield Drift(query, column, "may be null now")
