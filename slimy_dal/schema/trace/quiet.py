"""Runs a migration with nobody else about: its locks, rewrites and what it writes are the same each time."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from psycopg import errors as pg

from slimy_dal.compiler.schemafiles import SchemaStatement
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.trace.copies import connected
from slimy_dal.schema.trace.figures import MODES, MigrationFigures, StatementFigures, strongest
from slimy_dal.schema.trace.scripts import Script
from slimy_dal.schema.trace.watch import (
    Connection,
    Relation,
    Snapshot,
    held,
    locks_between,
    rewritten,
    snapshot,
)

__all__ = ["execute", "measured", "run", "touched"]

SHOWN = 100
"""Characters of a statement that stand beside its figures."""

Locks = set[tuple[int, str]]
"""Relations by OID, and how they are locked."""

WEAK = frozenset({None, *MODES[:3]})
"""Modes that a gate of SHARE UPDATE EXCLUSIVE lets pass."""

POLL = 0.001
PATIENCE = 5.0
"""Seconds to wait for a statement to ask for its first lock."""

OF_THE_CLUSTER = re.compile(
    r"\s*create\s+(role|user(?!\s+mapping)|group|tablespace)\b", re.IGNORECASE
)


def execute(connection: Connection, statement: SchemaStatement) -> None:
    """Run a statement of a migration; a role that another copy's run has made is there already.

    Raises MigrationError with its file and line, or psycopg's error where it was refused a lock.
    """
    shared = OF_THE_CLUSTER.match(statement.text) is not None
    try:
        if not shared:
            connection.execute(statement.text.encode())
            return
        with suppress(pg.DuplicateObject), connection.transaction():
            connection.execute(statement.text.encode())
    except (pg.LockNotAvailable, pg.DeadlockDetected, pg.QueryCanceled):
        raise
    except psycopg.Error as error:
        message = error.diag.message_primary or error
        raise MigrationError(f"{statement.path}:{statement.line}: {message}") from error


def run(dsn: str, script: Script) -> None:
    """Apply a migration for good, unmeasured. Raises MigrationError."""
    with connected(dsn) as connection:
        if script.alone:
            for statement in script.statements:
                execute(connection, statement)
            return
        with connection.transaction():
            for statement in script.statements:
                execute(connection, statement)


def touched(dsn: str, script: Script) -> set[int]:
    """Run a migration and undo it, and return the tables that were there before and that it locked in any way.

    One that runs outside of a transaction is not undone. Raises MigrationError.
    """
    if script.alone:
        with connected(dsn) as connection:
            existing = snapshot(connection).relations
        names = {lock.relation for one in measured(dsn, script).statements for lock in one.locks}
        return {oid for oid, one in existing.items() if one.name in names and one.kind in "rp"}
    with connected(dsn) as connection:
        existing = snapshot(connection).relations
        with connection.transaction(force_rollback=True):
            for statement in script.statements:
                execute(connection, statement)
            locked = {oid for oid, _ in held(connection, connection.info.backend_pid)}
    return {oid for oid in locked if oid in existing and existing[oid].kind in "rp"}


def measured(dsn: str, script: Script) -> MigrationFigures:
    """Run a migration and undo it, and return its figures.

    One that runs outside of a transaction is not undone. Raises MigrationError.
    """
    with connected(dsn) as connection:
        existing = snapshot(connection).relations
        if script.alone:
            found = [_alone(dsn, connection, one, existing) for one in script.statements]
            return _summed(script, found)
        with connection.transaction(force_rollback=True):
            found = list(_inside(connection, script.statements, existing))
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return _summed(script, found)


def _summed(script: Script, statements: list[StatementFigures]) -> MigrationFigures:
    figures = MigrationFigures(script.id, statements)
    figures.strongest_lock = strongest(figures.existing_locks().values())
    exclusive = [
        place
        for place, one in enumerate(statements)
        if any(lock.existing and lock.mode == "AccessExclusiveLock" for lock in one.locks)
    ]
    if exclusive:
        last = exclusive[0] + 1 if script.alone else len(statements)
        figures.access_exclusive_ms = sum(one.alone_ms for one in statements[exclusive[0] : last])
    return figures


def _inside(
    connection: Connection, statements: Iterable[SchemaStatement], existing: Mapping[int, Relation]
) -> Iterator[StatementFigures]:
    before = snapshot(connection)
    for statement in statements:
        started = time.perf_counter()
        execute(connection, statement)
        spent = time.perf_counter() - started
        after = snapshot(connection)
        yield _figures(statement, spent, (before, after), set(), existing)
        before = after


def _alone(
    dsn: str,
    connection: Connection,
    statement: SchemaStatement,
    existing: Mapping[int, Relation],
) -> StatementFigures:
    """Run a statement that commits by itself, and look at its locks from another session while it does.

    Before that it waits at closed gates for its first locks, and is ended: polling alone would miss a short lock.
    """
    before = snapshot(connection)
    started = time.perf_counter()
    done, seen = _at_the_gates(dsn, connection, statement, existing)
    if done:  # it locks no table
        spent = time.perf_counter() - started
        return _figures(statement, spent, (before, snapshot(connection)), seen, existing)
    with _polled(dsn, connection.info.backend_pid, seen):
        started = time.perf_counter()
        execute(connection, statement)
        spent = time.perf_counter() - started
    return _figures(statement, spent, (before, snapshot(connection)), seen, existing)


def _figures(
    statement: SchemaStatement,
    spent: float,
    between: tuple[Snapshot, Snapshot],
    seen: Locks,
    existing: Mapping[int, Relation],
) -> StatementFigures:
    before, after = between
    tables, indexes = rewritten(before, after, statement.text)
    return StatementFigures(
        line=statement.line,
        text=" ".join(statement.text.split())[:SHOWN],
        alone_ms=spent * 1000,
        locks=locks_between(before, after, seen, existing),
        rewrites=tables,
        rebuilds=indexes,
        wal_bytes=after.wal - before.wal,
        dead_rows=max(0, after.dead - before.dead),
    )


@contextmanager
def _polled(dsn: str, pid: int, seen: Locks) -> Iterator[None]:
    """Add to `seen` what a session locks during a `with` block."""
    done = threading.Event()

    def look() -> None:
        with connected(dsn) as watcher:
            while not done.wait(POLL):
                seen.update(held(watcher, pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _at_the_gates(
    dsn: str, connection: Connection, statement: SchemaStatement, existing: Mapping[int, Relation]
) -> tuple[bool, Locks]:
    """Return whether a statement ran with all tables locked, else the first locks that it asked for.

    A weak first lock says little: VACUUM begins with one, so that the second gate lets those pass.
    """
    tables = ", ".join(one.name for one in existing.values() if one.kind in "rp")
    seen: Locks = set()
    if not tables:
        return False, seen
    for gate in ("ACCESS EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"):
        ended, asked = _at_a_gate(dsn, connection, statement, f"LOCK TABLE {tables} IN {gate} MODE")
        seen |= asked
        if ended or strongest(mode for _, mode in asked) not in WEAK:
            return ended, seen
    return False, seen


def _at_a_gate(
    dsn: str, connection: Connection, statement: SchemaStatement, gate: str
) -> tuple[bool, Locks]:
    """Start a statement in front of locked tables, and end it as soon as it waits: it has done nothing yet."""
    seen: Locks = set()
    pid = connection.info.backend_pid
    errors: list[psycopg.Error | MigrationError] = []
    with connected(dsn, autocommit=False) as closed, connected(dsn) as watcher:
        closed.execute(gate.encode())
        runner = threading.Thread(target=_until_ended, args=(connection, statement, errors))
        runner.start()
        _wait(lambda: not runner.is_alive() or _is_waiting(watcher, pid))
        ended = not runner.is_alive()
        if not ended:
            seen.update(held(watcher, pid))
        while runner.is_alive():
            watcher.execute("SELECT pg_cancel_backend(%s)", (pid,))
            runner.join(0.05)
        closed.rollback()
    if ended and errors:
        raise errors[0]
    return ended, seen


def _until_ended(
    connection: Connection, statement: SchemaStatement, errors: list[psycopg.Error | MigrationError]
) -> None:
    try:
        execute(connection, statement)
    except (psycopg.Error, MigrationError) as error:
        errors.append(error)


def _is_waiting(watcher: Connection, pid: int) -> bool:
    row = watcher.execute(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE l.pid = %s AND NOT l.granted)",
        (pid,),
    ).fetchone()
    return bool(row and row[0])


def _wait(ready: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not ready() and time.monotonic() < give_up:
        time.sleep(POLL)
