"""Runs one migration: its statements and its record in one transaction, again and again while tables stay locked."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
from psycopg import errors as pg
from psycopg import sql

from slimy_dal.compiler.schemafiles import SchemaStatement
from slimy_dal.schema import backfill, journal
from slimy_dal.schema.alone import Way, clean_up, way
from slimy_dal.schema.backend import Backend
from slimy_dal.schema.journal import Failure
from slimy_dal.schema.migrationfiles import (
    Direction,
    MigrationError,
    MigrationFile,
    checked_statements,
)
from slimy_dal.schema.verifying import refuse_false
from slimy_dal.schema.watching import Watch

__all__ = ["LOCK_WAIT", "Runner", "refuse_irreversible", "timeouts"]

LOCK_TIMEOUT = "2s"
"""How long a statement may queue for a table lock: everyone else queues behind it all that time."""

STATEMENT_TIMEOUT = "15min"

LOCK_WAIT = 300.0
"""Seconds that are spent on tries in all, when a table stays locked."""

CLEANING = "SET lock_timeout = '10s'"
"""A leftover that is in use for longer than that is the next run's to remove: who stopped this one waits for it."""

FIRST_SLEEP, LONGEST_SLEEP = 0.2, 30.0

BLOCKED = (pg.LockNotAvailable, pg.DeadlockDetected)
"""What goes away by itself."""


def timeouts(file: MigrationFile, direction: Direction) -> tuple[str, str]:
    """Return lock_timeout and statement_timeout of a file: its headers', else ours.

    Outside of a transaction there are none unless told: what runs there waits without a queue behind it, and for long.
    """
    told = file.headers if direction == "apply" else file.rollback_headers
    usual = ("0", "0") if file.alone(direction) else (LOCK_TIMEOUT, STATEMENT_TIMEOUT)
    return told.get("lock_timeout", usual[0]), told.get("statement_timeout", usual[1])


def refuse_irreversible(file: MigrationFile) -> None:
    """Raise MigrationError where a rollback file says why it cannot be."""
    file.text("rollback")
    reason = file.rollback_headers.get("irreversible")
    if reason is not None:
        raise MigrationError(f"{file.id} cannot be rolled back: {reason or 'it says so'}")


@dataclass
class _Place:
    """Which statement is at work, so that an error can say where."""

    number: int | None = None
    statement: SchemaStatement | None = None


