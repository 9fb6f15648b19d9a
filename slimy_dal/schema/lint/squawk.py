"""Asks squawk, another linter of migrations, and takes what our own rules do not say already."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.schema.lint.files import Migration
from slimy_dal.schema.lint.rule import Severity
from slimy_dal.schema.lint.rules import RULES
from slimy_dal.schema.lint.settings import LintError
from slimy_dal.schema.lint.syntax import NotInstalled

__all__ = ["KEPT", "OFF", "Kept", "Told", "ask", "replaced"]

PG_VERSION = "15.0"
"""The oldest server that we support: what is safe there is safe on newer ones."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule of squawk's that we pass on; `eases` as with ours."""

    severity: Severity
    why: str
    eases: bool = False


KEPT: Mapping[str, Kept] = {
    "adding-not-nullable-field": Kept("warning", "A column that must not be null.", eases=True),
    "ban-alter-domain-with-add-constraint": Kept(
        "error", "Checks all columns of the domain under a lock."
    ),
    "ban-char-field": Kept("warning", "char(n) pads with blanks."),
    "ban-create-domain-with-constraint": Kept(
        "warning", "A constraint that can only be changed under a lock."
    ),
    "ban-drop-database": Kept("error", "Everything is lost."),
    "ban-alter-identity": Kept("warning", "The running release's INSERTs may fail."),
    "ban-drop-constraint": Kept("note", "Code that relies on the rule will meet what breaks it."),
    "ban-drop-extension": Kept("warning", "Its functions and types go along."),
    "ban-drop-generated-expression": Kept("warning", "Nobody computes the column any more."),
    "ban-drop-not-null": Kept("warning", "Code that relies on a value will meet NULL."),
    "ban-duplicate-column-assignments": Kept("error", "One column is written twice."),
    "identifier-too-long": Kept("warning", "PostgreSQL cuts names at 63 bytes."),
    "prefer-bigint-over-int": Kept(
        "warning", "A 32-bit key runs out, and is widened by a rewrite."
    ),
    "prefer-bigint-over-smallint": Kept("warning", "A 16-bit number runs out sooner still."),
    "prefer-identity": Kept("warning", "serial leaves a sequence with rights of its own."),
    "prefer-text-field": Kept(
        "warning", "A longer varchar(n) is a change of type; text with a CHECK is not."
    ),
    "prefer-timestamp-tz": Kept("warning", "A timestamp without time zone is a guess."),
    "require-enum-value-ordering": Kept(
        "warning", "The place of a new value in the order is left to chance."
    ),
    "unused-ignore": Kept("warning", "An ignore comment of squawk's that ignores nothing."),
}
"""What squawk knows and our own rules do not repeat."""

OFF: Mapping[str, str] = {
    "prefer-robust-stmts": "a migration is undone as a whole: IF NOT EXISTS would hide a wrong database",
    "require-lock-timeout": "set by the migrator for each migration",
    "require-statement-timeout": "set by the migrator for each migration",
    "require-timeout-settings": "set by the migrator for each migration",
}
"""Rules of squawk's that are asked only where lint.toml says `on`, and why."""


@dataclass(frozen=True, slots=True)
class Told:
    """What squawk says about a place in a migration: the offset, its rule and its words."""

    migration: Migration
    at: int
    rule: str
    message: str
    instead: str


def replaced() -> dict[str, str]:
    """Return squawk's rules that a rule of ours stands for, with the name of ours."""
    return {theirs: ours.id for ours in RULES.values() for theirs in ours.replaces}


def ask(migrations: Sequence[Migration], on: Sequence[str] = ()) -> list[Told]:
    """Return what squawk says of these migrations, what our rules say left out.

    Raises NotInstalled where there is no squawk, LintError where it fails.
    """
    program = _program()
    found: list[Told] = []
    for transactional in (True, False):
        some = [one for one in migrations if one.transactional == transactional]
        if some:
            found += _run(program, some, on, transactional=transactional)
    return found


def _program() -> str:
    beside = Path(sys.executable).parent / "squawk"
    program = str(beside) if beside.is_file() else shutil.which("squawk")
    if program is None:
        raise NotInstalled("squawk (a linter whose findings are merged in)")
    return program


def _run(
    program: str, migrations: Sequence[Migration], on: Sequence[str], *, transactional: bool
) -> list[Told]:
    """Run squawk on copies: without the sections that undo, and without a configuration found on the way up."""
    with tempfile.TemporaryDirectory(prefix="slimy-lint-") as folder:
        (Path(folder) / "squawk.toml").touch()
        names = [f"{number:05}.sql" for number in range(len(migrations))]
        for name, migration in zip(names, migrations, strict=True):
            (Path(folder) / name).write_text(migration.text, encoding="utf-8")
        wrap = "--assume-in-transaction" if transactional else "--no-assume-in-transaction"
        options = ["--config=squawk.toml", f"--pg-version={PG_VERSION}", wrap]
        done = subprocess.run(  # noqa: S603 -- a program found beside our own, with names we made
            [program, "--reporter=json", *options, *names],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    by_name = dict(zip(names, migrations, strict=True))
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        first = next(iter(done.stderr.splitlines()), f"exit code {done.returncode}")
        raise LintError(f"squawk failed: {first}") from None
    silent = {*replaced(), *OFF} - {*on}
    return [_told(by_name[one["file"]], one) for one in said if one["rule_name"] not in silent]


def _told(migration: Migration, said: Mapping[str, object]) -> Told:
    lines = migration.text.splitlines(keepends=True)
    line, column = int(str(said["line"])), int(str(said["column"]))
    here = lines[line].encode() if line < len(lines) else b""
    # squawk counts bytes.
    at = sum(len(one) for one in lines[:line]) + len(here[:column].decode(errors="ignore"))
    return Told(
        migration, at, str(said["rule_name"]), str(said["message"]), str(said.get("help") or "")
    )
