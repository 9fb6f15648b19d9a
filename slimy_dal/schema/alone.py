"""Decides what a file outside of transactions still has to do, where a run before this one died on the way."""

from contextlib import suppress
from dataclasses import dataclass

from slimy_dal.compiler.schemafiles import SchemaStatement
from slimy_dal.schema import journal
from slimy_dal.schema.backend import Backend
from slimy_dal.schema.migrationfiles import Direction, MigrationError, MigrationFile
from slimy_dal.schema.resuming import Found, look

__all__ = ["Way", "clean_up", "refuse_other_way", "way"]


@dataclass(frozen=True, slots=True)
class Way:
    """What is to be run of a file, now."""

    before: tuple[str, ...]
    """What removes leftovers."""
    statement: str | None
    """None where an earlier run had got it done, and only the record is missing."""


def way(backend: Backend, file: MigrationFile, direction: Direction, now: SchemaStatement) -> Way:
    """Return what there is to run, by what earlier tries left in the catalogs.

    Raises MigrationError where an earlier try got a statement done that the file does not hold any more.
    """
    tried = journal.unfinished(backend, file, direction)
    before: list[str] = []
    for text in dict.fromkeys(tried):
        if text == now.text:
            continue
        found = look(backend, SchemaStatement(text, now.path, now.line))
        if found.done or found.instead:
            raise MigrationError(
                f"{now.path} was changed since a try that was cut off, which had done this: "
                f"{' '.join(text.split())}; undo that by hand, or put it back into the file"
            )
        before += found.clean
    found = look(backend, now)
    if tried and found.done:
        return Way(tuple(before), None)
    if found.only_own and not tried:
        return Way(tuple(before), now.text)
    return Way((*before, *found.clean), found.instead or now.text)


def clean_up(backend: Backend, statement: SchemaStatement) -> None:
    """Remove at once what a failed statement left: an INVALID index costs every write, and serves nobody.

    Raises psycopg.Error where that fails too; the next run does it then.
    """
    with suppress(MigrationError):
        found: Found = look(backend, statement)
        for text in found.clean:
            backend.run(text)


def refuse_other_way(backend: Backend, direction: Direction) -> None:
    """Raise MigrationError where a statement outside of transactions was cut off on the way in the other direction."""
    other: Direction = "rollback" if direction == "apply" else "apply"
    for name in journal.cut_off(backend, other):
        back = f"slimy migrate {other}" + (f" --to {name}" if other == "apply" else "")
        raise MigrationError(
            f"the {other} of {name} was cut off and may be half done: run `{back}` first, which ends it"
        )
