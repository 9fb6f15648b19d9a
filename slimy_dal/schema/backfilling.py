"""Runs one data migration alone, shows how far they are, and lets one begin again."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.schema import backfill, migrator
from slimy_dal.schema.backend import BOOKKEEPING, opened
from slimy_dal.schema.migrationfiles import MigrationError, MigrationFile, read_files

__all__ = ["Standing", "run", "standings"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one of a folder's data migrations is; `rows` and `estimated` are None before it is begun."""

    id: str
    state: str
    """applied, pending, or begun."""
    rows: int | None = None
    estimated: int | None = None
    changed: int | None = None
    batches: int = 0


def standings(dsn: str, folder: Path, *, bookkeeping: str = BOOKKEEPING) -> list[Standing]:
    """Return every data migration of a folder and how far it is; reads only, any role may ask."""
    applied = {
        state.id for state in migrator.status(dsn, folder, bookkeeping=bookkeeping) if state.applied
    }
    with opened(dsn, bookkeeping) as backend:
        known = {one.id: one for one in backfill.reached(backend.connection, bookkeeping)}
    found = []
    for file in _batched(folder):
        place = known.get(file.id)
        state = "applied" if file.id in applied else "begun" if place else "pending"
        figures = (place.seen, place.estimated, place.changed, place.batches) if place else ()
        found.append(Standing(file.id, state, *figures))
    return found


def run(
    dsn: str,
    folder: Path,
    name: str | None = None,
    *,
    again: bool = False,
    pace: backfill.Pace | None = None,
    progress: Callable[[backfill.Progress], None] | None = None,
    say: Callable[[str], None] = lambda _line: None,
    bookkeeping: str = BOOKKEEPING,
) -> str | None:
    """Run a pending data migration, the next one where no id or number is given, and return its id.

    None where there is none left to run. `again` lets it begin at the first row, also where it was edited since it
    was begun. Raises MigrationError where another migration must be applied first.
    """
    states = migrator.status(dsn, folder, bookkeeping=bookkeeping)
    waiting = [state.id for state in states if not state.applied]
    chosen = _chosen(_batched(folder), waiting, name)
    if chosen is None:
        return None
    if chosen != waiting[0]:
        raise MigrationError(
            f"{waiting[0]} is pending before {chosen}: `slimy migrate apply --to {waiting[0]}` first"
        )
    if again:
        with opened(dsn, bookkeeping) as backend, backend.lock():
            backfill.restart(backend.connection, chosen, bookkeeping)
    migrator.apply(
        dsn, folder, to=chosen, pace=pace, progress=progress, say=say, bookkeeping=bookkeeping
    )
    return chosen


def _batched(folder: Path) -> list[MigrationFile]:
    return [file for file in read_files(folder) if backfill.read(file.path, file.text("apply"))]


def _chosen(files: list[MigrationFile], waiting: list[str], name: str | None) -> str | None:
    """Return the id that is meant, or None where it is done."""
    if name is None:
        return next((file.id for file in files if file.id in waiting), None)
    meant = [file.id for file in files if name in {file.id, file.id.partition("_")[0]}]
    if not meant:
        raise MigrationError(f"{name} is no data migration that runs in batches")
    return meant[0] if meant[0] in waiting else None
