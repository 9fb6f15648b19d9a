"""Reads what the scale model needs to know of a database: tables, columns, indexes and what values may be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.description import PgType
from slimy_dal.compiler.expression_types import result_type
from slimy_dal.compiler.nodetree import Node, parse
from slimy_dal.compiler.origins import choices
from slimy_dal.compiler.scale.declared import TableKey
from slimy_dal.engine.driver import Connection

__all__ = ["Column", "Index", "Schema", "Table", "read"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or of an index; `longest` is the most characters, `choices` the strings a CHECK allows."""

    number: int
    name: str
    type: PgType
    length: int
    alignment: str
    notnull: bool
    longest: int | None = None
    default: str = ""
    identity: bool = False
    choices: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    virtual: bool = False


@dataclass(slots=True)
class Index:
    """An index; a key column of 0 is an expression, whose type is in `parts` under its place in the index."""

    oid: int
    key: TableKey
    partitioned: bool
    method: str
    file: str | None
    fill_factor: int
    columns: tuple[int, ...]
    key_count: int
    unique: bool
    predicate: str | None
    mentioned: tuple[int, ...]
    parent: int
    descending: bool
    parts: dict[int, Column] = field(default_factory=dict)

    def expressions(self) -> Iterator[Column]:
        """Return the parts that are expressions."""
        return (part for number, part in self.parts.items() if self.columns[number - 1] == 0)


@dataclass(slots=True)
class Table:
    """A table, a partitioned one (which has no file), a partition, or a materialized view."""

    oid: int
    key: TableKey
    kind: str
    file: str | None
    bytes: int
    fill_factor: int
    parent: int
    bound: str | None
    strategy: str | None
    partition_columns: tuple[int, ...]
    columns: dict[int, Column] = field(default_factory=dict)
    indexes: list[Index] = field(default_factory=list)
    references: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Column number to table and column number that a foreign key points at."""

    def __str__(self) -> str:
        return ".".join(self.key)

    @property
    def partitioned(self) -> bool:
        """Whether its rows are in its partitions."""
        return self.kind == "p"

    def named(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns.values() if column.name == name), None)

    def is_unique(self, number: int) -> bool:
        """Say whether a column alone is a key."""
        return any(
            index.unique
            and index.predicate is None
            and index.columns[: index.key_count] == (number,)
            for index in self.indexes
        )


class Schema:
    """All tables of a database by OID."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables = {table.oid: table for table in tables}
        self.by_key = {table.key: table for table in self.tables.values()}

    def children(self, table: Table) -> list[Table]:
        """Return a table's partitions, one level down."""
        return [one for one in self.tables.values() if one.parent == table.oid]

    def leaves(self, table: Table) -> list[Table]:
        """Return the partitions that hold rows; the table itself where it is not partitioned."""
        if not table.partitioned:
            return [table]
        return [leaf for child in self.children(table) for leaf in self.leaves(child)]

    def index_root(self, index: Index) -> str:
        """Return the name of the index of a partitioned table that an index is a part of, else its own."""
        indexes = {one.oid: one for table in self.tables.values() for one in table.indexes}
        while index.parent in indexes:
            index = indexes[index.parent]
        return index.key[1]

    def root(self, table: Table) -> Table:
        """Return the partitioned table that a partition belongs to at last, else the table itself."""
        while table.parent in self.tables:
            table = self.tables[table.parent]
        return table


async def read(connection: Connection) -> Schema:
    """Read the tables of every schema that is not PostgreSQL's own."""
    rows = await connection.fetch(catalog_query("scale_relations"))
    tables = {row["oid"]: _table(row) for row in rows if row["kind"] in {"r", "p", "m"}}
    relations = {row["oid"]: row for row in rows}
    oids = list(tables)
    columns = await connection.fetch(catalog_query("scale_columns"), list(relations))
    constraints = await connection.fetch(catalog_query("scale_constraints"), oids)
    catalog = Catalog()
    await catalog.load(connection, [_mention(oid) for oid in oids])
    await catalog.load_types(connection, {row["type"] for row in columns})
    await catalog.load(connection, _domain_checks(catalog, columns))
    for row in constraints:
        # One that points at a partitioned table is listed for each of its partitions too.
        if row["kind"] == "f" and tables[row["target"]].parent not in tables:
            pairs = zip(row["columns"], row["target_columns"], strict=True)
            tables[row["relation"]].references.update(
                (number, (row["target"], target)) for number, target in pairs
            )
    indexes: dict[int, Index] = {}
    types: dict[tuple[int, int], int] = {}
    for row in await connection.fetch(catalog_query("scale_indexes"), oids):
        indexes[row["oid"]] = index = _index(row, relations[row["oid"]])
        tables[row["relation"]].indexes.append(index)
        types |= _expression_types(row)
    await catalog.load_types(connection, types.values())
    checks = [(row["relation"], row["columns"], row["text"]) for row in constraints]
    for row in columns:
        if row["relation"] in tables:
            said = tuple(t for r, c, t in checks if r == row["relation"] and row["number"] in c)
            tables[row["relation"]].columns[row["number"]] = _column(row, catalog, said)
        elif row["relation"] in indexes:
            part = _column(row, catalog, None)
            kind = types.get((row["relation"], row["number"]))
            # A GIN index calls its entries the column: the expression has a type of its own.
            part = part if kind is None else replace(part, type=catalog.types.get(kind))
            indexes[row["relation"]].parts[row["number"]] = part
    return Schema(tables.values())


def _mention(table: int) -> Node:
    node = Node("RANGETBLENTRY")
    node.fields["relid"] = table
    return node


def _expression_types(row: Any) -> dict[tuple[int, int], int]:
    """Return the types of an index's expressions, by index and place in it."""
    nodes = iter(parse(row["expressions"]) if row["expressions"] else ())
    places = [place for place, column in enumerate(row["columns"], 1) if column == 0]
    found = {place: result_type(node) for place, node in zip(places, nodes, strict=True)}
    return {(row["oid"], place): kind for place, kind in found.items() if kind is not None}


def _domain_checks(catalog: Catalog, columns: Iterable[Any]) -> list[Node]:
    return [check for row in columns for _, check in catalog.types.domain_checks(row["type"])]


def _table(row: Any) -> Table:
    return Table(
        row["oid"],
        (row["schema"], row["name"]),
        row["kind"],
        row["file"],
        row["bytes"],
        row["fill_factor"] or 100,
        row["parent"] or 0,
        row["bound"],
        row["strategy"],
        tuple(row["partition_columns"]),
    )


def _index(row: Any, relation: Any) -> Index:
    return Index(
        row["oid"],
        (relation["schema"], relation["name"]),
        relation["kind"] == "I",
        relation["method"],
        relation["file"],
        relation["fill_factor"],
        tuple(row["columns"]),
        row["key_count"],
        row["is_unique"],
        row["predicate"],
        tuple(row["mentioned"]),
        relation["parent"] or 0,
        row["is_descending"],
    )


def _column(row: Any, catalog: Catalog, checks: tuple[str, ...] | None) -> Column:
    """Make a column; `checks` is None for one of an index, which has none of its own."""
    return Column(
        row["number"],
        row["name"],
        catalog.types.get(row["type"]),
        row["length"],
        row["alignment"],
        row["is_not_null"],
        row["longest"],
        row["default_value"],
        row["is_identity"],
        () if checks is None else choices(catalog, (row["relation"], row["number"])),
        checks or (),
        row["is_virtual"],
    )
