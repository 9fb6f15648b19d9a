"""Proves that two releases can follow each other: on each schema between them the queries of whoever runs hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from slimy_dal.compiler import releases
from slimy_dal.compiler.releases import Release
from slimy_dal.engine import driver, embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.backend import in_order
from slimy_dal.schema.migrationfiles import MigrationError, MigrationFile, read_files

__all__ = ["Rollout", "Step", "prove", "since_of"]

FOLDERS = ("sql/migrations", "slimy_dal/sql/migrations", "migrations")


@dataclass(frozen=True, slots=True)
class Step:
    """The schema behind one migration: what is wrong with either release's queries on it."""

    id: str
    phase: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    needs_old: bool
    """Whether the old release still runs on it."""
    needs_new: bool
    """Whether the new release runs on it already."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """All schemas from the old release's to the new one's."""

    steps: tuple[Step, ...]
    findings: tuple[str, ...] = field(default=())

    @property
    def switch(self) -> str:
        """The migration behind which the new release is rolled out: the last one before the first contract."""
        return next(step.id for step in reversed(self.steps) if step.needs_old)


async def prove(
    folder: Path, old: Release, new: Release, since: str, upto: str | None = None
) -> Rollout:
    """Prove both releases on each schema from the one behind `since` to the one behind `upto`, on an embedded server.

    The old release must hold up to the first contract; the new one from the last schema before it. Ids may be given by
    their numbers. Raises MigrationError for an id that is not there, and EmbeddedServerError.
    """
    files = in_order(read_files(folder))
    first, last = _place(files, since), _place(files, upto) if upto else len(files) - 1
    if last < first:
        raise MigrationError(f"{upto} stands before {since}")
    wanted = files[first : last + 1]
    # What stands behind the first contract is for the new release, whatever its phase.
    ends = next((n for n, file in enumerate(wanted) if n and file.phase == "contract"), len(wanted))
    steps = []
    with embedded.temporary() as server:
        for number, file in enumerate(wanted):
            migrator.apply(server.dsn(), folder, to=file.id)
            async with await driver.connect(server.dsn()) as connection:
                before = await releases.prove(connection, old, ())
                behind = await releases.prove(connection, new, ())
            phase = file.phase or "expand"
            runs = {"needs_old": number < ends, "needs_new": number >= ends - 1}
            steps.append(Step(file.id, phase, before.problems, behind.problems, **runs))
    return Rollout(tuple(steps), tuple(_findings(steps)))


def since_of(old: Path, folder: Path) -> str | None:
    """Return the newest of today's migrations that a release has in its own folder; None where it has no folder."""
    for place in FOLDERS:
        if (old / place).is_dir():
            had = {file.id for file in read_files(old / place)}
            known = [file.id for file in in_order(read_files(folder)) if file.id in had]
            return known[-1] if known else None
    return None


def _place(files: Sequence[MigrationFile], name: str) -> int:
    for number, file in enumerate(files):
        if name in {file.id, file.id.partition("_")[0]}:
            return number
    raise MigrationError(f"{name} is no migration of this folder")


def _findings(steps: Sequence[Step]) -> Iterator[str]:
    """Say once of each problem which migration it came with, and where it is a new release's, which one ends it."""
    told: set[str] = set()
    for number, step in enumerate(steps):
        for problem in step.old if step.needs_old else ():
            if problem in told:
                continue
            told.add(problem)
            if number == 0:
                yield f"{problem}; the old release does not hold on its own schema, behind {step.id}"
            else:
                yield f"{problem}, since {step.id} ({step.phase}), while the old release runs"
    told.clear()
    for number, step in enumerate(steps):
        for problem in step.new if step.needs_new else ():
            if problem in told:
                continue
            told.add(problem)
            later = next((one for one in steps[number:] if problem not in one.new), None)
            if number and problem not in steps[number - 1].new:
                yield f"{problem}, since {step.id} ({step.phase}), while the new release runs"
            elif later is not None:
                yield (
                    f"{problem}, behind {step.id}, where the new release is rolled out; it needs"
                    f" {later.id} ({later.phase})"
                )
            else:
                yield f"{problem}, behind {step.id}, where the new release runs, and ever after"
