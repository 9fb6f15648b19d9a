"""The only place that changes a database's schema: yoyo's files and bookkeeping, run so that nothing is left half-done.

Stock yoyo forgets edits, records a migration in a transaction of its own, and leaves its lock row behind when it is
killed. Here a migration, its log entry and its mark commit together; the lock is the session's and dies with it; and
the files are kept as they were applied, so that an edited one is refused. What this module applied, `yoyo` knows as
applied, and the other way round.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from slimy_dal.schema import journal
from slimy_dal.schema.alone import refuse_other_way
from slimy_dal.schema.backend import BOOKKEEPING, Backend, in_order, opened
from slimy_dal.schema.backfill import Pace, Progress
from slimy_dal.schema.baseline import missing
from slimy_dal.schema.bookkeeping import Books, found, install, records
from slimy_dal.schema.choosing import named, to_apply, to_undo
from slimy_dal.schema.migrationfiles import (
    Direction,
    MigrationError,
    MigrationFile,
    checked_statements,
    read_files,
)
from slimy_dal.schema.planning import Plan
from slimy_dal.schema.planning import plan as written
from slimy_dal.schema.preflight import refuse_powerless, refuse_unready
from slimy_dal.schema.resuming import refuse_unresumable
from slimy_dal.schema.running import LOCK_WAIT, Runner, refuse_irreversible
from slimy_dal.schema.states import State, attempts, refuse_changed, states
from slimy_dal.schema.verifying import Answer, answers, refuse_false
from slimy_dal.schema.watching import Watch

__all__ = [
    "BOOKKEEPING",
    "LOCK_WAIT",
    "Answer",
    "MigrationError",
    "Plan",
    "State",
    "apply",
    "baseline",
    "plan",
    "rollback",
    "status",
    "verify",
]

Tell = Callable[[str], None]


def _silent(_line: str) -> None:
    """Tell nobody."""


@dataclass
class _Desk:
    """What a command that writes works on, under the lock: the files, and what the database knows of them."""

    backend: Backend
    files: list[MigrationFile]
    books: Books
    found: list[State]


def status(dsn: str, folder: Path, *, bookkeeping: str = BOOKKEEPING) -> list[State]:
    """Return every migration's state, in the order they apply in; those the folder lacks come last.

    Reads only: any role may ask that can connect. What it may not read (failed attempts) is left out.
    """
    files = in_order(read_files(folder))
    with opened(dsn, bookkeeping) as backend:
        books = found(backend, [file.id for file in files])
        return states(files, records(backend, books), attempts(backend, books))


def plan(
    dsn: str,
    folder: Path,
    *,
    to: str | None = None,
    phase: str | None = None,
    rollback: int = 0,
    bookkeeping: str = BOOKKEEPING,
) -> Plan:
    """Return what `apply` would do now, or `rollback` of so many, as a script for psql; reads only.

    Raises MigrationError as they would.
    """
    files = in_order(read_files(folder))
    with opened(dsn, bookkeeping) as backend:
        books = found(backend, [file.id for file in files])
        applied = records(backend, books)
        states_now = states(files, applied)
        refuse_changed(states_now, files, backend, books)
        if rollback:
            wanted = to_undo(files, states_now, rollback)
            for file in wanted:
                refuse_irreversible(file)
            return written(backend, books, applied, wanted, "rollback")
        wanted = to_apply(files, states_now, to=to, phase=phase)
        return written(backend, books, applied, wanted, "apply")


@contextmanager
def _desk(
    dsn: str, folder: Path, bookkeeping: str, say: Tell, wait: float = LOCK_WAIT
) -> Iterator[_Desk]:
    """Take the lock, make the bookkeeping whole, and refuse files that are not what was applied."""
    with opened(dsn, bookkeeping) as backend, backend.lock(wait, say):
        # Under the lock, so that racing migrators with one set of files see one state.
        files = in_order(read_files(folder))
        books = found(backend, [file.id for file in files])
        applied = records(backend, books)
        states_now = states(files, applied)
        refuse_changed(states_now, files, backend, books)
        refuse_unready(backend, books)
        books = install(backend, books, say)
        journal.interrupt(backend)
        strange = journal.adopt(backend, files, applied)
        if strange:
            say(f"noted the files of {len(strange)} migrations that yoyo applied")
        yield _Desk(backend, files, books, states_now)


def apply(
    dsn: str,
    folder: Path,
    report: Tell = _silent,
    *,
    to: str | None = None,
    phase: str | None = None,
    say: Tell = _silent,
    bookkeeping: str = BOOKKEEPING,
    lock_wait: float = LOCK_WAIT,
    pace: Pace | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> list[str]:
    """Apply what is pending, in order, and return the ids; idempotent, and safe to race with others.

    `to` is the last id to apply, `phase` the last phase: the first migration of a later one stops it. `report` is
    called with each id when it is done, `say` with lines about what takes long. Data migrations run in batches at
    `pace`; `progress` hears of each batch. Raises MigrationError: an edited, missing or out-of-order file stops
    everything before anything runs; a failing statement undoes its migration and keeps those before it.
    """
    with _desk(dsn, folder, bookkeeping, say, lock_wait) as desk:
        wanted = to_apply(desk.files, desk.found, to=to, phase=phase)
        for file in wanted:
            checked_statements(file, "apply")
        return _each(desk, wanted, report, say, lock_wait, pace=pace, progress=progress)


def rollback(
    dsn: str,
    folder: Path,
    count: int = 1,
    report: Tell = _silent,
    *,
    to: str | None = None,
    say: Tell = _silent,
    bookkeeping: str = BOOKKEEPING,
    lock_wait: float = LOCK_WAIT,
) -> list[str]:
    """Undo the last `count` applied migrations, or all behind `to`, newest first, and return their ids.

    Raises MigrationError; an edited or missing file, and one that cannot be undone, stops everything before anything
    runs.
    """
    with _desk(dsn, folder, bookkeeping, say, lock_wait) as desk:
        wanted = to_undo(desk.files, desk.found, count, to=to)
        for file in wanted:
            refuse_irreversible(file)
            checked_statements(file, "rollback")
        return _each(desk, wanted, report, say, lock_wait, undo=True)


def _each(
    desk: _Desk,
    wanted: Sequence[MigrationFile],
    report: Tell,
    say: Tell,
    lock_wait: float,
    *,
    undo: bool = False,
    pace: Pace | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> list[str]:
    direction: Direction = "rollback" if undo else "apply"
    refuse_other_way(desk.backend, direction)
    if not wanted:
        return []
    for file in wanted:
        statements = checked_statements(file, direction)
        if file.alone(direction):
            refuse_unresumable(file, direction, statements[0])
    refuse_powerless(desk.backend, wanted, direction)
    with Watch(desk.backend, say) as watch:
        runner = Runner(desk.backend, watch, say, lock_wait, pace, progress)
        for file in wanted:
            runner.run(file, direction)
            report(file.id)
    return [file.id for file in wanted]


def verify(
    dsn: str, folder: Path, *, bookkeeping: str = BOOKKEEPING
) -> tuple[list[State], list[Answer]]:
    """Return every migration's state, and what the questions in `verify/` say of the applied ones; reads only."""
    files = in_order(read_files(folder))
    with opened(dsn, bookkeeping) as backend:
        books = found(backend, [file.id for file in files])
        applied = records(backend, books)
        asked = [
            answer for file in files if file.id in applied for answer in answers(backend, file)
        ]
        return states(files, applied, attempts(backend, books)), asked


