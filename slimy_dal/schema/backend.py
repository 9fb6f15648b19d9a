"""The only place that knows yoyo: its backend on one connection, its order of files, and the lock of who migrates."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.migrations import default_migration_table
from yoyo.topologicalsort import CycleError, topological_sort

from slimy_dal.schema.addresses import no_connection, readable
from slimy_dal.schema.migrationfiles import MigrationError, MigrationFile

__all__ = ["BOOKKEEPING", "LOCK_KEY", "Backend", "in_order", "opened"]

LOCK_KEY = 0x736C696D79
"""Advisory lock of whoever migrates: the bytes of `slimy`."""

BOOKKEEPING = "slimy_migrations"
"""The schema of the bookkeeping, where none is named."""

WAIT_FOR_OTHER_MIGRATOR = 60.0

TRIES = 20
"""Looks at whose session it is that a pooler lends."""

LONGEST_NAME = 63

SESSION = """\
RESET ALL;
SET client_encoding = 'UTF8';
SET client_connection_check_interval = '1s';
SET application_name = 'slimy';
SELECT pg_catalog.set_config('synchronous_commit', 'on', FALSE)
WHERE pg_catalog.current_setting('synchronous_commit') = 'off'
"""
"""How a session begins, and begins again after each migration.

The server looks after a client that is gone, so that a killed migrator's lock does not outlive its statement. What was
noted of a try must be there after a crash of the server.
"""


@dataclass(frozen=True, slots=True)
class _Address:
    """What yoyo calls a URI, for libpq to read: several hosts, quoting and options are its own."""

    dsn: str
    database: str = ""


class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo carries no types
    """yoyo's backend on one connection: no probe table, no lock row, no second connection."""

    connection: psycopg.Connection[tuple[Any, ...]]  # pyright: ignore[reportIncompatibleMethodOverride]
    schema = BOOKKEEPING
    _is_locked: bool = False

    def connect(self, dburi: _Address) -> Any:
        """Connect in autocommit, with nothing of yoyo's in the search_path: the bookkeeping is always named whole."""
        connection = psycopg.connect(dburi.dsn, autocommit=True)
        connection.execute(SESSION)
        return connection

    def init_connection(self, connection: Any) -> None:
        """Do nothing: yoyo would make its schema the search_path of migrations too."""

    def init_database(self) -> None:
        """Do nothing: PostgreSQL has transactional DDL, and the lock is the session's."""

    @property
    def dsn(self) -> str:
        """The address it was opened with, password and all: for further connections, never for a message."""
        return str(self.uri.dsn)

    def name(self, table: str) -> sql.Composable:
        """Return a table of the bookkeeping as it is written in SQL."""
        return sql.Identifier(self.schema, table)

    def rows(
        self, query: LiteralString | sql.Composed, *values: Any, **named: Any
    ) -> list[tuple[Any, ...]]:
        """Return what a query of ours finds; `{}` in a text is the bookkeeping's schema."""
        text = (
            sql.SQL(query).format(sql.Identifier(self.schema)) if isinstance(query, str) else query
        )
        cursor: psycopg.Cursor[tuple[Any, ...]] = self.connection.cursor()
        return cursor.execute(text, named or values or None).fetchall()

    def run(self, text: str | sql.Composable) -> None:
        """Run SQL that returns nothing."""
        self.connection.execute(text)  # type: ignore[arg-type]  # texts of migrations are no literals

    def reset(self) -> None:
        """Give the session back the settings it began with: a migration may have changed them for itself."""
        if not self.connection.closed:
            self.run(f"RESET ROLE; {SESSION}")

    @contextmanager
    def lock(
        self,
        timeout: float = WAIT_FOR_OTHER_MIGRATOR,
        say: Callable[[str], None] = lambda _line: None,
    ) -> Iterator[None]:
        """Be the only migrator; polled, because a waiting pg_advisory_lock() would deadlock CREATE INDEX CONCURRENTLY.

        Re-entrant. `say` hears once who is waited for. Raises MigrationError when another one holds it for longer than
        `timeout` seconds, and behind a pooler that gives each transaction another session.
        """
        if self._is_locked:
            yield
            return
        # Before it is tried: it would stay with a session that nobody finds again.
        _refuse_pooled(self)
        give_up, told = time.monotonic() + timeout, False
        while not self.rows("SELECT pg_catalog.pg_try_advisory_lock(%s)", LOCK_KEY)[0][0]:
            if time.monotonic() > give_up:
                raise MigrationError(
                    f"another migrator has been at work for {timeout:.0f} s"
                    f"{_by_whom(self)}: wait for it, or end its session"
                )
            if not told:
                say(f"another migrator is at work{_by_whom(self)}: waiting up to {timeout:.0f} s")
                told = True
            time.sleep(0.2)
        self._is_locked = True
        try:
            yield
        finally:
            self._is_locked = False
            if not self.connection.closed:
                # Where it was stopped by hand there may be a transaction, and the reason must not be lost in its end.
                self.connection.rollback()
                self.run("SELECT pg_catalog.pg_advisory_unlock_all()")


