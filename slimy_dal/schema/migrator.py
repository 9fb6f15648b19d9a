"""The only place that changes a database's schema: yoyo's files and bookkeeping, run so that nothing is left half-done.

Stock yoyo forgets edits, records a migration in a transaction of its own, and leaves its lock row behind when it is
killed. Here a migration, its log entry and its mark commit together; the lock is the session's and dies with it; and
the log entry carries what the files were, so that an edited one is refused. The tables are yoyo's own: what this
module applied, `yoyo` knows as applied, and the other way round.
"""

import getpass
import hashlib
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
import yoyo
from psycopg import errors as pg
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.migrations import default_migration_table, topological_sort

from slimy_dal.schema.migrationfiles import (
    MigrationError,
    State,
    checked_script,
    checksum,
    refuse_changed,
    refuse_late,
)

__all__ = ["Backend", "MigrationError", "State", "apply", "rollback", "status"]

LOCK_KEY = 0x736C696D79
"""Advisory lock of whoever migrates: the bytes of `slimy`."""

LOCK_TIMEOUT = "2s"
"""How long a statement may queue for a table lock: everyone else queues behind it all that time."""

LOCK_ATTEMPTS = 10
WAIT_FOR_OTHER_MIGRATOR = 60.0

Direction = Literal["apply", "rollback"]


class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo carries no types
    """yoyo's bookkeeping on one connection: no probe table, no lock row, no second connection."""

    log_migration_sql = PostgresqlPsycopgBackend.log_migration_sql.replace(
        "{quoted.created_at_utc})", "{quoted.created_at_utc}, {quoted.comment})"
    ).replace(":created_at_utc)", ":created_at_utc, :comment)")
    log_entries_sql = (
        "SELECT {quoted.migration_id}, {quoted.comment} FROM {0.log_table_quoted} "
        "WHERE {quoted.operation} IN ('apply', 'mark') ORDER BY {quoted.created_at_utc}"
    )
    _is_locked: bool = False
    try_lock_sql = "SELECT pg_try_advisory_lock(:key)"

    def connect(self, dburi: "_Address") -> Any:
        """Connect, with yoyo's tables in the schema where the service looks for them.

        The server looks after a client that is gone, so that a killed migrator's lock does not outlive its statement.
        """
        connection = psycopg.connect(dburi.dsn, autocommit=True)
        connection.execute("SET search_path = public")
        connection.execute("SET client_connection_check_interval = '1s'")
        return connection

    def init_database(self) -> None:
        """Do nothing: PostgreSQL has transactional DDL, and the lock is the session's."""

    @contextmanager
    def lock(self, timeout: float = WAIT_FOR_OTHER_MIGRATOR) -> Iterator[None]:
        """Be the only migrator; polled, because a waiting pg_advisory_lock() would deadlock CREATE INDEX CONCURRENTLY.

        Re-entrant. Raises MigrationError when another one holds it for longer than `timeout` seconds.
        """
        if self._is_locked:
            yield
            return
        give_up = time.monotonic() + timeout
        while not self.execute(self.try_lock_sql, {"key": LOCK_KEY}).fetchone()[0]:
            if time.monotonic() > give_up:
                raise MigrationError(
                    f"another migrator has been at work for {timeout:.0f} s: wait for it, or end its session"
                )
            time.sleep(0.2)
        self._is_locked = True
        try:
            yield
        finally:
            self._is_locked = False
            if not self.connection.closed:
                self.connection.execute("SELECT pg_advisory_unlock_all()")

    def get_log_data(self, migration: Any = None, operation: str = "apply") -> dict[str, Any]:
        """Return the log entry with the files' checksums; the host name is the machine's, not a DNS server's."""
        return {
            **_without_dns(super().get_log_data, migration, operation),
            "username": getpass.getuser(),
            "comment": checksum(Path(migration.path)) if migration else None,
        }

    def checksums(self) -> dict[str, str | None]:
        """Return what each applied migration's files were; None where stock yoyo applied it."""
        return dict(self.execute(self.format_sql(self.log_entries_sql)).fetchall())

    def run(self, migration: Any, direction: Direction) -> None:
        """Run one migration's file, its log entry and its mark in one transaction.

        A file with `-- transactional: false` holds one statement, which cannot be inside a transaction; it is recorded
        right after it.
        """
        path = Path(migration.path)
        path = path.with_suffix(".rollback.sql") if direction == "rollback" else path
        if not path.exists():
            raise MigrationError(f"{migration.id} has no {path.name}: it cannot be rolled back")
        migration.load()
        alone = not migration.use_transactions
        script = checked_script(path, alone=alone)
        if alone:
            self.connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            self._execute_script(path, script)
        with self.connection.transaction():
            if not alone:
                self.connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                self._execute_script(path, script)
            self.log_migration(migration, direction)
            if direction == "apply":
                self.mark_one(migration, log=False)
            else:
                self.unmark_one(migration, log=False)

    def _execute_script(self, path: Path, script: str) -> None:
        """Send the file as it is: the server splits it, and its error positions are the file's own."""
        try:
            self.connection.execute(script)
        except pg.LockNotAvailable:
            raise
        except psycopg.Error as error:
            position = error.diag.statement_position
            line = f":{script.count(chr(10), 0, int(position) - 1) + 1}" if position else ""
            raise MigrationError(
                f"{path.name}{line}: {error.diag.message_primary or error}"
            ) from error


