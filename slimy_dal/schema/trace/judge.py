"""Says which figures of a trace are findings: what traffic would notice, or a table's size would make worse."""

from slimy_dal.schema.trace.figures import MigrationFigures

__all__ = ["EXCLUSIVE_MS", "STALL_MS", "judge"]

STALL_MS = 1000.0
"""A reader or a writer that waits longer is a finding."""

EXCLUSIVE_MS = 100.0
"""An ACCESS EXCLUSIVE lock that is held longer is a finding: everybody waits for all that time."""


DEADLOCK = "40P01"


def judge(figures: MigrationFigures, max_stall: float = STALL_MS) -> list[str]:
    """Return what of a migration's figures somebody must decide about, each in a sentence."""
    found = [
        f"line {one.line}: rewrites the rows of {name}"
        for one in figures.statements
        for name in one.rewrites
        if _has_rows(figures, name)
    ]
    if figures.access_exclusive_ms > EXCLUSIVE_MS and figures.rows:
        found.append(
            f"holds ACCESS EXCLUSIVE for {figures.access_exclusive_ms:.0f} ms: nobody reads meanwhile"
        )
    found += [
        f"{who} was the victim of a deadlock, {states[DEADLOCK]} times"
        for who, states in figures.refused.items()
        if DEADLOCK in states
    ]
    tables = figures.stalls.items()
    found += _stalled("reader", [(name, one.reader_ms) for name, one in tables], max_stall)
    found += _stalled("writer", [(name, one.writer_ms) for name, one in tables], max_stall)
    return found


def _stalled(who: str, waits: list[tuple[str, float | None]], most: float) -> list[str]:
    return [
        f"a {who} of {name} waited {wait:.0f} ms"
        for name, wait in waits
        if wait is not None and wait > most
    ]


def _has_rows(figures: MigrationFigures, name: str) -> bool:
    """Whether rows were there to be written anew; a partition has those of its table."""
    return (
        not figures.rows or any(figures.rows.values())
        if name not in figures.rows
        else bool(figures.rows[name])
    )
