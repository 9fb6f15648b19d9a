"""Traces migrations one after the other, each on a copy of what those before it have made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.trace import loud, quiet
from slimy_dal.schema.trace.copies import Copies, copies
from slimy_dal.schema.trace.figures import MODES, MigrationFigures, TraceFigures
from slimy_dal.schema.trace.filling import Filled, fill
from slimy_dal.schema.trace.judge import STALL_MS, judge
from slimy_dal.schema.trace.scripts import Script, chosen, scripts
from slimy_dal.schema.trace.traffic import longest, traffic
from slimy_dal.schema.trace.watch import Relation

__all__ = ["FEW", "Wishes", "trace"]

FEW = 10
"""Rows of a table where only locks are looked at."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a trace is run: on which server, with how many rows, and with traffic or without."""

    dsn: str | None = None
    major: int = 18
    rows: int = 100_000
    locks_only: bool = False
    max_stall: float = STALL_MS


def trace(
    folder: Path,
    names: Sequence[str] = (),
    wishes: Wishes = Wishes(),
    report: Callable[[str], None] = lambda _id: None,
) -> TraceFigures:
    """Trace the migrations of a folder that files or ids name, all where none is named.

    Those before each are applied first, without traffic. `report` hears of each before it begins. Nothing is left on
    the server but roles that migrations make. Raises MigrationError, and EmbeddedServerError.
    """
    every = scripts(folder)
    wanted = {script.id for script in chosen(every, names)}
    with copies(wishes.dsn, wishes.major) as lent:
        base = lent.make()
        found = TraceFigures(lent.server, [])
        while wanted:
            script = every.pop(0)
            if script.id in wanted:
                report(script.id)
                found.migrations.append(_one(lent, base, script, wishes))
                wanted.remove(script.id)
            if wanted:
                quiet.run(base, script)
    if not wishes.locks_only:
        found.noise = longest(one.noise for one in found.migrations)
    return found


def _one(lent: Copies, base: str, script: Script, wishes: Wishes) -> MigrationFigures:
    """Scout what a migration touches, fill that, and run it alone and then under traffic."""
    scouted, existing = _on_a_copy(lent, base, script)
    touched = _touched(scouted, existing)
    figures = scouted
    if touched:
        full = lent.make(like=base)
        filled = fill(full, touched, FEW if wishes.locks_only else wishes.rows)
        try:
            figures, _ = _on_a_copy(lent, full, script)
            figures.rows, figures.notes = filled.rows, filled.notes
            if not wishes.locks_only:
                _under_traffic(full, script, filled, figures)
        except MigrationError as error:
            figures = scouted
            figures.notes = [
                *filled.notes,
                f"run without rows: with made-up ones it fails: {error}",
            ]
        lent.drop(full)
    figures.findings = judge(figures, wishes.max_stall)
    return figures


def _on_a_copy(
    lent: Copies, base: str, script: Script
) -> tuple[MigrationFigures, Mapping[int, Relation]]:
    """Run a migration alone; one that cannot be undone on another copy."""
    if not script.alone:
        return quiet.measured(base, script)
    copy = lent.make(like=base)
    try:
        return quiet.measured(copy, script)
    finally:
        lent.drop(copy)


def _under_traffic(full: str, script: Script, filled: Filled, figures: MigrationFigures) -> None:
    weakest_first = figures.existing_locks()
    order = sorted(filled.rows, key=lambda name: -MODES.index(weakest_first.get(name, MODES[0])))
    made = {name: filled.makers[name] for name in order if name in filled.makers}
    with traffic(full, made, filled.rows, figures.notes) as running:
        loud.control(running, figures)
        figures.queue = loud.queue(full, script, running, figures)
        loud.run(full, script, running, figures)


def _touched(figures: MigrationFigures, existing: Mapping[int, Relation]) -> Iterable[int]:
    """Return the tables that were there before and that the migration locked in any way."""
    names = {lock.relation for one in figures.statements for lock in one.locks if lock.existing}
    return [oid for oid, one in existing.items() if one.name in names and one.kind in "rp"]
