"""What a migration's files promise: their checksums, one transaction each, and the order they came in."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler.schemafiles import split

__all__ = ["MigrationError", "State", "checked_script", "checksum", "refuse_changed", "refuse_late"]


class MigrationError(Exception):
    """A migration that cannot be run, or failed; nothing of a transactional one is left in the database."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of one migration: its file, and the database's record of it."""

    id: str
    applied: bool
    edited: bool
    """The file is not what was applied."""
    missing: bool
    """The database has it, the folder does not."""


def checksum(path: Path) -> str:
    """Return what the log keeps of a migration's two files."""
    rollback = path.with_suffix(".rollback.sql")
    parts = [
        hashlib.sha256(file.read_bytes()).hexdigest() for file in (path, rollback) if file.exists()
    ]
    return "sha256 " + " ".join(parts)


def checked_script(path: Path, *, alone: bool) -> str:
    """Return a migration's text. Raises MigrationError where it would break its transaction's promise."""
    script = path.read_text(encoding="utf-8")
    statements = list(split(script, path.name))
    for statement in statements:
        if statement.is_transaction_control:
            raise MigrationError(
                f"{path.name}:{statement.line}: controls a transaction: the migrator runs each file in one"
            )
    if alone and len(statements) != 1:
        raise MigrationError(
            f"{path.name}: `transactional: false` takes one statement, it has {len(statements)}: "
            "what ran before a failure could not be undone"
        )
    return script


def refuse_changed(states: list[State]) -> None:
    """Raise MigrationError where the files are not what the database remembers."""
    for state in states:
        if state.edited:
            raise MigrationError(
                f"{state.id} was edited after it was applied: restore it and write a new migration"
            )
        if state.missing:
            raise MigrationError(f"{state.id} is applied, but its file is gone: restore it")


def refuse_late(states: list[State]) -> None:
    """Raise MigrationError where a file came in before one that is applied."""
    open_ids = [state.id for state in states if not state.applied]
    late = [state.id for state in states if state.applied and open_ids and state.id > open_ids[0]]
    if late:
        raise MigrationError(
            f"{open_ids[0]} sorts before {late[0]}, which is applied: give it the next number"
        )
