"""Reads a folder of migrations of any tool as a trace needs them: in order, statement by statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler import schemafiles
from slimy_dal.compiler.schemafiles import SchemaStatement
from slimy_dal.schema.backfill import Backfill, whole
from slimy_dal.schema.backfill import read as read_batches
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["Script", "chosen", "scripts"]

VERIFY = "verify"
"""The folder of what is asked behind a migration."""


@dataclass(frozen=True, slots=True)
class Script:
    """A migration: its name, its file, and its statements; `alone` where they run outside of a transaction.

    One that runs in `batches` has its statement for all rows at once here.
    """

    id: str
    path: Path
    statements: tuple[SchemaStatement, ...]
    alone: bool
    batches: Backfill | None = None


def scripts(folder: Path) -> list[Script]:
    """Return the migrations below a folder in the order they apply in. Raises MigrationError where there are none."""
    statements, problems = schemafiles.read((folder,))
    if problems:
        raise MigrationError("; ".join(problems))
    found: dict[str, list[SchemaStatement]] = {}
    for statement in statements:
        if Path(statement.path).parent.name == VERIFY or statement.path.endswith(".verify.sql"):
            continue
        found.setdefault(statement.path, []).append(statement)
    return [_script(folder, Path(path), tuple(inside)) for path, inside in found.items()]


def _script(folder: Path, path: Path, statements: tuple[SchemaStatement, ...]) -> Script:
    text = path.read_text(encoding="utf-8", errors="replace")
    name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
    short = name.removesuffix(".sql").removesuffix(".up")
    batches = read_batches(path, text)
    if batches is not None:
        statements = tuple(schemafiles.split(whole(path, text), str(path)))
    alone = schemafiles.runs_alone(text, statements)
    return Script(short, path, statements, alone=alone, batches=batches)


def chosen(every: Sequence[Script], names: Sequence[str]) -> list[Script]:
    """Return the migrations that files or ids name, in order; all where none is named. Raises MigrationError."""
    wanted = {_match(every, name) for name in names} or {script.id for script in every}
    return [script for script in every if script.id in wanted]


def _match(every: Sequence[Script], name: str) -> str:
    path = Path(name)
    for script in every:
        if name == script.id or (path.exists() and path.resolve() == script.path.resolve()):
            return script.id
    folder = every[0].path.parent if every else "it"
    raise MigrationError(f"{name} is not among the migrations of {folder}: name a file or an id")
