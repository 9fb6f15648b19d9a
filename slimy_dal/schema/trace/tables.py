"""Reads what must be known of tables before rows can be made up for them: keys, references, what is computed."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.scale import schema as scale
from slimy_dal.compiler.scale.schema import Schema, Table
from slimy_dal.engine import driver

__all__ = ["Ground", "Reference", "read"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: columns of a table, by number, and those of another one that they point at."""

    columns: tuple[int, ...]
    target: int
    target_columns: tuple[int, ...]


@dataclass(slots=True)
class Ground:
    """The tables of a database with their foreign keys, and the columns that cannot be written to."""

    schema: Schema
    references: dict[int, list[Reference]] = field(default_factory=dict)
    computed: set[tuple[int, int]] = field(default_factory=set)

    def root(self, oid: int) -> Table | None:
        """Return the table that a table's rows are written through, None for what is no table."""
        table = self.schema.tables.get(oid)
        if table is None or table.kind == "m":
            return None
        return self.schema.root(table)

    def with_parents(self, oids: Iterable[int]) -> list[Table]:
        """Return tables and all that they refer to, each after those that it refers to, but for circles."""
        found: dict[int, Table] = {}
        open_: set[int] = set()

        def visit(oid: int) -> None:
            table = self.root(oid)
            if table is None or table.oid in found or table.oid in open_:
                return
            open_.add(table.oid)
            for reference in self.references.get(table.oid, ()):
                visit(reference.target)
            found[table.oid] = table

        for oid in oids:
            visit(oid)
        return list(found.values())

    def keys(self, table: Table) -> list[tuple[int, ...]]:
        """Return the columns of each unique index; of one on expressions those that it mentions."""
        return [
            tuple(number for number in index.columns[: index.key_count] if number)
            or index.mentioned
            for index in table.indexes
            if index.unique
        ]


def read(dsn: str) -> Ground:
    """Read the tables of a database."""
    return asyncio.run(_read(dsn))


async def _read(dsn: str) -> Ground:
    async with await driver.connect(dsn) as connection:
        ground = Ground(await scale.read(connection))
        oids = list(ground.schema.tables)
        for row in await connection.fetch(catalog_query("scale_constraints"), oids):
            if row["kind"] == "f":
                reference = Reference(
                    tuple(row["columns"]), row["target"], tuple(row["target_columns"])
                )
                ground.references.setdefault(row["relation"], []).append(reference)
        computed = await connection.fetch(
            "SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute AS a WHERE a.attgenerated != ''"
        )
        ground.computed = {(row["attrelid"], row["attnum"]) for row in computed}
        return ground
