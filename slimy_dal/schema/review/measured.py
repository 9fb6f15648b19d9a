"""Reads what `slimy migrate trace --json` measured; a figure that is not there is not known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slimy_dal.schema.lint.settings import LintError

__all__ = ["Figures", "Measured", "Trace", "read"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a statement, or of a migration as a whole: times in milliseconds."""

    ms: float | None = None
    reader_ms: float | None = None
    writer_ms: float | None = None
    wal_bytes: int | None = None
    rewrites: tuple[str, ...] = ()
    locks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A migration: how many rows its tables had, its statements by line, and what the trace thinks of it."""

    rows: Mapping[str, int]
    whole: Figures
    statements: Mapping[int, Figures]
    findings: tuple[str, ...]
    queue: str = ""
    """What others waited while it waited itself behind a long reader; empty where it took no strong lock."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace: the server, what readers and writers waited without any migration, and the migrations by id."""

    server: str = ""
    noise: Figures = field(default_factory=Figures)
    migrations: Mapping[str, Measured] = field(default_factory=dict)


def read(path: Path) -> Trace:
    """Return a trace from a file. Raises LintError where it is none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        migrations = {str(one["id"]): _migration(one) for one in said["migrations"]}
        return Trace(str(said.get("server", "")), _figures(said.get("noise") or {}), migrations)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LintError(
            f"{path}: not what `slimy migrate trace --json` prints ({type(error).__name__})"
        ) from error


def _migration(said: Mapping[str, Any]) -> Measured:
    statements = {int(one["line"]): _figures(one) for one in said.get("statements", ())}
    rows = {str(name): int(count) for name, count in (said.get("rows") or {}).items()}
    return Measured(
        rows, _figures(said), statements, tuple(map(str, said.get("findings", ()))), _queue(said)
    )


def _queue(said: Mapping[str, Any]) -> str:
    queue = said.get("queue")
    if not queue:
        return ""
    return (
        f"behind a long reader of {queue['relation']} it queued for {queue['waited_ms']:,.0f} ms, and other"
        f" readers behind it for {queue['reader_ms']:,.0f} ms"
    )


def _figures(said: Mapping[str, Any]) -> Figures:
    """Return figures; those of the noise are called reader_ms, others reader_stall_ms."""
    return Figures(
        said.get("ms"),
        said.get("reader_stall_ms", said.get("reader_ms")),
        said.get("writer_stall_ms", said.get("writer_ms")),
        said.get("wal_bytes"),
        tuple(map(str, said.get("rewrites", ()))),
        tuple((str(one["relation"]), str(one["mode"])) for one in said.get("locks", ())),
    )
