"""Reads what the rules must know of tables, indexes and foreign keys: sizes, definitions, families."""

from dataclasses import dataclass
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.engine.driver import Connection

__all__ = ["ForeignKey", "Index", "Name", "Relations", "Table", "read"]

Name = tuple[str, str]
"""Schema and name."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, a partitioned table or a partition; `root` is itself for one that is no partition."""

    key: Name
    kind: str
    rows: float
    pages: int
    root: Name
    partition_key: str | None
    columns: tuple[str, ...]
    file: str | None

    def __str__(self) -> str:
        return ".".join(self.key)


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `root` and `table` are those of the partitioned table for an index of a partition.

    `entries` is below 0 where nobody has counted them.
    """

    key: Name
    table: Name
    own_table: Name
    root: Name
    method: str
    unique: bool
    valid: bool
    definition: str
    predicate: str | None
    keys: tuple[str, ...]
    order: tuple[tuple[int, int, int], ...]
    included: tuple[str, ...]
    pages: int
    entries: float
    comment: str | None

    def __str__(self) -> str:
        return ".".join(self.key)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; `parent_index` is the unique index that finds the parent."""

    name: str
    table: Name
    columns: tuple[str, ...]
    parent: Name
    parent_columns: tuple[str, ...]
    types: tuple[str, ...]
    on_delete: str
    on_update: str
    parent_index: str | None


@dataclass(frozen=True, slots=True)
class Relations:
    """All tables, indexes and foreign keys of a database that are not PostgreSQL's own."""

    tables: dict[Name, Table]
    indexes: dict[Name, Index]
    foreign_keys: tuple[ForeignKey, ...]

    def leaves(self, table: Name) -> list[Table]:
        """Return the tables with a file that hold the rows of a table."""
        return [
            one for one in self.tables.values() if one.kind != "p" and table in {one.key, one.root}
        ]

    def rows(self, table: Name) -> float:
        """Return the rows of a table, of a partitioned one those of all its partitions."""
        return sum(leaf.rows for leaf in self.leaves(table))

    def root(self, table: Name) -> Name:
        """Return the partitioned table a partition belongs to, else the table itself."""
        found = self.tables.get(table)
        return table if found is None else found.root

    def of(self, table: Name) -> list[Index]:
        """Return the indexes of a table itself."""
        return [index for index in self.indexes.values() if index.own_table == table]


async def read(connection: Connection) -> Relations:
    """Read them from the catalogs."""
    tables = [_table(row) for row in await connection.fetch(catalog_query("plan_tables"))]
    indexes = [_index(row) for row in await connection.fetch(catalog_query("plan_indexes"))]
    keys = [_foreign_key(row) for row in await connection.fetch(catalog_query("plan_foreign_keys"))]
    return Relations(
        {table.key: table for table in tables}, {index.key: index for index in indexes}, tuple(keys)
    )


def _table(row: Any) -> Table:
    return Table(
        (row["schema"], row["name"]),
        row["kind"],
        row["rows"],
        row["pages"],
        (row["root_schema"], row["root"]),
        row["partition_key"],
        tuple(row["columns"]),
        row["file"],
    )


def _index(row: Any) -> Index:
    order = zip(row["options"], row["operator_classes"], row["collations"], strict=True)
    return Index(
        (row["schema"], row["name"]),
        (row["schema"], row["root_table"]),
        (row["schema"], row["table_name"]),
        (row["schema"], row["root"]),
        row["method"],
        row["is_unique"],
        row["is_valid"],
        row["definition"],
        row["predicate"],
        tuple(row["keys"]),
        tuple(order),
        tuple(row["included"]),
        row["pages"],
        row["entries"],
        row["comment"],
    )


def _foreign_key(row: Any) -> ForeignKey:
    return ForeignKey(
        row["name"],
        (row["schema"], row["table_name"]),
        tuple(row["columns"]),
        (row["parent_schema"], row["parent"]),
        tuple(row["parent_columns"]),
        tuple(row["types"]),
        row["on_delete"],
        row["on_update"],
        row["parent_index"],
    )
