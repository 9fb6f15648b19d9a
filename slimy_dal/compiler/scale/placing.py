"""Puts the statistics and sizes of a model on the tables and indexes of an empty database."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.description import PgType
from slimy_dal.compiler.scale.declared import (
    ColumnScale,
    Dump,
    Scale,
    ScaleError,
    TableKey,
    TableScale,
)
from slimy_dal.compiler.scale.defaults import Shape
from slimy_dal.compiler.scale.files import extend
from slimy_dal.compiler.scale.partitions import bounds, rows_of_tables
from slimy_dal.compiler.scale.schema import Column, Index, Schema, Table
from slimy_dal.compiler.scale.server import quoted
from slimy_dal.compiler.scale.sizes import Width, entries_per_page, index_pages, table_pages
from slimy_dal.compiler.scale.statistics import Statistics, arguments, statistics_of
from slimy_dal.compiler.scale.trees import grow, height
from slimy_dal.engine.driver import Connection

__all__ = ["Placing"]

NOWHERE = -1
"""The number of an expression as a column: one that no key and no foreign key names."""

LOWEST = 8
"""Pages up to which an index is left as it is: its height is none, or hardly matters."""

MOST_RECORDED = 2**31 - 1
"""Pages up to which pg_restore_relation_stats() counts: 16 TB, of the 32 that a table can have."""

FILES = (
    "SELECT i.oid, pg_catalog.pg_relation_filepath(i.oid) AS file FROM unnest($1::oid[]) AS i (oid)"
)

Place = tuple[str, str, int, bool]
"""Schema, relation, number of the column there, and whether partitions are counted in."""


class Placing:
    """The work on one database. `rows` are every table's, by OID; `notes` say what was left out."""

    def __init__(self, connection: Connection, data: Path, scale: Scale, schema: Schema) -> None:
        self._connection = connection
        self._data = data
        self._schema = schema
        self._dump = scale.dump or Dump((), {})
        self._scale = _with_sizes(scale, self._dump, schema)
        self._files: dict[int, str] = {}
        self._pages: dict[int, int] = {}
        self._statistics: dict[int, dict[int, Statistics]] = {}
        self._partial: dict[int, float] = {}
        self.rows = rows_of_tables(schema, self._scale)
        self.notes: list[str] = []

    async def place(self, *, checksums: bool) -> None:
        """Do all of it, in the one order that works.

        The planner itself says how many rows a partial index has, and reads first pages of indexes for it, which it
        keeps; so indexes are built anew before their heights are written. That would count rows in long files, so
        these come after it.
        """
        self._statistics = {
            table.oid: self._of_columns(table) for table in self._schema.tables.values()
        }
        await self._restore_dump()
        await self._count_partial()
        await self._connection.execute("REINDEX DATABASE")
        files = await self._connection.fetch(FILES, [i.oid for _, i in self._indexes()])
        self._files = {row["oid"]: row["file"] for row in files}
        self.notes.clear()
        await self._restore_dump()
        await self._place_tables()
        await self._place_indexes(checksums=checksums)

    def _indexes(self) -> Iterator[tuple[Table, Index]]:
        for table in self._schema.tables.values():
            for index in table.indexes:
                if not index.partitioned:
                    yield table, index

    async def _count_partial(self) -> None:
        """Ask the planner how many rows the partial indexes have, of tables with all their rows in one page."""
        asked = [(t, i) for t, i in self._indexes() if i.predicate is not None and self.rows[t.oid]]
        tables = {table.oid: table for table, _ in asked}.values()
        for table in tables:
            extend(self._data, table.file or "", 1)
        await self._restore(
            [(table.key, 1, float(self.rows[table.oid]), 0) for table in tables],
            [one for table in tables for one in self._spread(table)],
        )
        for table, index in asked:
            name = ".".join(quoted(part) for part in table.key)
            (row,) = await self._connection.fetch(
                f"EXPLAIN (FORMAT JSON) SELECT 1 FROM ONLY {name} WHERE {index.predicate}"  # noqa: S608 -- from the catalogue
            )
            self._partial[index.oid] = float(row[0][0]["Plan"]["Plan Rows"])
        # A hash index is built for as many rows as are expected.
        await self._restore([(table.key, 1, 0.0, 0) for table in tables], [])

    def _spread(self, table: Table) -> list[tuple[Place, Statistics, Column]]:
        """Return the statistics of a table's columns, none where a dump has them."""
        if table.key in self._dump.sizes:
            return []
        return [
            ((*table.key, number, table.partitioned), one, table.columns[number])
            for number, one in self._statistics[table.oid].items()
            if not table.columns[number].virtual
        ]

    async def _restore_dump(self) -> None:
        """Run the calls of a statistics dump, for those relations and columns that are here."""
        known: dict[TableKey, set[str] | None] = {}
        for table in self._schema.tables.values():
            known[table.key] = {column.name for column in table.columns.values()}
            known.update((index.key, None) for index in table.indexes)
        sql, missing = [], {}
        for call in self._dump.statements:
            names = known.get(call.relation, set())
            if call.relation not in known:
                missing[f"{'.'.join(call.relation)} is not in this database"] = True
            elif call.column is not None and names is not None and call.column not in names:
                missing[f"{'.'.join(call.relation)}.{call.column} is not in this database"] = True
            else:
                sql.append(call.sql)
        self.notes += missing
        if sql:
            await self._connection.execute(";\n".join(sql))

    async def _place_tables(self) -> None:
        """Give every table its statistics and its length."""
        sizes: list[tuple[TableKey, int, float, int]] = []
        columns: list[tuple[Place, Statistics, Column]] = []
        for table in self._schema.tables.values():
            pages = 0
            if table.key in self._dump.sizes:
                pages = max(0, self._dump.sizes[table.key][0])
            else:
                rows = self.rows[table.oid]
                found = self._statistics[table.oid]
                if not table.partitioned:
                    widths = {number: one.measure() for number, one in found.items()}
                    pages = table_pages(table, rows, widths)
                seen = math.floor(pages * self._told(table).visible)
                sizes.append((table.key, pages, rows, seen))
                columns += self._spread(table)
            self._pages[table.oid] = pages
            if table.file is not None:
                extend(self._data, table.file, pages, str(table))
        await self._restore(sizes, columns)

    async def _place_indexes(self, *, checksums: bool) -> None:
        """Give every index its statistics, its length, and a B-tree its height."""
        sizes: list[tuple[TableKey, int, float, int]] = []
        columns: list[tuple[Place, Statistics, Column]] = []
        for table, index in self._indexes():
            parts = {
                part.number: self._of_part(table, index, part) for part in index.parts.values()
            }
            widths = _unnulled({number: one.measure() for number, one in parts.items()}, index)
            rows = self._partial.get(index.oid, float(self.rows[table.oid]))
            pages = index_pages(index, rows, self._pages[table.oid], widths)
            if index.key in self._dump.sizes:
                pages = max(1, self._dump.sizes[index.key][0])
            else:
                sizes.append((index.key, pages, rows, 0))
                columns += [
                    ((*index.key, part.number, False), parts[part.number], part)
                    for part in index.expressions()
                ]
            file = self._files[index.oid]
            if index.method == "btree" and table.bytes == 0 and pages > LOWEST:
                levels = height(pages, entries_per_page(index, widths))
                grow(self._data / file, levels, checksums=checksums)
            extend(self._data, file, pages, ".".join(index.key))
        await self._restore(sizes, columns)

    def _told(self, table: Table) -> TableScale:
        """Return what the model says of a table, or of the partitioned table it is a part of."""
        while table.key not in self._scale.tables and table.parent in self._schema.tables:
            table = self._schema.tables[table.parent]
        return self._scale.tables.get(table.key, TableScale())

    def _of_columns(self, table: Table) -> dict[int, Statistics]:
        told = self._told(table)
        shape = Shape(self._schema, self.rows, table)
        held = bounds(self._schema, table)
        root = self._told(self._schema.root(table))
        return {
            number: statistics_of(
                shape,
                column,
                told.columns.get(column.name) or root.columns.get(column.name) or ColumnScale(),
                held,
            )
            for number, column in table.columns.items()
        }

    def _of_part(self, table: Table, index: Index, part: Column) -> Statistics:
        """Return the statistics of a column of an index: those of the table's, or of the expression's values."""
        number = index.columns[part.number - 1]
        if number in table.columns:
            return self._statistics[table.oid][number]
        shape = Shape(self._schema, self.rows, table)
        root = self._told(self._schema.root(table))
        told = root.indexes.get(self._schema.index_root(index)) or ColumnScale()
        sources = [n for n in index.mentioned if n not in index.columns and n in table.columns]
        nulls = told.nulls
        if nulls is None:
            of_source = [self._statistics[table.oid][n].nulls for n in sources]
            nulls = of_source[0] if len(of_source) == 1 else 0.0
        distinct = told.distinct
        if distinct is None and index.unique and index.key_count == 1:
            distinct = -(1 - nulls)
        told = replace(told, nulls=nulls, distinct=distinct)
        return statistics_of(shape, replace(part, number=NOWHERE), told)

    async def _restore(
        self,
        sizes: Sequence[tuple[TableKey, int, float, int]],
        columns: Sequence[tuple[Place, Statistics, Column]],
    ) -> None:
        """Send statistics, in two round trips. Raises ScaleError for what the server does not take."""
        said: list[str] = []
        self._connection.add_log_listener(lambda notice: said.append(notice.message))
        relations = [
            (*key, *_recorded(pages, float(rows), seen)) for key, pages, rows, seen in sizes
        ]
        done = await self._send("scale_restore_relations", relations, 5)
        spread = [(*place, *arguments(found, column)) for place, found, column in columns]
        done += await self._send("scale_restore_columns", spread, 14)
        of_domains = _values_of_domains(columns)
        for row in done:
            if row["is_done"]:
                continue
            place = (row["schema"], row["name"], row.get("number"))
            if place not in of_domains:
                raise ScaleError(
                    f"the server did not take its statistics: {'; '.join(said[-3:]) or 'no reason'}",
                    "say more of this table's columns in the model",
                    file=self._scale.file,
                    table=f"{row['schema']}.{row['name']}",
                )
            # What else is known of the column was taken.
            self.notes.append(
                f"{of_domains[place]}: its domain takes none of the values that are made up, so it is planned"
                " without common ones and histogram; name some in the model: `common`"
            )

    async def _send(self, query: str, rows: Sequence[tuple[Any, ...]], width: int) -> list[Any]:
        columns = [[row[n] for row in rows] for n in range(width)]
        return await self._connection.fetch(catalog_query(query), *columns)


