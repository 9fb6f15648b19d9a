"""Makes an empty database look like production to its planner: statistics, sizes and files that are holes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.description import Origin, PgType
from slimy_dal.compiler.scale import agreement, samples, schema, server
from slimy_dal.compiler.scale.declared import Scale, TableKey
from slimy_dal.compiler.scale.placing import Placing
from slimy_dal.engine.driver import Connection

__all__ = ["Pretended", "pretend"]


@dataclass(frozen=True, slots=True)
class Pretended:
    """What the planner of a database now believes. `notes` say what of a statistics dump was left out."""

    row_counts: Mapping[TableKey, int]
    known: Mapping[Origin, samples.Known]
    array: int
    notes: tuple[str, ...] = ()

    def rows(self, schema: str, table: str) -> int:
        """Return the rows of a table: of a partition its own, of a partitioned table all. Raises KeyError."""
        return self.row_counts[schema, table]

    def sample(self, origin: Origin | None, type: PgType, which: samples.Which) -> str:
        """Return a literal's text, unquoted, good for EXECUTE; always the same one.

        `common` is the most common value of the column, `rare` one outside of the common ones, `first` and `last`
        are near the ends of its order. Without a column it is some value of the type.
        """
        found = self.known.get(origin) if origin is not None else None
        return samples.sample(found, type, which, self.array)


async def pretend(
    connection: Connection, data: Path, scale: Scale, *, seeds: bool = False
) -> Pretended:
    """Let the planner of the migrated, empty, embedded PostgreSQL 18 with this data directory see production.

    Every session that connects from then on sees the same, with the model's planner settings. The rows of migration
    tools may stay; with `seeds` so may a few that a schema brings along. Nothing but planning works afterwards.
    Raises ScaleError where the server is no throw-away one, where there are rows, or the model does not fit.
    """
    checksums = await server.check(connection, data)
    await server.prepare(connection, scale)
    found = await schema.read(connection)
    server.refuse_rows(found, seeds=seeds)
    await agreement.check(connection, found, scale)
    work = Placing(connection, data, scale, found)
    await work.place(checksums=checksums)
    known = samples.known(await connection.fetch(catalog_query("scale_samples")))
    counts = {table.key: work.rows[table.oid] for table in found.tables.values()}
    return Pretended(counts, known, scale.array, tuple(work.notes))
