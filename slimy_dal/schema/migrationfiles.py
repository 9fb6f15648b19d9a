"""Reads a folder of migrations: the files with their headers and checksums, in the order they apply in."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from slimy_dal.compiler.schemafiles import SchemaStatement, cut
from slimy_dal.schema.misfits import (
    READ,
    MigrationError,
    head,
    refuse_foreign,
    refuse_misspelt,
    refuse_strays,
    unfit,
)

__all__ = [
    "PHASES",
    "Direction",
    "MigrationError",
    "MigrationFile",
    "checked_statements",
    "checksum",
    "read_files",
]

Direction = Literal["apply", "rollback"]

PHASES = ("expand", "backfill", "contract")
"""In this order over a release: new beside old, rows carried over, old taken away."""

HEADER = re.compile(rf"--\s*({'|'.join(READ)})\s*:\s*(.*)")
DURATION = re.compile(r"\d+\s*(ms|s|min|h|d)?")


@dataclass(frozen=True)
class MigrationFile:
    """A migration's file and the one that undoes it, as they are on disk."""

    path: Path
    up: bytes
    down: bytes | None
    """None where there is no rollback file."""

    @property
    def id(self) -> str:
        """The name it is known by: that of the file, without `.sql`."""
        return self.path.stem

    @property
    def rollback_path(self) -> Path:
        """Where the file that undoes it is, or would be."""
        return self.path.with_suffix(".rollback.sql")

    @property
    def hash(self) -> str:
        """What yoyo calls the migration's hash: that of its name."""
        return hashlib.sha256(self.id.encode()).hexdigest()

    @property
    def sums(self) -> tuple[str, str | None]:
        """The SHA-256 of both files."""
        down = hashlib.sha256(self.down).hexdigest() if self.down is not None else None
        return hashlib.sha256(self.up).hexdigest(), down

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers of the file, by name; those given twice are joined."""
        return headers(self.text("apply"))

    @cached_property
    def rollback_headers(self) -> dict[str, str]:
        """The headers of the rollback file."""
        return headers(self.text("rollback")) if self.down is not None else {}

    @property
    def depends(self) -> set[str]:
        """The ids that must be applied before it."""
        return set(self.headers.get("depends", "").replace(",", " ").split())

    @property
    def phase(self) -> str | None:
        """Which phase of a release it belongs to; None where it does not say."""
        return self.headers.get("phase")

    def alone(self, direction: Direction) -> bool:
        """Whether one statement is run outside of any transaction: `transactional: false`.

        A rollback file that does not say goes by the other one, as with yoyo.
        """
        said = self.headers.get("transactional", "true")
        if direction == "rollback":
            said = self.rollback_headers.get("transactional", said)
        return said.lower() == "false"

    def file(self, direction: Direction) -> Path:
        """Return the file that is run in a direction."""
        return self.path if direction == "apply" else self.rollback_path

    def text(self, direction: Direction) -> str:
        """Return what is run in a direction. Raises MigrationError where there is none, or it is no UTF-8."""
        content, path = (self.up if direction == "apply" else self.down), self.file(direction)
        if content is None:
            raise MigrationError(f"{self.id} has no {path.name}: it cannot be rolled back")
        if b"\0" in content:
            line = content.count(b"\n", 0, content.index(b"\0")) + 1
            raise MigrationError(f"{path.name}:{line}: holds a NUL byte: save the file as UTF-8")
        try:
            return content.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise MigrationError(f"{path.name}:{line}: save the file as UTF-8") from None


def headers(text: str) -> dict[str, str]:
    """Return the `-- name: value` lines that stand before the first statement, where yoyo reads them too."""
    found: dict[str, str] = {}
    for line in head(text):
        match = HEADER.fullmatch(line)
        if match:
            name, value = match[1], match[2].strip()
            found[name] = f"{found[name]} {value}" if name in found else value
    return found


def read_files(folder: Path) -> list[MigrationFile]:
    """Return a folder's migrations in the order of their names, each with its headers checked.

    Raises MigrationError where there are none, and where a file is not one that can be applied.
    """
    if not folder.is_dir():
        raise MigrationError(f"no migrations: there is no folder {folder}")
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" and not path.name.startswith("__"):
            raise MigrationError(f"{path.name}: migrations in Python are not run here; write SQL")
        if path.suffix != ".sql" or path.name.endswith(".rollback.sql") or not path.is_file():
            continue
        down = path.with_suffix(".rollback.sql")
        file = MigrationFile(path, path.read_bytes(), down.read_bytes() if down.is_file() else None)
        _check(file)
        found.append(file)
    if not found:
        raise MigrationError(f"no migrations in {folder}")
    known = {file.id for file in found}
    refuse_strays(folder, known)
    for file in found:
        for missing in sorted(file.depends - known):
            raise MigrationError(f"{file.path.name}: depends on {missing}, which is not there")
    return found


def _check(file: MigrationFile) -> None:
    name = file.path.name
    refuse_foreign(file.path, file.text("apply"))
    refuse_misspelt(name, file.text("apply"))
    if file.down is not None:
        refuse_misspelt(file.rollback_path.name, file.text("rollback"))
    if file.path.name.startswith("post-apply"):
        raise MigrationError(f"{name}: yoyo's hooks after an apply are not run here")
    if file.phase is not None and file.phase not in PHASES:
        raise MigrationError(f"{name}: `phase` is one of {', '.join(PHASES)}, not {file.phase}")
    for place, found in ((name, file.headers), (file.rollback_path.name, file.rollback_headers)):
        if found.get("transactional", "true").lower() not in {"true", "false"}:
            raise MigrationError(f"{place}: `transactional` is true or false")
        for header in ("lock_timeout", "statement_timeout"):
            if not DURATION.fullmatch(found.get(header, "0")):
                raise MigrationError(
                    f"{place}: `{header}` is a time such as 500ms, 2s or 15min, not {found[header]}"
                )
        if found.get("resume", "rerun") != "rerun":
            raise MigrationError(f"{place}: `resume` can only be `rerun`, not {found['resume']}")


def checksum(path: Path) -> str:
    """Return what the log's comment says of a migration's two files."""
    rollback = path.with_suffix(".rollback.sql")
    parts = [
        hashlib.sha256(file.read_bytes()).hexdigest() for file in (path, rollback) if file.exists()
    ]
    return "sha256 " + " ".join(parts)


@lru_cache(maxsize=512)
def _statements(text: str, name: str) -> tuple[SchemaStatement, ...]:
    """Cut a file once: rights, locks and the run itself each ask for its statements."""
    return tuple(cut(text, name))


def checked_statements(file: MigrationFile, direction: Direction) -> Sequence[SchemaStatement]:
    """Return a file's statements. Raises MigrationError where one would break its transaction's promise."""
    path = file.file(direction)
    statements = _statements(file.text(direction), path.name)
    for statement in statements:
        place = f"{path.name}:{statement.line}"
        if statement.is_transaction_control:
            raise MigrationError(
                f"{place}: controls a transaction: the migrator runs each file in one"
            )
        problem = unfit(statement.text)
        if problem is not None:
            raise MigrationError(f"{place}: {problem}")
    if file.alone(direction) and len(statements) != 1:
        raise MigrationError(
            f"{path.name}: `transactional: false` takes one statement, it has {len(statements)}: "
            "what ran before a failure could not be undone"
        )
    return statements
