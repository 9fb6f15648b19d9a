"""Readers and writers of tables, each in a session of its own, who note when each operation began and ended."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import psycopg
from psycopg import sql

from slimy_dal.schema.trace.copies import connected
from slimy_dal.schema.trace.figures import Stall
from slimy_dal.schema.trace.rows import RowMaker
from slimy_dal.schema.trace.watch import Connection

__all__ = ["Span", "Traffic", "traffic"]

PAUSE = 0.001
"""Seconds between two operations of one thread, for each thread there is: a machine of few cores must not choke."""

MOST_TABLES = 12
KEYS = 1000
"""Rows that one table's traffic goes to."""

INSERT_EVERY = 4

Kind = Literal["reader", "writer"]
Span = tuple[float, float]

KEY = """
SELECT ARRAY(
    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
)
FROM pg_catalog.pg_index AS i
WHERE i.indrelid = %s AND i.indisprimary
"""


@dataclass(slots=True)
class _Operations:
    """What one thread did: when each operation began and ended, and what was refused, by SQLSTATE."""

    table: str
    kind: Kind
    spans: list[Span] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    begun: float | None = None


class Traffic:
    """The traffic of some tables; what is asked of it may be asked while it runs."""

    def __init__(self, threads: list[_Operations]) -> None:
        self._threads = threads

    def stalls(self, start: float, end: float, *, clip: bool = False) -> dict[str, Stall]:
        """Return the longest operations of each table that were under way between two moments.

        With `clip` counts only what of each lies between them.
        """
        found: dict[str, dict[Kind, float]] = {}
        for thread in self._threads:
            longest = max(
                (
                    (min(to, end) - max(since, start)) if clip else to - since
                    for since, to in _all_spans(thread)
                    if since < end and to > start
                ),
                default=0.0,
            )
            found.setdefault(thread.table, {})[thread.kind] = longest * 1000
        return {
            table: Stall(kinds.get("reader"), kinds.get("writer")) for table, kinds in found.items()
        }

    def longest(self, start: float, end: float, *, clip: bool = False) -> Stall:
        """Return the longest of all tables."""
        return longest(self.stalls(start, end, clip=clip).values())

    def refused(self) -> dict[str, Counter[str]]:
        """Return what readers and writers of each table were refused, by SQLSTATE."""
        found: dict[str, Counter[str]] = {}
        for thread in self._threads:
            if thread.refused:
                found.setdefault(f"a {thread.kind} of {thread.table}", Counter()).update(
                    thread.refused
                )
        return found


def longest(stalls: Iterable[Stall]) -> Stall:
    """Return the longest stalls of several."""
    known = list(stalls)
    readers = [one.reader_ms for one in known if one.reader_ms is not None]
    writers = [one.writer_ms for one in known if one.writer_ms is not None]
    return Stall(max(readers, default=None), max(writers, default=None))


def _all_spans(thread: _Operations) -> Iterator[Span]:
    yield from list(thread.spans)
    if thread.begun is not None:
        yield thread.begun, time.perf_counter()


@contextmanager
def traffic(
    dsn: str, made: Mapping[str, RowMaker], rows: Mapping[str, int], notes: list[str]
) -> Iterator[Traffic]:
    """Send traffic to the tables that have rows and a primary key, for the time of a `with` block.

    `notes` gets what is left out: tables beyond the first few, and tables that take no writes.
    """
    stop = threading.Event()
    threads: list[tuple[_Operations, Callable[[Connection], None]]] = []
    named = [name for name in made if rows.get(name)]
    if len(named) > MOST_TABLES:
        notes.append(f"traffic on {MOST_TABLES} of {len(named)} tables")
    with connected(dsn) as connection:
        for name in named[:MOST_TABLES]:
            for kind, act in _acts(connection, made[name], notes).items():
                threads.append((_Operations(name, kind), act))
    pause = PAUSE * len(threads)
    running = [
        threading.Thread(target=_work, args=(dsn, stop, pause, operations, act), daemon=True)
        for operations, act in threads
    ]
    for thread in running:
        thread.start()
    try:
        yield Traffic([operations for operations, _ in threads])
    finally:
        stop.set()
        for thread in running:
            thread.join()


