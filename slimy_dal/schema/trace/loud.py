"""Runs a migration for good while its tables are read and written, and measures how long anybody had to wait."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors as pg

from slimy_dal.schema import backfill, bookkeeping
from slimy_dal.schema.backend import opened
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.trace.copies import connected
from slimy_dal.schema.trace.figures import MODES, MigrationFigures, Queue
from slimy_dal.schema.trace.quiet import execute
from slimy_dal.schema.trace.scripts import Script
from slimy_dal.schema.trace.traffic import Traffic
from slimy_dal.schema.trace.watch import Connection

__all__ = ["CONTROL", "queue", "run"]

CONTROL = 1.0
"""Seconds of traffic without a migration, which give the noise."""

WARM_UP = 0.3
AFTER = 0.2
"""Seconds before and after, in which sessions open and what waited is answered."""

GIVES_UP = 500
"""Milliseconds that a migration queues behind a long transaction."""

SHORT = 5_000.0
"""Milliseconds that a migration may take alone, if it is to be tried behind a long transaction too."""

TRIES = 5
WRITERS_WAIT = MODES.index("ShareLock")


def control(running: Traffic, figures: MigrationFigures) -> None:
    """Let traffic run alone, and note how long the longest of its operations takes then."""
    time.sleep(WARM_UP)
    start = time.perf_counter()
    time.sleep(CONTROL)
    figures.noise = running.longest(start, time.perf_counter())


def run(dsn: str, script: Script, running: Traffic, figures: MigrationFigures) -> None:
    """Apply a migration under traffic, and add its times and stalls to its figures.

    A transaction that loses a deadlock against the traffic is tried again. Raises MigrationError.
    """
    spans, end = _tried(dsn, script, figures)
    time.sleep(AFTER)
    for statement, (start, stop) in zip(figures.statements, spans, strict=True):
        stall = running.longest(start, stop, clip=True)
        statement.ms = (stop - start) * 1000
        statement.reader_stall_ms, statement.writer_stall_ms = stall.reader_ms, stall.writer_ms
    figures.stalls = running.stalls(spans[0][0], end)
    stall = running.longest(spans[0][0], end)
    figures.reader_stall_ms, figures.writer_stall_ms = stall.reader_ms, stall.writer_ms
    figures.refused = {who: dict(states) for who, states in running.refused().items()}


def _tried(
    dsn: str, script: Script, figures: MigrationFigures
) -> tuple[list[tuple[float, float]], float]:
    for attempt in itertools.count(1):
        try:
            return _spans(dsn, script, figures.notes)
        except (pg.DeadlockDetected, pg.LockNotAvailable) as error:
            message = error.diag.message_primary
            figures.notes.append(f"try {attempt}: {message}")
            if attempt == TRIES or script.alone:
                raise MigrationError(f"{script.path}: {message}, {attempt} times") from error
            time.sleep(AFTER)
    raise AssertionError


def _spans(dsn: str, script: Script, notes: list[str]) -> tuple[list[tuple[float, float]], float]:
    """Run all statements; return when each began and ended, and when it was committed."""
    spans: list[tuple[float, float]] = []
    if script.batches is not None:
        return _in_batches(dsn, script, script.batches, notes)

    def each(connection: Connection) -> None:
        for statement in script.statements:
            start = time.perf_counter()
            execute(connection, statement)
            spans.append((start, time.perf_counter()))

    with connected(dsn) as connection:
        if script.alone:
            each(connection)
        else:
            with connection.transaction():
                each(connection)
    return spans, time.perf_counter()


def _in_batches(
    dsn: str, script: Script, batches: backfill.Backfill, notes: list[str]
) -> tuple[list[tuple[float, float]], float]:
    """Run a data migration as it will run: batch by batch, with pauses.

    Made-up rows need not be what an earlier trigger would have made of them, so that its end may not prove true.
    """
    with opened(dsn) as backend:
        bookkeeping.install(backend, bookkeeping.found(backend, [script.id]), lambda _line: None)
        start = time.perf_counter()
        try:
            backfill.run(backend.connection, batches)
        except backfill.BackfillError as error:
            notes.append(f"on made-up rows: {error}")
        end = time.perf_counter()
    return [(start, end)], end


def queue(dsn: str, script: Script, running: Traffic, figures: MigrationFigures) -> Queue | None:
    """Let a migration wait behind a long transaction until it gives up, and see who queues behind it.

    None where it takes no lock that anybody would wait for, or too long. Nothing is left of the try.
    """
    locks = {
        relation: mode
        for relation, mode in figures.existing_locks().items()
        if relation in figures.rows and MODES.index(mode) >= WRITERS_WAIT
    }
    if not locks or script.alone or figures.ms > SHORT:
        return None
    with _long_transaction(dsn, locks), connected(dsn) as connection:
        waited = _waited(connection, script)
    if waited is None:
        return None
    time.sleep(AFTER)
    place, waiting, end = waited
    stall = running.longest(waiting, end)
    asked = [lock for lock in figures.statements[place].locks if lock.relation in locks]
    lock = max(asked, key=lambda one: MODES.index(one.mode), default=None)
    if lock is None:
        return None
    return Queue(
        lock.relation,
        lock.mode,
        (end - waiting) * 1000,
        stall.reader_ms or 0.0,
        stall.writer_ms or 0.0,
    )


def _waited(connection: Connection, script: Script) -> tuple[int, float, float] | None:
    """Run statements until one waits too long for a lock; return its place, and when it began to wait and gave up."""
    place, waiting = 0, time.perf_counter()
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL lock_timeout = {GIVES_UP}".encode())
            for place, statement in enumerate(script.statements):  # noqa: B007 -- what it was at the error
                waiting = time.perf_counter()
                execute(connection, statement)
    except pg.LockNotAvailable:
        return place, waiting, time.perf_counter()
    except pg.DeadlockDetected:
        pass
    return None


@contextmanager
def _long_transaction(dsn: str, locks: dict[str, str]) -> Iterator[None]:
    """Hold what a report holds of tables that are to be locked whole, and of others what a writer holds."""
    with connected(dsn, autocommit=False) as connection:
        for relation, mode in locks.items():
            held = "ACCESS SHARE" if mode == MODES[-1] else "ROW EXCLUSIVE"
            connection.execute(f"LOCK TABLE {relation} IN {held} MODE".encode())
        yield
        connection.rollback()