def _without_dns(call: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Call with socket.getfqdn() answered locally: yoyo asks for it, and a DNS server may take seconds to say no."""
    ask, socket.getfqdn = socket.getfqdn, lambda name="": socket.gethostname()  # noqa: ARG005 -- its signature
    try:
        return call(*arguments)
    finally:
        socket.getfqdn = ask


@dataclass(frozen=True, slots=True)
class _Address:
    """What yoyo calls a URI, for libpq to read: several hosts, quoting and options are its own."""

    dsn: str
    database: str = ""


@contextmanager
def _backend(dsn: str) -> Iterator[Backend]:
    dsn = dsn.replace("postgresql+psycopg://", "postgresql://", 1)
    if not dsn.startswith(("postgres://", "postgresql://")):
        raise MigrationError("cannot migrate there: give a postgresql:// address")
    try:
        backend = Backend(_Address(dsn), default_migration_table)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise MigrationError(f"no connection to the database: {reason}") from error
    except psycopg.ProgrammingError:
        raise MigrationError("the address cannot be read: quote its special characters") from None
    try:
        with backend:
            yield backend
    except psycopg.Error as error:
        raise MigrationError(
            f"the database refused: {error.diag.message_primary or error}"
        ) from error


def _read(folder: Path) -> list[Any]:
    migrations = list(topological_sort(yoyo.read_migrations(str(folder))))
    if not migrations:
        raise MigrationError(f"no migrations in {folder}")
    return migrations


def _states(backend: Backend, migrations: list[Any]) -> list[State]:
    backend.ensure_internal_schema_updated()
    applied, checksums = set(backend.get_applied_migration_hashes()), backend.checksums()
    rows = []
    for migration in migrations:
        known = checksums.get(migration.id)
        done = migration.hash in applied
        edited = done and known is not None and known != checksum(Path(migration.path))
        rows.append(State(migration.id, applied=done, edited=edited, missing=False))
    here = {migration.id for migration in migrations}
    hashes = {hashlib.sha256(name.encode()).hexdigest(): name for name in checksums}
    ghosts = sorted(
        hashes[mark] for mark in applied if hashes.get(mark) and hashes[mark] not in here
    )
    return rows + [State(name, applied=True, edited=False, missing=True) for name in ghosts]


def status(dsn: str, folder: Path) -> list[State]:
    """Return every migration's state, in the order they apply in; those the folder lacks come last."""
    with _backend(dsn) as backend:
        return _states(backend, _read(folder))


def _run(backend: Backend, migration: Any, direction: Direction) -> None:
    for attempt in range(1, LOCK_ATTEMPTS + 1):
        try:
            backend.run(migration, direction)
        except pg.LockNotAvailable as error:
            if attempt == LOCK_ATTEMPTS:
                raise MigrationError(
                    f"{migration.id}: a table stayed locked through {attempt} tries of {LOCK_TIMEOUT}; "
                    "try again when traffic is low"
                ) from error
            time.sleep(random.uniform(0.1, 0.3) * attempt)  # noqa: S311 -- jitter, not a secret
        else:
            return


def apply(dsn: str, folder: Path, report: Callable[[str], None] = lambda _id: None) -> list[str]:
    """Apply what is pending, in order, and return the ids; idempotent, and safe to race with others.

    `report` is called with each id when it is done. Raises MigrationError: an edited, missing or out-of-order file
    stops everything before anything runs; a failing statement undoes its migration and keeps those before it.
    """
    with _backend(dsn) as backend, backend.lock():
        migrations = _read(folder)
        states = _states(backend, migrations)
        refuse_changed(states)
        refuse_late(states)
        applied = {state.id for state in states if state.applied}
        pending = [migration for migration in migrations if migration.id not in applied]
        for migration in pending:
            _run(backend, migration, "apply")
            report(migration.id)
        return [migration.id for migration in pending]


def rollback(
    dsn: str, folder: Path, count: int = 1, report: Callable[[str], None] = lambda _id: None
) -> list[str]:
    """Undo the last `count` applied migrations, newest first, and return their ids.

    Raises MigrationError; an edited or missing file stops everything before anything runs.
    """
    with _backend(dsn) as backend, backend.lock():
        migrations = _read(folder)
        states = _states(backend, migrations)
        refuse_changed(states)
        applied = {state.id for state in states if state.applied}
        undone = [migration for migration in reversed(migrations) if migration.id in applied][
            :count
        ]
        for migration in undone:
            _run(backend, migration, "rollback")
            report(migration.id)
        return [migration.id for migration in undone]
