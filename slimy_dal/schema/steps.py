"""Reads any project's migrations as pairs of what they do and what undoes it, and runs them without bookkeeping."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from slimy_dal.compiler.schemafiles import (
    DIGITS,
    DOWN_FILE,
    DOWN_MARK,
    UP_MARK,
    SchemaStatement,
    runs_alone,
    split,
)
from slimy_dal.schema.backfill import whole
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["Script", "Step", "StepFailed", "read_steps", "run"]

HEADER = re.compile(r"^--\s*(data|irreversible|phase):[ \t]*(.*)$", re.MULTILINE)
VERIFYING = "verify"
"""The folder of statements that look after what was applied; they change nothing."""

NOT_A_STEP = re.compile(r"\.verify\.sql$", re.IGNORECASE)
UP_NAME = re.compile(r"((^|[._-])up)?\.sql$", re.IGNORECASE)
UNDO_VERSION = re.compile(r"^U(?=[0-9].*__)")


class StepFailed(MigrationError):
    """A migration that the server refused: the file, the line, and why."""


@dataclass(frozen=True)
class Script:
    """One direction of a migration. Lines count as in the file that it stands in."""

    path: Path
    text: str

    @cached_property
    def statements(self) -> list[SchemaStatement]:
        """Its statements, without those that begin and end transactions."""
        found = split(self.text, self.path.name)
        return [statement for statement in found if not statement.is_transaction_control]

    @cached_property
    def alone(self) -> bool:
        """Whether each statement commits by itself."""
        return runs_alone(self.text, self.statements)

    def header(self, name: str) -> str | None:
        """Return what a header line such as `-- data: kept` says, None without one."""
        return next((said.strip() for key, said in HEADER.findall(self.text) if key == name), None)


@dataclass(frozen=True)
class Step:
    """A migration; `down` is None where nothing undoes it."""

    name: str
    up: Script
    down: Script | None

    @property
    def irreversible(self) -> str | None:
        """The reason why it is not to be undone, None where it does not say so."""
        for script in (self.down, self.up):
            reason = script.header("irreversible") if script is not None else None
            if reason is not None:
                return reason
        return None


def read_steps(folder: Path) -> list[Step]:
    """Return a folder's migrations in order of number.

    Known are X.rollback.sql (yoyo), X.up.sql with X.down.sql (golang-migrate, sqlx), up.sql with down.sql in folders
    (diesel), V1__x.sql with U1__x.sql (Flyway), and the marks of goose, sql-migrate, dbmate and tern. Raises StepFailed
    where there are none.
    """
    found = (file for file in folder.rglob("*.sql") if file.is_file())
    files = sorted((file for file in found if file.parent.name != VERIFYING), key=_natural)
    steps = [step for file in files for step in _step(file)]
    if not steps:
        raise StepFailed(f"no migrations in {folder}")
    return steps


def _natural(file: Path) -> list[tuple[int, str | int]]:
    parts = DIGITS.split(str(file))
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


def _step(file: Path) -> Iterator[Step]:
    if (
        DOWN_FILE.search(file.name)
        or NOT_A_STEP.search(file.name)
        or UNDO_VERSION.search(file.name)
    ):
        return
    text = whole(file, _text(file))
    stem = UP_NAME.sub("", file.name)
    name = stem or file.parent.name
    if UP_MARK.search(text) or DOWN_MARK.search(text):
        up, down = _sections(text)
        yield Step(name, Script(file, up), Script(file, down) if down.strip() else None)
        return
    for undo in _undo_files(file, stem):
        if undo != file and undo.is_file():
            yield Step(name, Script(file, text), Script(undo, _text(undo)))
            return
    yield Step(name, Script(file, text), None)


def _undo_files(file: Path, stem: str) -> Iterator[Path]:
    """Yield where the file that undoes this one may be."""
    for word in ("rollback", "down", "undo", "revert"):
        for sign in ".", "_", "-":
            yield file.with_name(f"{stem}{sign}{word}.sql" if stem else f"{word}.sql")
    yield file.with_name(re.sub(r"^V", "U", file.name))


def _text(file: Path) -> str:
    text = file.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
    return text.replace("\x00", "\ufffd")


def _sections(text: str) -> tuple[str, str]:
    """Return what stands under the marks, each with the other's lines blank."""
    up, down, is_down = [], [], False
    for line in text.splitlines(keepends=True):
        if DOWN_MARK.match(line):
            is_down = True
        elif UP_MARK.match(line):
            is_down = False
        up.append("\n" if is_down else line)
        down.append(line if is_down else "\n")
    return "".join(up), "".join(down)


def run(connection: psycopg.Connection[Any], script: Script) -> None:
    """Run one direction of a migration: in one transaction, or each statement alone where it says so.

    What it sets for its session is gone afterwards. Raises StepFailed; nothing of a transactional one is left then.
    """
    try:
        if script.alone:
            for statement in script.statements:
                _execute(connection, statement)
        else:
            with connection.transaction():
                for statement in script.statements:
                    _execute(connection, statement)
    except psycopg.Error as error:
        # A deferred constraint fails at the end, and belongs to no statement.
        reason = error.diag.message_primary or str(error)
        raise StepFailed(f"{script.path.name}: {reason}") from error
    finally:
        if not connection.closed:
            connection.execute("DISCARD ALL")


def _execute(connection: psycopg.Connection[Any], statement: SchemaStatement) -> None:
    try:
        connection.execute(statement.text.encode())
    except psycopg.Error as error:
        position = int(error.diag.statement_position or 1)
        line = statement.line + statement.text.count("\n", 0, position - 1)
        reason = error.diag.message_primary or str(error)
        raise StepFailed(f"{statement.path}:{line}: {reason}") from error
