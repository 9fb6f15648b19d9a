"""Runs a data migration batch by batch, from wherever it is to its end."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import psycopg
from psycopg import Connection, RawCursor
from psycopg import errors as pg

from slimy_dal.schema.backfill import places
from slimy_dal.schema.backfill.files import Backfill, BackfillError
from slimy_dal.schema.backfill.keys import Key, ask, find
from slimy_dal.schema.backfill.pace import Pace
from slimy_dal.schema.backfill.places import SCHEMA, Reached
from slimy_dal.schema.backfill.progress import Progress

__all__ = ["run"]

TRIES = 20
"""How often in a row a batch may fail to get its locks before a person is asked."""

Report = Callable[[Progress], None]

SESSION = """
SELECT
    set_config('lock_timeout', $1, FALSE), set_config('statement_timeout', $2, FALSE),
    set_config('application_name', $3, FALSE), set_config('timezone', 'UTC', FALSE),
    set_config('datestyle', 'ISO', FALSE)
"""
SETTINGS = ("lock_timeout", "statement_timeout", "application_name", "timezone", "datestyle")


def run(
    connection: Connection[Any],
    backfill: Backfill,
    *,
    pace: Pace | None = None,
    report: Report = lambda _progress: None,
    finish: Callable[[], None] = lambda: None,
    schema: str = SCHEMA,
) -> Progress:
    """Run a data migration to its end, from where an earlier run left it, and return what was done.

    The connection is in autocommit mode and holds the migrator's lock. `finish` records the migration, in the
    transaction that closes it. Whatever ends this before, each batch is done whole with its place or not at all.
    Raises BackfillError; what psycopg raises for a lost connection comes through.
    """
    if not connection.autocommit:
        raise BackfillError("batches commit one by one: give a connection in autocommit mode")
    key = find(connection, backfill)
    with _session(connection, backfill):
        place = places.begin(connection, backfill, key, schema)
        return _Run(
            connection, backfill, key, pace or Pace(), place, report=report, schema=schema
        ).through(finish)


@contextmanager
def _session(connection: Connection[Any], backfill: Backfill) -> Iterator[None]:
    """Set what holds for the session; keys are kept as text, which must not depend on who signs in.

    A connection that was interrupted within an exchange with the server is closed: nobody knows what is still open in
    it, and whoever commits next could commit half of a batch.
    """
    name = f"slimy migrate backfill {backfill.id}"
    ask(connection, SESSION, [backfill.lock_timeout, backfill.statement_timeout, name])
    try:
        yield
    except BaseException as error:
        idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if not idle or not isinstance(error, Exception):
            connection.close()
        raise
    finally:
        if not connection.closed:
            for setting in SETTINGS:
                connection.execute(f"RESET {setting}")


@dataclass
class _Run:
    """One run of a data migration; `place` is the last one that was committed."""

    connection: Connection[Any]
    backfill: Backfill
    key: Key
    pace: Pace
    place: Reached
    report: Report
    schema: str
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.statement = self.key.bounded(self.backfill)
        self.seen_before = self.place.seen
        self.size = self.place.batch_size

    def through(self, finish: Callable[[], None]) -> Progress:
        """Do what is left to do, prove the end, and record it."""
        while True:
            self.pace.hold_back(self.connection, self._say)
            reached = self._batch_or_wait()
            if reached is None:
                break
            self.place = reached
            self._say(None)
        self._prove()
        with self.connection.transaction():
            places.finish(self.connection, self.backfill.id, self.schema)
            finish()
        done = self._progress(finished=True)
        self.report(done)
        return done

    def _say(self, waits_for: str | None) -> None:
        self.report(self._progress(waits_for))

    def _batch_or_wait(self) -> Reached | None:
        """Do the next batch; where traffic is in its way, let that pass and take half of it."""
        why = ""
        for attempt in range(1, TRIES + 1):
            began = time.monotonic()
            try:
                return self._batch()
            except (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure) as error:
                why = error.diag.message_primary or "its rows are locked"
            except pg.QueryCanceled as error:
                if time.monotonic() - began < self.backfill.most_seconds:
                    raise BackfillError(f"{self.backfill.id}: its batch was cancelled") from error
                why = f"a batch took more than {self.backfill.statement_timeout}"
            except psycopg.Error as error:
                if self.connection.broken:
                    raise
                self._refused(error)
            if attempt == TRIES:
                break
            self.size = max(1, self.size // 2)
            self._say(f"{why}; batches of {self.size} now")
            waited = time.monotonic() - began
            self.pace.sleep(random.uniform(0.5, 1.5) * max(0.1, waited))  # noqa: S311 -- jitter
        raise BackfillError(
            f"{self.backfill.id}: {why}, {TRIES} times in a row; it goes on from its place when"
            f" it is run again: `slimy migrate backfill {self.backfill.id}`"
        )

    def _batch(self) -> Reached | None:
        """Do a batch and note its place in one transaction; None where nothing is left."""
        began = time.monotonic()
        with self.connection.transaction():
            place = places.locked(self.connection, self.backfill.id, self.schema)
            if place.end is None:
                return None
            size = min(self.size, self.pace.largest)
            chunk = self.key.chunk(self.connection, place.last, place.end, size)
            if chunk is None:
                return None
            done = RawCursor(self.connection).execute(
                self.statement.encode(), [*chunk.first, *chunk.last], prepare=False
            )
            spent = time.monotonic() - began
            self.size = self.pace.next_size(size, chunk.rows, spent)
            return places.advance(
                self.connection,
                place,
                chunk,
                changed=done.rowcount,
                batch_size=self.size,
                schema=self.schema,
            )

    def _refused(self, error: psycopg.Error) -> NoReturn:
        """Raise BackfillError for what the server said of the statement, with its line."""
        backfill, position = self.backfill, error.diag.statement_position
        line = backfill.line
        if position:
            line += self.statement.count("\n", 0, int(position) - 1)
        said = error.diag.message_primary or error
        raise BackfillError(f"{backfill.path.name}:{line}: {said}") from error

    def _prove(self) -> None:
        """Hold the file's condition against the database. Raises BackfillError where it is not true."""
        with self.connection.transaction():
            self.connection.execute("SET TRANSACTION READ ONLY")
            self.connection.execute("SET LOCAL statement_timeout = 0")
            try:
                row = ask(self.connection, self.backfill.done_when)
            except psycopg.Error as error:
                if self.connection.broken:
                    raise
                said = error.diag.message_primary or error
                self.backfill.fail(f"done when: {said}")
        if row is None or row[0] is not True:
            self.backfill.fail(
                f"every batch is done, but `{self.backfill.done_when}` is not true: rows came in"
                " that nothing looks after (is there a trigger of the expand phase?), or the"
                f" statement leaves some out; `slimy migrate backfill {self.backfill.id} --again`"
                " goes over the table once more"
            )

    def _progress(self, waits_for: str | None = None, *, finished: bool = False) -> Progress:
        spent, place = max(0.001, time.monotonic() - self.began), self.place
        return Progress(
            id=self.backfill.id,
            rows=place.seen,
            estimated=max(place.estimated, place.seen),
            changed=place.changed,
            batches=place.batches,
            batch_size=self.size,
            rows_per_second=(place.seen - self.seen_before) / spent,
            waits_for=waits_for,
            finished=finished,
        )
