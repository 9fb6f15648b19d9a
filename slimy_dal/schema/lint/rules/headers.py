"""Rules about what the first comment of a migration says."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from slimy_dal.schema.lint.rule import Hit, Subject, rule
from slimy_dal.schema.migrationfiles import PHASES

if TYPE_CHECKING:
    from slimy_dal.schema.lint.acts import Act

GROUP = "Headers"


@rule(
    "header-without-purpose",
    GROUP,
    "warning",
    convention=True,
    why="Whoever reads the list of migrations, or is called at night, asks first what this one is for.",
    instead="Begin the file with a comment of a sentence or two.",
)
def _purpose(subject: Subject) -> Iterator[Hit]:
    if not subject.migration.header.purpose:
        yield Hit(0, "the file does not begin with what it is for")


@rule(
    "header-without-phase",
    GROUP,
    "warning",
    convention=True,
    why="Only the phase says whether a migration runs before the new release (expand), beside it (backfill) or "
    "after it (contract).",
    instead="`-- phase: expand`, `backfill` or `contract` in the first comment.",
)
def _phase(subject: Subject) -> Iterator[Hit]:
    phase = subject.migration.header.phase
    if phase not in PHASES:
        close = get_close_matches(phase, PHASES, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        yield Hit(
            0, f"unknown phase {phase!r}{hint}" if phase else "no `-- phase:` in the first comment"
        )


@rule(
    "depends-unknown",
    GROUP,
    "error",
    why="yoyo refuses the whole folder when a migration depends on one that is not there, or that comes later.",
    instead="Name a migration that sorts before this one, without `.sql`.",
)
def _unknown(subject: Subject) -> Iterator[Hit]:
    for name in subject.migration.header.depends:
        if name not in subject.earlier:
            close = get_close_matches(name, subject.earlier, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield Hit(0, f"there is no {name} before this file{hint}")


@rule(
    "depends-missing",
    GROUP,
    "warning",
    convention=True,
    why="`-- depends:` is the order for tools that do not go by file names, and tells reviewers what to read first.",
    instead="Name the migration that makes what this one uses, or one that depends on it.",
)
def _missing(subject: Subject) -> Iterator[Hit]:
    needed = {subject.migration.id, *subject.needs(subject.migration.id)}
    missed: dict[str, Act] = {}
    for act in subject.acts():
        for table in (act.on, act.to):
            source = subject.sources.get(table, "")
            if source in subject.earlier and source not in needed:
                missed.setdefault(source, act)
    for source, act in list(missed.items())[:1]:
        more = f", nor to {len(missed) - 1} more" if len(missed) > 1 else ""
        yield Hit(act.at, f"it uses what {source} makes, to which the header does not lead{more}")
