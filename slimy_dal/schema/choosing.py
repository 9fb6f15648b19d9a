"""Chooses which migrations a run is about: the pending ones up to an id or a phase, or the newest applied ones."""

from collections.abc import Sequence

from slimy_dal.schema.migrationfiles import PHASES, MigrationError, MigrationFile
from slimy_dal.schema.states import State, refuse_late

__all__ = ["named", "to_apply", "to_undo"]


def to_apply(
    files: Sequence[MigrationFile],
    found: Sequence[State],
    *,
    to: str | None = None,
    phase: str | None = None,
) -> list[MigrationFile]:
    """Return what is pending, up to an id or number, and up to the first one of a later phase.

    Raises MigrationError for an id that is not there, and where a pending one sorts before one that is applied.
    """
    refuse_late(found)
    applied = {state.id for state in found if state.applied}
    last = named(files, to) if to is not None else None
    chosen = []
    for file in files:
        if file.id not in applied:
            if phase is not None and _is_later(file, phase):
                break
            chosen.append(file)
        if file is last:
            break
    return chosen


def _is_later(file: MigrationFile, phase: str) -> bool:
    """Whether it belongs to a later phase; a file that does not say belongs to the first."""
    return PHASES.index(file.phase or PHASES[0]) > PHASES.index(phase)


def named(files: Sequence[MigrationFile], name: str) -> MigrationFile:
    """Return the migration of an id, of a file name, or of a number where one alone has it."""
    wanted = name.removesuffix(".sql")
    exact = [file for file in files if file.id == wanted]
    same = exact or [file for file in files if file.id.startswith((f"{wanted}_", f"{wanted}."))]
    if len(same) != 1:
        raise MigrationError(
            f"there is no migration {name}" if not same else f"{name} is not the name of one alone"
        )
    return same[0]


def to_undo(
    files: Sequence[MigrationFile],
    found: Sequence[State],
    count: int,
    *,
    to: str | None = None,
) -> list[MigrationFile]:
    """Return the newest applied migrations, newest first: so many, or all behind the one named.

    Raises MigrationError for an id that is not there, or is not applied.
    """
    applied = {state.id for state in found if state.applied}
    newest = [file for file in reversed(files) if file.id in applied]
    if to is None:
        return newest[:count]
    last = named(files, to)
    if last.id not in applied:
        raise MigrationError(f"{last.id} is not applied: nothing to go back to")
    return newest[: newest.index(last)]
