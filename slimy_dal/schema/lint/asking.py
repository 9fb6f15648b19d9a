"""Turns what somebody asks of the linter into migrations in order, parted into runs."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.schema.lint import files, history
from slimy_dal.schema.lint.files import Migration
from slimy_dal.schema.lint.judging import Request
from slimy_dal.schema.lint.rule import UsedBy
from slimy_dal.schema.lint.settings import LintError, Settings
from slimy_dal.schema.lint.sizes import Sizes

__all__ = ["Asked", "folder_of", "request"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The files asked about (none: all of the folder), and the migrations that a database has applied."""

    folder: Path
    files: Sequence[Path] = ()
    applied: Collection[str] | None = None


def folder_of(paths: Sequence[Path], otherwise: Path) -> Path:
    """Return the folder whose migrations came before these files.

    It is the project's own where they are in it, else the one they lie in; for up.sql and down.sql
    in a folder each, the folder above.
    """
    if not paths or all(otherwise.resolve() in path.resolve().parents for path in paths):
        return otherwise
    first = paths[0].resolve()
    return first.parent.parent if first.name == "up.sql" else first.parent


def request(
    asked: Asked, settings: Settings, sizes: Sizes, used_by: UsedBy = lambda _name: ()
) -> Request:
    """Return what is to be judged. Raises LintError where there is nothing, OSError where a file cannot be read.

    With a database, what it has not applied is one run and is asked about. Without, files that are named
    are one run with what came after the last release of lint.toml; where that names none, every
    migration is a run of its own, as if each had been released alone.
    """
    migrations = _migrations(asked)
    wanted = {path.resolve() for path in asked.files}
    if asked.applied is not None:
        is_applied = [_applied(one, asked.applied) for one in migrations]
        state = dict(zip((one.path for one in migrations), is_applied, strict=True))
        runs = history.split(migrations, lambda one, two: state[one.path] != state[two.path])
        chosen = {path for path, done in state.items() if not done}
    else:
        chosen = {one.path for one in migrations}
        runs = _released(migrations, wanted, settings)
    if wanted:
        chosen = {one.path for one in migrations if one.path.resolve() in wanted}
    return Request(runs, frozenset(chosen), settings, sizes, used_by)


def _migrations(asked: Asked) -> list[Migration]:
    paths = files.find(asked.folder)
    known = {path.resolve() for path in paths}
    for path in asked.files:
        if not path.is_file():
            raise LintError(f"{path}: no such file")
        if path.resolve() not in known:
            paths.append(path)
    if asked.files:
        last = max(number for number, path in enumerate(paths) if _is_asked(path, asked))
        paths = paths[: last + 1]
    if not paths:
        raise LintError(f"{asked.folder}: no migrations: give --migrations or files")
    return [files.read(path) for path in paths]


def _is_asked(path: Path, asked: Asked) -> bool:
    return path.resolve() in {one.resolve() for one in asked.files}


def _applied(migration: Migration, applied: Collection[str]) -> bool:
    return migration.id in applied or re.sub(r"\.sql$", "", migration.path.name) in applied


def _released(
    migrations: Sequence[Migration], wanted: Collection[Path], settings: Settings
) -> list[history.Run]:
    if settings.releases:
        unknown = [one for one in settings.releases if one not in {m.id for m in migrations}]
        if unknown and not wanted:
            raise LintError(f"{settings.path}: releases: there is no migration {unknown[0]}")
        return history.split(migrations, lambda one, _two: one.id in settings.releases)
    asked = {one.path for one in migrations if one.path.resolve() in wanted}
    return history.split(migrations, lambda one, two: not (one.path in asked and two.path in asked))
