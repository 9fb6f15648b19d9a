"""Fills the tables that a migration touches with made-up rows, by COPY, parents before children."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg import errors as pg
from psycopg import sql

from slimy_dal.compiler.scale.schema import Table
from slimy_dal.schema.trace import tables
from slimy_dal.schema.trace.ahead import Ahead, looking
from slimy_dal.schema.trace.copies import connected
from slimy_dal.schema.trace.fitting import Unfillable, fit
from slimy_dal.schema.trace.rows import RowMaker, row_maker
from slimy_dal.schema.trace.tables import Ground
from slimy_dal.schema.trace.watch import Connection

__all__ = ["Filled", "fill", "vacuum"]

PARENTS = 10_000
"""Rows of a table that is only referred to."""

RUN = 20_000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(slots=True)
class Filled:
    """What a database holds now: rows by table, what made them, and why a table has none."""

    rows: dict[str, int] = field(default_factory=dict)
    makers: dict[str, RowMaker] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def fill(dsn: str, touched: Iterable[int], rows: int, ahead: str | None = None) -> Filled:
    """Give tables `rows` rows each, and those that they refer to some; a table that has rows keeps what it has.

    `ahead` is a copy of the database as it will be: rows are made such that they fit there as well, as far as possible.
    """
    _with_partitions(dsn)
    ground = tables.read(dsn)
    wanted = {root.oid for oid in touched if (root := ground.root(oid)) is not None}
    filled = Filled()
    parents: dict[int, list[dict[int, str]]] = {}
    with connected(dsn) as connection, looking(ahead) as later:
        # Neither triggers nor foreign keys fire: what is made up keeps the keys by itself.
        connection.execute("SET session_replication_role = replica")
        for table in _order(ground, later, wanted):
            size = rows if table.oid in wanted else min(rows, PARENTS)
            name = _quoted(table)
            made = row_maker(ground, table, size, parents)
            if later is not None:
                later.teach(made, size, parents)
            try:
                _fill_one(connection, made, size)
                filled.makers[name] = made
            except Unfillable as problem:
                filled.notes.append(f"{name} stays empty: {problem}")
            parents[table.oid] = _known(connection, ground, table)
            if table.oid in wanted:
                filled.rows[name] = _count(connection, table)
    vacuum(dsn)
    return filled


def _order(ground: Ground, later: Ahead | None, wanted: Iterable[int]) -> list[Table]:
    """Return tables with what they refer to, parents first: those of references to come as well."""
    order = [*(later.ground.with_parents(wanted) if later else ()), *ground.with_parents(wanted)]
    known = ground.schema.tables
    return [known[oid] for oid in dict.fromkeys(table.oid for table in order) if oid in known]


def vacuum(dsn: str) -> None:
    """Leave tables as if they had stood there for long: what a run has left dead is gone, statistics are there."""
    with connected(dsn) as connection:
        connection.execute("VACUUM ANALYZE")


def _with_partitions(dsn: str) -> None:
    """Give a partitioned table without partitions one that takes everything."""
    with connected(dsn) as connection:
        rows = connection.execute(
            "SELECT n.nspname, c.relname, p.partstrat::text FROM pg_catalog.pg_partitioned_table AS p"
            " INNER JOIN pg_catalog.pg_class AS c ON p.partrelid = c.oid"
            " INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid"
            " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid)"
        ).fetchall()
        for schema, name, strategy in rows:
            part = sql.Identifier(schema, f"{name}_traced"[-63:])
            values = "FOR VALUES WITH (MODULUS 1, REMAINDER 0)" if strategy == "h" else "DEFAULT"
            connection.execute(
                sql.SQL("CREATE TABLE {} PARTITION OF {} " + values).format(
                    part, sql.Identifier(schema, name)
                )
            )


def _fill_one(connection: Connection, made: RowMaker, rows: int) -> None:
    """Make the rows of a table, unless it has some. Raises Unfillable."""
    fit(connection, made)
    if _count(connection, made.table):
        return
    total = min(rows, made.at_most)
    try:
        _copy(connection, made, sql.Identifier(*made.table.key), total)
    except pg.UniqueViolation:
        _merge(connection, made, total)
    except psycopg.Error:
        made.settle()
        _merge(connection, made, total)
    _number_on(connection, made, total)


def _copy(connection: Connection, made: RowMaker, into: sql.Identifier, rows: int) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, made.columns))
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(into, names)
    makers = list(made.columns.values())
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for start in range(0, rows, RUN):
            out = io.StringIO()
            for number in range(start, min(start + RUN, rows)):
                values = (make(number) for make in makers)
                out.write("\t".join("\\N" if v is None else v.translate(ESCAPES) for v in values))
                out.write("\n")
            copy.write(out.getvalue())


def _merge(connection: Connection, made: RowMaker, rows: int) -> None:
    """Leave out rows whose keys are there already. Raises Unfillable where not even that goes."""
    target = sql.Identifier(*made.table.key)
    names = sql.SQL(", ").join(map(sql.Identifier, made.columns))
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL(
                    "CREATE TEMP TABLE made_up ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0"
                ).format(names, target)
            )
            _copy(connection, made, sql.Identifier("made_up"), rows)
            connection.execute(
                sql.SQL(
                    "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM made_up"
                    " ON CONFLICT DO NOTHING"
                ).format(target, names, names)
            )
    except psycopg.Error as error:
        raise Unfillable(error.diag.message_primary or str(error)) from error


def _number_on(connection: Connection, made: RowMaker, rows: int) -> None:
    """Let the sequences go on behind what was made up."""
    for name in made.given:
        connection.execute(
            "SELECT setval(s, %s) FROM pg_get_serial_sequence(%s, %s) AS s WHERE s IS NOT NULL",
            (rows + rows // 2 + 1000, _quoted(made.table), name),
        )


def _known(connection: Connection, ground: Ground, table: Table) -> list[dict[int, str]]:
    """Return the keys of rows that others refer to."""
    numbers = sorted(
        {
            number
            for references in ground.references.values()
            for one in references
            if (root := ground.root(one.target)) is not None and root.oid == table.oid
            for number in one.target_columns
        }
    )
    if not numbers:
        return []
    names = [sql.Identifier(table.columns[number].name) for number in numbers]
    query = sql.SQL("SELECT {} FROM {} WHERE ({}) IS NOT NULL LIMIT %s").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(name) for name in names),
        sql.Identifier(*table.key),
        sql.SQL(", ").join(names),
    )
    rows = connection.execute(query, (100_000,)).fetchall()
    return [dict(zip(numbers, row, strict=True)) for row in rows]


def _count(connection: Connection, table: Table) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.key))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _quoted(table: Table) -> str:
    return ".".join(
        name if name.isidentifier() and name == name.lower() else f'"{name}"' for name in table.key
    )