def _refuse_pooled(backend: Backend) -> None:
    """Raise MigrationError behind a pooler that gives each transaction another session: the lock would be anybody's."""
    told = backend.connection.info.backend_pid
    first = backend.rows("SELECT pg_backend_pid()")[0][0]
    if first == told:
        return
    # A pooler, then. One session of it that is two on the server, or two that are one, are pooled by transaction; a
    # pooler that is busy for others shows it sooner or later.
    with psycopg.connect(backend.dsn, autocommit=True, connect_timeout=10) as other:
        for _ in range(TRIES):
            mine = backend.rows("SELECT pg_backend_pid()")[0][0]
            row = other.execute("SELECT pg_backend_pid()").fetchone()
            if mine != first or (row is not None and row[0] == mine):
                raise MigrationError(
                    "this is a pooler in transaction mode, which holds no lock for a session: give the "
                    "address of the server itself, or of a pool in session mode"
                )


def _by_whom(backend: Backend) -> str:
    """Name the session that holds the lock; nothing where it has just gone."""
    found = backend.rows(
        "SELECT l.pid, a.usename, a.application_name FROM pg_catalog.pg_locks AS l"
        " LEFT JOIN pg_catalog.pg_stat_activity AS a ON l.pid = a.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
        " AND (l.classid::bigint << 32 | l.objid::bigint) = %s",
        LOCK_KEY,
    )
    return "".join(f" (session {pid} of {role}, {name})" for pid, role, name in found)


@contextmanager
def opened(dsn: str, bookkeeping: str = BOOKKEEPING) -> Iterator[Backend]:
    """Connect for the time of a `with` block.

    Raises MigrationError for what the database refuses, in one line, and without a password in it.
    """
    dsn = readable(dsn)
    if not dsn.startswith(("postgres://", "postgresql://")):
        raise MigrationError("cannot migrate there: give a postgresql:// address")
    if bookkeeping in {"public", "pg_catalog", "information_schema"}:
        raise MigrationError(f"the bookkeeping needs a schema of its own, not {bookkeeping}")
    if not 1 <= len(bookkeeping.encode()) <= LONGEST_NAME or set(bookkeeping) & {"%", "\0"}:
        raise MigrationError(
            f"the bookkeeping's schema has a name of 1 to {LONGEST_NAME} bytes without %, not {bookkeeping!r}"
        )
    try:
        backend = Backend(_Address(dsn), default_migration_table)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise no_connection(error) from None
    backend.schema = bookkeeping
    try:
        with backend:
            yield backend
    except psycopg.Error as error:
        raise MigrationError(
            f"the database refused: {error.diag.message_primary or str(error).strip()}"
        ) from error


def in_order(files: Sequence[MigrationFile]) -> list[MigrationFile]:
    """Return migrations in the order yoyo applies them in: by name, each after what it depends on.

    Raises MigrationError for a circle.
    """
    by_id = {file.id: file for file in files}
    try:
        names = list(topological_sort(list(by_id), {file.id: file.depends for file in files}))
    except CycleError as error:
        raise MigrationError(f"they depend on each other: {', '.join(error.args[1])}") from None
    return [by_id[name] for name in names]
