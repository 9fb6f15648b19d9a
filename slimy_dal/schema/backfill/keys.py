"""Walks a table along a unique key: which ranges of it hold how many rows, whatever the key's types are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, RawCursor

from slimy_dal.schema.backfill.files import Backfill

__all__ = ["Chunk", "Key", "Place", "find"]

Place = tuple[str, ...]
"""A row's key, each column as PostgreSQL writes it: any type survives the way there and back."""

TABLE_SQL = """
SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relkind::text
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.oid = to_regclass($1)
"""
COLUMNS_SQL = """
SELECT a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
FROM pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
INNER JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE
    i.indrelid = $1 AND k.place <= i.indnkeyatts AND i.indexrelid = (
        SELECT u.indexrelid FROM pg_index AS u
        WHERE
            u.indrelid = $1 AND u.indisunique AND u.indisvalid
            AND u.indpred IS NULL AND u.indexprs IS NULL
            AND $2::text[] = (
                SELECT array_agg(c.attname::text ORDER BY p.place)
                FROM unnest(u.indkey::int2[]) WITH ORDINALITY AS p (attnum, place)
                INNER JOIN pg_attribute AS c ON c.attrelid = u.indrelid AND c.attnum = p.attnum
                WHERE p.place <= u.indnkeyatts AND c.attnotnull
            )
        ORDER BY u.indisprimary DESC, u.indexrelid LIMIT 1
    )
ORDER BY k.place
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A range of keys, both ends within it, and how many rows were seen in it."""

    first: Place
    last: Place
    rows: int


@dataclass(frozen=True, slots=True)
class Key:
    """A unique key of a table, none of whose columns can be null; names are quoted for SQL."""

    table: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    types: tuple[str, ...]

    def end(self, connection: Connection[Any]) -> Place | None:
        """Return the last row's key as the table is now, or None where it is empty."""
        order = ", ".join(f"k.{column} DESC" for column in self.columns)
        row = ask(connection, self._one(self.table, order))
        return tuple(row[0]) if row else None

    def chunk(
        self, connection: Connection[Any], after: Place | None, end: Place, size: int
    ) -> Chunk | None:
        """Return the next `size` rows behind a place, and not behind the end; None when there are no more."""
        row = ask(
            connection,
            self._chunk_sql(begins=after is None),
            [*end, size, *(after or ())],
        )
        return Chunk(tuple(row[1]), tuple(row[2]), row[0]) if row else None

    def _chunk_sql(self, *, begins: bool) -> str:
        width = len(self.columns)
        columns = ", ".join(f"k.{column}" for column in self.columns)
        bounds = f"({columns}) <= ({self._numbered(1)})"
        if not begins:
            bounds += f" AND ({columns}) > ({self._numbered(width + 2)})"
        down = ", ".join(f"k.{column} DESC" for column in self.columns)
        return f"""
            WITH chunk AS MATERIALIZED (
                SELECT {columns} FROM {self.table} AS k
                WHERE {bounds} ORDER BY {columns} LIMIT ${width + 1}::bigint
            )
            SELECT
                n.rows, ({self._one("chunk", columns)}), ({self._one("chunk", down)})
            FROM (SELECT count(*) AS rows FROM chunk) AS n
            WHERE n.rows > 0
        """  # noqa: S608

    def _one(self, source: str, order: str) -> str:
        texts = ", ".join(f"k.{column}::text" for column in self.columns)
        # Names are quoted by the server; values go as parameters.
        return f"SELECT ARRAY[{texts}] FROM {source} AS k ORDER BY {order} LIMIT 1"  # noqa: S608

    def _numbered(self, first: int) -> str:
        return ", ".join(f"${first + n}::{kind}" for n, kind in enumerate(self.types))

    def bounded(self, backfill: Backfill) -> str:
        """Return a file's statement with `$1, $2` for its ends, each cast to the type that its column has."""
        types = dict(zip(self.names, self.types, strict=True))
        return backfill.bounded(lambda _end, number, column: f"${number}::{types[column]}")


def ask(connection: Connection[Any], sql: str, arguments: Sequence[Any] = ()) -> Any:
    """Return the first row of a query with `$1` parameters, or None; planned anew each time, for the values given."""
    return RawCursor(connection).execute(sql.encode(), arguments, prepare=False).fetchone()


def find(connection: Connection[Any], backfill: Backfill) -> Key:
    """Return the key that a data migration walks along.

    Raises BackfillError where there is no such table or key.
    """
    row = ask(connection, TABLE_SQL, [backfill.table])
    if row is None:
        backfill.fail(f"there is no table {backfill.table}")
    oid, table, kind = row
    if kind not in {"r", "p"}:
        backfill.fail(f"{backfill.table} is not a table: batches need one with a unique key")
    wanted = list(backfill.columns)
    columns = RawCursor(connection).execute(COLUMNS_SQL, [oid, wanted]).fetchall()
    if not columns:
        backfill.fail(
            f"{backfill.table} has no unique index on exactly ({', '.join(wanted)}), all NOT NULL:"
            " only along one is every row met once"
        )
    names, quoted, types = zip(*columns, strict=True)
    return Key(table, names, quoted, types)