def baseline(
    dsn: str, folder: Path, to: str, *, say: Tell = _silent, bookkeeping: str = BOOKKEEPING
) -> list[str]:
    """Record everything up to `to` as applied without running it, and return the ids.

    For a database that was made some other way. Raises MigrationError where anything is recorded already, where the
    database lacks what the migrations make, and where a question in `verify/` does not say true.
    """
    with _desk(dsn, folder, bookkeeping, say) as desk:
        backend = desk.backend
        known = [state.id for state in desk.found if state.applied]
        if known:
            raise MigrationError(
                f"{len(known)} migrations are recorded as applied already, the last one {known[-1]}: "
                "a baseline is for a database without any; `slimy migrate apply` does the rest"
            )
        last = named(desk.files, to)
        wanted = desk.files[: desk.files.index(last) + 1]
        lacking = missing(backend, wanted)
        if lacking:
            shown = ", ".join(lacking[:5]) + (", ..." if len(lacking) > 5 else "")  # noqa: PLR2004 -- a line
            raise MigrationError(
                f"the database lacks what these migrations make: {shown}; name an earlier one, "
                "or apply them"
            )
        with backend.connection.transaction():
            for file in wanted:
                refuse_false(backend, file)
                backend.run(sql.SQL("; ").join(journal.applied(backend, file, "baseline")))
        return [file.id for file in wanted]
