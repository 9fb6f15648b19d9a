"""Traces migrations one after the other, each on a copy of what those before it have made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.trace import loud, quiet
from slimy_dal.schema.trace.copies import Copies, copies
from slimy_dal.schema.trace.figures import MODES, MigrationFigures, TraceFigures
from slimy_dal.schema.trace.filling import Filled, fill, vacuum
from slimy_dal.schema.trace.judge import STALL_MS, judge
from slimy_dal.schema.trace.scripts import Script, chosen, scripts
from slimy_dal.schema.trace.traffic import longest, traffic

__all__ = ["FEW", "Wishes", "trace"]

Found = TypeVar("Found")

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
    """Scout what a migration touches, fill that, and run it alone and then under traffic.

    Where it refuses the rows, on rows that fit the schema to come, and last without any.
    """
    touched = _undone(lent, base, script, quiet.touched)
    notes: list[str] = []
    for ahead in (False, True) if touched else ():
        try:
            figures = _filled(lent, base, script, wishes, touched, ahead=ahead)
            break
        except MigrationError as error:
            kind = "rows for what it makes of them" if ahead else "rows"
            notes.append(f"with made-up {kind} it fails: {error}")
    else:
        figures = _undone(lent, base, script, quiet.measured)
        notes += ["it was run without rows"] if touched else []
    figures.notes = notes + figures.notes
    figures.findings = judge(figures, wishes.max_stall)
    return figures


def _filled(
    lent: Copies, base: str, script: Script, wishes: Wishes, touched: set[int], *, ahead: bool
) -> MigrationFigures:
    made = [lent.make(like=base)]
    try:
        if ahead:
            made.append(lent.make(like=base))
            quiet.run(made[-1], script)
        rows = FEW if wishes.locks_only else wishes.rows
        filled = fill(made[0], touched, rows, made[1] if ahead else None)
        return _with_rows(lent, made[0], script, filled, wishes)
    finally:
        for copy in made:
            lent.drop(copy)


def _with_rows(
    lent: Copies, full: str, script: Script, filled: Filled, wishes: Wishes
) -> MigrationFigures:
    figures = _undone(lent, full, script, quiet.measured)
    figures.rows, figures.notes = filled.rows, filled.notes
    if not wishes.locks_only:
        vacuum(full)
        _under_traffic(full, script, filled, figures)
    return figures


def _undone(lent: Copies, base: str, script: Script, run: Callable[[str, Script], Found]) -> Found:
    """Run a migration so that nothing of it is left; one that cannot be undone on another copy."""
    if not script.alone:
        return run(base, script)
    copy = lent.make(like=base)
    try:
        return run(copy, script)
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