@dataclass
class Runner:
    """What a run of migrations shares: the session, who watches it, and who is told."""

    backend: Backend
    watch: Watch
    say: Callable[[str], None] = field(default=lambda _line: None)
    lock_wait: float = LOCK_WAIT
    pace: backfill.Pace | None = None
    progress: Callable[[backfill.Progress], None] | None = None
    _started: float = 0.0

    def run(self, file: MigrationFile, direction: Direction) -> None:
        """Run a migration's file, and record it. Raises MigrationError, with nothing of it left."""
        statements = checked_statements(file, direction)
        batches = backfill.read(file.path, file.text("apply")) if direction == "apply" else None
        if batches is not None:
            self._in_batches(file, batches)
            return
        give_up = time.monotonic() + self.lock_wait
        tries = 0
        while True:
            tries += 1
            alone = statements[0].text if file.alone(direction) else None
            todo = (
                way(self.backend, file, direction, statements[0]) if file.alone(direction) else None
            )
            attempt = journal.start(self.backend, file, direction, alone)
            place = _Place()
            try:
                if todo is None:
                    self._together(file, direction, statements, place)
                else:
                    self._alone(file, direction, statements[0], todo, place)
                self._record(file, direction, attempt)
            except (psycopg.Error, MigrationError) as error:
                self._undo(file, direction, attempt, error, place)
                if isinstance(error, MigrationError):
                    raise
                if not isinstance(error, BLOCKED):
                    raise MigrationError(_words(file.file(direction).name, error, place)) from error
                self._wait(file, tries, give_up, error)
            except KeyboardInterrupt:
                self._undo(file, direction, attempt, MigrationError("stopped by hand"), place)
                raise
            else:
                self.backend.reset()
                return

    def _in_batches(self, file: MigrationFile, batches: backfill.Backfill) -> None:
        """Run a data migration from wherever it is; the try is recorded as any other's."""
        attempt, started = journal.start(self.backend, file, "apply"), time.monotonic()

        def record() -> None:
            took = round((time.monotonic() - started) * 1000)
            parts = journal.applied(self.backend, file, "slimy", took)
            self.backend.run(sql.SQL("; ").join([*parts, journal.close(self.backend, attempt)]))

        try:
            backfill.run(
                self.backend.connection,
                batches,
                pace=self.pace,
                report=self.progress or backfill.now_and_then(self.say),
                finish=record,
                schema=self.backend.schema,
            )
        except (backfill.BackfillError, psycopg.Error) as error:
            with suppress(psycopg.Error):
                self.backend.reset()
                why = Failure(message=str(error).strip().splitlines()[0])
                journal.failed(self.backend, attempt, why)
            if isinstance(error, backfill.BackfillError):
                raise
            raise MigrationError(
                f"{_words(file.path.name, error, _Place())}; what is done stays done, and running it"
                " again goes on from there"
            ) from error
        self.backend.reset()

    def _together(
        self,
        file: MigrationFile,
        direction: Direction,
        statements: Sequence[SchemaStatement],
        place: _Place,
    ) -> None:
        """Run a file's statements in a transaction, and leave that open."""
        self._started = time.monotonic()
        self.backend.run(sql.SQL("BEGIN; {}").format(_limits("SET LOCAL", file, direction)))
        name = file.file(direction).name
        for number, statement in enumerate(statements, 1):
            place.number, place.statement = number, statement
            label = f"{name}:{statement.line}: statement {number} of {len(statements)}"
            with self.watch.on(label):
                self.backend.run(statement.text)
        place.number = place.statement = None

    def _alone(
        self,
        file: MigrationFile,
        direction: Direction,
        statement: SchemaStatement,
        todo: Way,
        place: _Place,
    ) -> None:
        """Run what is left to do of a file's one statement, and begin the transaction that records it."""
        self._started = time.monotonic()
        self.backend.run(_limits("SET", file, direction))
        place.number, place.statement = 1, statement
        label = f"{statement.path}:{statement.line}"
        for text in todo.before:
            self.say(f"{label}: removes what an earlier try left: {text}")
            with self.watch.on(f"{label}: {text}"):
                self.backend.run(text)
        if todo.statement is None:
            self.say(f"{label}: had been done by a try that was cut off; now it is recorded")
        else:
            with self.watch.on(label):
                self.backend.run(todo.statement)
        place.number = place.statement = None
        self.backend.reset()
        self.backend.run("BEGIN")

    def _record(self, file: MigrationFile, direction: Direction, attempt: int) -> None:
        """Record a migration in the open transaction, and commit."""
        took = round((time.monotonic() - self._started) * 1000)
        if direction == "apply":
            refuse_false(self.backend, file)
        record = (
            journal.applied(self.backend, file, "slimy", took)
            if direction == "apply"
            else journal.undone(self.backend, file, "slimy")
        )
        # The bookkeeping is the migrator's, whatever role the file took.
        parts = [sql.SQL("RESET ROLE"), *record, journal.close(self.backend, attempt)]
        self.backend.run(sql.SQL("; ").join([*parts, sql.SQL("COMMIT")]))

    def _undo(
        self,
        file: MigrationFile,
        direction: Direction,
        attempt: int,
        error: psycopg.Error | MigrationError,
        place: _Place,
    ) -> None:
        """Roll back, and record the try; where the connection is gone, the next run does the latter."""
        with suppress(psycopg.Error):
            self.backend.run("ROLLBACK")
            self.backend.reset()
            if file.alone(direction) and place.statement is not None:
                self.backend.run(CLEANING)
                with self.watch.on(f"{file.id}: removes what is left"):
                    clean_up(self.backend, place.statement)
                self.backend.reset()
            if isinstance(error, MigrationError):
                failure = Failure("failed", message=str(error))
            else:
                said = (error.sqlstate, error.diag.message_primary)
                failure = Failure("failed", place.number, _line(error, place), *said)
            journal.failed(self.backend, attempt, failure)

    def _wait(self, file: MigrationFile, tries: int, give_up: float, error: psycopg.Error) -> None:
        by = "; ".join(self.watch.blockers) or "somebody who has gone since"
        what = "met a deadlock with" if isinstance(error, pg.DeadlockDetected) else "waited for"
        sleep = min(LONGEST_SLEEP, FIRST_SLEEP * 2 ** (tries - 1)) * random.uniform(0.5, 1)  # noqa: S311 -- jitter
        if time.monotonic() + sleep > give_up:
            raise MigrationError(
                f"{file.id}: a table stayed locked through {tries} tries in {self.lock_wait:.0f} s, "
                f"the last one {what} {by}: end that, or try again when traffic is low"
            ) from error
        self.say(f"{file.id}: try {tries} {what} {by}; the next one in {sleep:.1f} s")
        time.sleep(sleep)


def _limits(verb: LiteralString, file: MigrationFile, direction: Direction) -> sql.Composed:
    lock, statement = timeouts(file, direction)
    return sql.SQL("{0} lock_timeout = {1}; {0} statement_timeout = {2}").format(
        sql.SQL(verb),
        sql.Literal(lock),
        sql.Literal(statement),
    )


def _line(error: psycopg.Error, place: _Place) -> int | None:
    """Return the line of the file that an error is about; None where no statement was at work."""
    if place.statement is None:
        return None
    position = error.diag.statement_position
    text = place.statement.text
    inside = text.count("\n", 0, int(position) - 1) if position else 0
    return place.statement.line + inside


def _words(name: str, error: psycopg.Error, place: _Place) -> str:
    line = _line(error, place)
    where = f"{name}:{line}" if line is not None else f"{name}, when it was committed"
    if error.sqlstate is None:
        return f"{where}: the connection is lost: {str(error).strip().splitlines()[0]}"
    return f"{where}: {error.diag.message_primary or str(error).strip()}"