def _recorded(pages: int, rows: float, seen: int) -> tuple[int, float, int]:
    """Return sizes as the catalogue takes them: of a longer file a part, with as many rows in a page."""
    part = min(1.0, MOST_RECORDED / max(1, pages))
    return min(pages, MOST_RECORDED), rows * part, min(math.floor(seen * part), MOST_RECORDED)


def _values_of_domains(
    columns: Sequence[tuple[Place, Statistics, Column]],
) -> dict[tuple[str, str, int], str]:
    """Return the columns that have values of a domain, whose CHECK may refuse them, each by its name."""
    return {
        (schema, name, number): f"{schema}.{name}.{column.name}"
        for (schema, name, number, _), found, column in columns
        if _has_domain(column.type) and (found.common or found.histogram or found.elements)
    }


def _has_domain(kind: PgType | None) -> bool:
    return kind is not None and (kind.base is not None or _has_domain(kind.element))


def _unnulled(widths: Mapping[int, Width], index: Index) -> dict[int, Width]:
    """Take NULLs out of a partial index, which leaves them out as a rule."""
    if index.predicate is None:
        return dict(widths)
    return {number: replace(width, nulls=0.0) for number, width in widths.items()}


def _with_sizes(scale: Scale, dump: Dump, schema: Schema) -> Scale:
    """Take the rows of tables out of a dump; one that was never analysed has -1."""
    told = {
        key: TableScale(rows=round(rows))
        for key, (_, rows) in dump.sizes.items()
        if key in schema.by_key and not schema.by_key[key].partitioned and rows >= 0
    }
    return replace(scale, tables={**scale.tables, **told})
