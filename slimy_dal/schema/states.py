"""Compares a folder of migrations with what a database remembers of it, and refuses where the two contradict."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slimy_dal.schema.backend import LOCK_KEY, Backend
from slimy_dal.schema.bookkeeping import Books, Record
from slimy_dal.schema.migrationfiles import Direction, MigrationError, MigrationFile

__all__ = [
    "Attempt",
    "State",
    "attempts",
    "may_read",
    "refuse_changed",
    "refuse_late",
    "states",
]

DIFF_LINES = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last try of a migration that did not end well, or has not ended."""

    direction: Direction
    outcome: str
    """failed, interrupted, or running."""
    started_at: datetime
    line: int | None = None
    """Where it failed; None where it did not get to say."""
    sqlstate: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What is known of one migration: its file, and the database's record of it."""

    id: str
    applied: bool
    edited: bool
    """A file is not what was applied."""
    missing: bool
    """The database has it, the folder does not."""
    late: bool = False
    """It is pending, though one behind it is applied."""
    phase: str | None = None
    applied_at: datetime | None = None
    applied_by: str | None = None
    duration_ms: int | None = None
    attempt: Attempt | None = None
    """The last try, where that did not end well; None too where this role may not read it."""

    @property
    def is_finding(self) -> bool:
        """Whether apply would refuse because of it."""
        return self.edited or self.missing or self.late


def states(
    files: Sequence[MigrationFile],
    applied: Mapping[str, Record],
    tries: Mapping[str, Attempt] | None = None,
) -> list[State]:
    """Return each migration's state in the order they apply in; those the folder lacks come last."""
    tries = tries or {}
    last = max((place for place, file in enumerate(files) if file.id in applied), default=-1)
    rows = []
    for place, file in enumerate(files):
        record = applied.get(file.id)
        rows.append(
            State(
                file.id,
                applied=record is not None,
                edited=record is not None and record.sums not in {None, file.sums},
                missing=False,
                late=record is None and place < last,
                phase=file.phase,
                applied_at=record.applied_at if record else None,
                applied_by=record.applied_by if record else None,
                duration_ms=record.duration_ms if record else None,
                attempt=tries.get(file.id),
            )
        )
    here = {file.id for file in files}
    return rows + [
        State(name, applied=True, edited=False, missing=True, applied_at=applied[name].applied_at)
        for name in sorted(set(applied) - here)
    ]


def attempts(backend: Backend, books: Books) -> dict[str, Attempt]:
    """Return each migration's last try where that failed, was interrupted or is running.

    Nothing for a role that may not read attempts.
    """
    if not books.version or not may_read(backend, "attempts"):
        return {}
    rows = backend.rows(
        "SELECT DISTINCT ON (a.migration_id) a.migration_id, a.direction,"
        " CASE WHEN a.outcome IS NOT NULL THEN a.outcome WHEN EXISTS ("
        "   SELECT FROM pg_catalog.pg_locks AS l WHERE l.locktype = 'advisory' AND l.pid = a.pid"
        "   AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = %s)"
        " THEN 'running' ELSE 'interrupted' END, a.started_at, a.line, a.sqlstate, a.message"
        " FROM {}.attempts AS a ORDER BY a.migration_id, a.id DESC",
        LOCK_KEY,
    )
    return {name: Attempt(*rest) for name, *rest in rows if rest[1] != "done"}


def may_read(backend: Backend, table: str) -> bool:
    """Return whether this role may read a table of the bookkeeping, such as how tries ended; it must be there."""
    name = backend.name(table).as_string(None)
    return bool(backend.rows("SELECT has_table_privilege(%s, 'SELECT')", name)[0][0])


def refuse_changed(
    found: Sequence[State], files: Sequence[MigrationFile], backend: Backend, books: Books
) -> None:
    """Raise MigrationError where the files are not what the database remembers, with what changed."""
    by_id = {file.id: file for file in files}
    for state in found:
        if state.missing:
            raise MigrationError(f"{state.id} is applied, but its file is gone: restore it")
        if state.edited:
            raise MigrationError(
                f"{state.id} was edited after it was applied: restore it and write a new migration"
                + _difference(by_id[state.id], backend, books)
            )


def _difference(file: MigrationFile, backend: Backend, books: Books) -> str:
    """Return what changed since it was applied, as a unified diff; why there is none, where the text was not kept."""
    kept = []
    if books.version and may_read(backend, "files"):
        kept = backend.rows(
            "SELECT up_text, down_text FROM {}.files WHERE migration_id = %s", file.id
        )
    up, down = kept[0] if kept else (None, None)
    if up is None:
        return "\n(what it was is not kept word for word, or not for this role to read, so there is no diff)"
    now = (file.up, file.down or b"")
    lines: list[str] = []
    for was, content, path in zip(
        (up, down or ""), now, (file.path, file.rollback_path), strict=True
    ):
        lines += difflib.unified_diff(
            was.splitlines(),
            content.decode("utf-8", "replace").splitlines(),
            f"{path.name} as applied",
            f"{path.name} now",
            lineterm="",
        )
    if len(lines) > DIFF_LINES:
        lines = [*lines[:DIFF_LINES], f"(and {len(lines) - DIFF_LINES} lines more)"]
    return "\n" + "\n".join(lines or ["(they differ in the ends of lines only)"])


def refuse_late(found: Sequence[State], wanted: Collection[str] | None = None) -> None:
    """Raise MigrationError where a file came in before one that is applied; `wanted` narrows it to those ids."""
    applied = [state.id for state in found if state.applied and not state.missing]
    for state in found:
        if state.late and (wanted is None or state.id in wanted):
            raise MigrationError(
                f"{state.id} sorts before {applied[-1]}, which is applied: give it the next number"
            )
