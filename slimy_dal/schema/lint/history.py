"""What is known when each migration runs: which ones go together, and what those before have made."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from slimy_dal.schema.lint.files import Migration
from slimy_dal.schema.lint.known import Catalog
from slimy_dal.schema.lint.rule import Subject, UsedBy

__all__ = ["Run", "split", "subjects", "undoing"]


@dataclass(frozen=True, slots=True)
class Run:
    """Migrations that are applied together: what one of them makes is new to all of them."""

    migrations: tuple[Migration, ...]


def split(
    migrations: Sequence[Migration], ends: Callable[[Migration, Migration], bool]
) -> list[Run]:
    """Return migrations as runs; `ends` says of two neighbours whether a run ends between them."""
    runs: list[list[Migration]] = []
    for one in migrations:
        if runs and not ends(runs[-1][-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [Run(tuple(one)) for one in runs]


def subjects(runs: Sequence[Run], used_by: UsedBy) -> Iterator[Subject]:
    """Yield every migration with what is known before it, after it, and after its run."""
    catalog = Catalog()
    sources: dict[str, str] = {}
    earlier: list[str] = []
    depends: dict[str, list[str]] = {}
    for number, run in enumerate(runs):
        made: list[Subject] = []
        for migration in run.migrations:
            before = catalog
            catalog = catalog.copy()
            catalog.apply((act for _, act in migration.acts()), number)
            for name in catalog.tables.keys() - before.tables.keys():
                sources[name] = migration.id
            depends[migration.id] = migration.header.depends
            needs = _closure(depends)
            made.append(
                Subject(
                    migration,
                    before,
                    catalog,
                    catalog,
                    number,
                    tuple(earlier),
                    sources,
                    needs,
                    used_by,
                )
            )
            earlier.append(migration.id)
        for subject in made:
            subject.end = catalog
            yield subject


def undoing(subject: Subject, undo: Migration) -> Subject:
    """Return the way back as what is judged: by then nothing is new but what it makes itself."""
    after = subject.after.copy()
    run = -2 - subject.run
    after.apply((act for _, act in undo.acts()), run)
    return Subject(undo, subject.after, after, after, run, used_by=subject.used_by)


def _closure(depends: dict[str, list[str]]) -> Callable[[str], frozenset[str]]:
    def needed(name: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(depends.get(name, ()))
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += depends.get(one, ())
        return frozenset(found)

    return needed
