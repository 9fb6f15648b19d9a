"""Looks at the schema that a migration will leave, so that rows can be made up that it does not refuse."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from slimy_dal.schema.trace import tables
from slimy_dal.schema.trace.copies import connected
from slimy_dal.schema.trace.fitting import Unfillable, fit
from slimy_dal.schema.trace.rows import RowMaker, row_maker
from slimy_dal.schema.trace.tables import Ground
from slimy_dal.schema.trace.watch import Connection

__all__ = ["Ahead", "looking"]


class Ahead:
    """A copy of a database as it will be, where nothing is stored: its tables have the OIDs that they have now."""

    def __init__(self, ground: Ground, connection: Connection) -> None:
        self.ground = ground
        self._connection = connection

    def teach(self, made: RowMaker, rows: int, parents: Mapping[int, list[dict[int, str]]]) -> None:
        """Let what makes a table's rows make what the table will accept then, as far as that can be found."""
        table = self.ground.schema.tables.get(made.table.oid)
        if table is None:
            return
        there = row_maker(self.ground, table, rows, parents)
        with suppress(Unfillable):
            fit(self._connection, there)
            made.follow(there)


@contextmanager
def looking(dsn: str | None) -> Iterator[Ahead | None]:
    """Open the copy for the time of a `with` block; None where there is none."""
    if dsn is None:
        yield None
        return
    with connected(dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        yield Ahead(tables.read(dsn), connection)