def _work(
    dsn: str,
    stop: threading.Event,
    pause: float,
    operations: _Operations,
    act: Callable[[Connection], None],
) -> None:
    """Do the same thing over and over; what is refused is counted, and is an answer as well."""
    with connected(dsn) as connection:
        while not stop.wait(pause * random.uniform(0.5, 1.5)):  # noqa: S311 -- no secret
            operations.begun = start = time.perf_counter()
            try:
                act(connection)
            except psycopg.Error as error:
                operations.refused[error.sqlstate or "connection"] += 1
                if connection.closed:
                    return
            end, operations.begun = time.perf_counter(), None
            operations.spans.append((start, end))


def _acts(
    connection: Connection, made: RowMaker, notes: list[str]
) -> dict[Kind, Callable[[Connection], None]]:
    """Return what a reader and a writer of a table do; none where it has no primary key."""
    row = connection.execute(KEY, (made.table.oid,)).fetchone()
    table, names = sql.Identifier(*made.table.key), list(row[0]) if row else []
    if not names:
        notes.append(f"{'.'.join(made.table.key)} has no primary key: no traffic on it")
        return {}
    columns = [sql.Identifier(name) for name in names]
    keys = (
        connection.execute(
            sql.SQL("SELECT {} FROM {} TABLESAMPLE SYSTEM (20) LIMIT %s").format(
                sql.SQL(", ").join(sql.SQL("{}::text").format(one) for one in columns), table
            ),
            (KEYS,),
        ).fetchall()
        or connection.execute(
            sql.SQL("SELECT {} FROM {} LIMIT %s").format(
                sql.SQL(", ").join(sql.SQL("{}::text").format(one) for one in columns), table
            ),
            (KEYS,),
        ).fetchall()
    )
    where = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(one, sql.Placeholder()) for one in columns
    )
    read = sql.SQL("SELECT * FROM {} WHERE {}").format(table, where).as_bytes(connection)

    def reader(session: Connection) -> None:
        session.execute(read, random.choice(keys)).fetchall()  # noqa: S311 -- no secret

    writer = _writer(connection, made, names, where, keys)
    if writer is None:
        notes.append(f"{'.'.join(made.table.key)} takes no made-up writes: it is only read")
        return {"reader": reader}
    return {"reader": reader, "writer": writer}


def _writer(
    connection: Connection,
    made: RowMaker,
    key: list[str],
    where: sql.Composed,
    keys: list[tuple[str, ...]],
) -> Callable[[Connection], None] | None:
    """Return what writes one row, as far as triggers and constraints let it: an update, an insert, or each in turn."""
    table = sql.Identifier(*made.table.key)
    free = [name for name in made.columns if name not in made.distinct and name not in key]
    column = sql.Identifier((free or key)[-1])
    update = sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(table, column, column, where)
    names = [name for name in made.columns if name not in made.given]
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        table,
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.Placeholder() for _ in names),
    )
    updates, inserts = update.as_bytes(connection), insert.as_bytes(connection)
    numbers = iter(range(_extra(connection, made), 10**9))

    def values() -> list[str | None]:
        row = made.row(next(numbers))
        return [row[name] for name in names]

    can_update = _works(connection, updates, list(random.choice(keys)))  # noqa: S311 -- no secret
    can_insert = _works(connection, inserts, values())
    if not can_update and not can_insert:
        return None

    def writer(session: Connection) -> None:
        if can_insert and (not can_update or random.randrange(INSERT_EVERY) == 0):  # noqa: S311
            session.execute(inserts, values())
        else:
            session.execute(updates, random.choice(keys))  # noqa: S311 -- no secret

    return writer


def _extra(connection: Connection, made: RowMaker) -> int:
    row = connection.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*made.table.key))
    ).fetchone()
    return int(row[0]) if row else 0


def _works(connection: Connection, statement: bytes, values: list[str | None]) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement, values)
    except psycopg.Error:
        return False
    return True
