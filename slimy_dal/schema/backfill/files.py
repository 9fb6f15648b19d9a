"""Reads a batched data migration: its headers, and the one statement that does a range of keys."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from slimy_dal.compiler.lexer import LexError, tokens
from slimy_dal.compiler.schemafiles import split
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["Backfill", "BackfillError", "masked", "read", "whole"]

FIRST_SIZE = 1000
"""Rows of the first batch where the file says nothing; the size of the others follows from their time."""

LARGEST_SIZE = 1_000_000

HEADER = re.compile(r"^--[ \t]*(?P<key>[a-z][a-z_ ]*?)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*$")
CONTINUED = re.compile(r"^--[ \t]{2,}(?P<more>\S.*?)[ \t]*$")
NAME = r'(?:[A-Za-z_][A-Za-z0-9_$]*|"(?:[^"]|"")+")'
BATCH = re.compile(rf"(?P<table>{NAME}(?:\.{NAME})?)\s+by\s+(?P<columns>{NAME}(?:\s*,\s*{NAME})*)")
DURATION = re.compile(r"(?P<number>\d+)\s*(?P<unit>ms|s|min|h)")
SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}
CHANGES = frozenset({"update", "delete", "insert", "merge", "with"})


class BackfillError(MigrationError):
    """A data migration that cannot be run or go on; what is done of it stays, and its place is kept."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """A data migration as its file says it."""

    id: str
    path: Path
    table: str
    """As the file writes it; the names of columns are the catalog's."""
    columns: tuple[str, ...]
    statement: str
    """With `:from` and `:to`, or `:from_x` and `:to_x` for each column x of the key."""
    line: int
    done_when: str
    first_size: int
    lock_timeout: str
    statement_timeout: str
    checksum: str

    @property
    def most_seconds(self) -> float:
        """How long a statement of a batch may take."""
        told = DURATION.fullmatch(self.statement_timeout)
        return float(told["number"]) * SECONDS[told["unit"]] if told else 0.0

    def parameters(self) -> dict[str, tuple[int, str]]:
        """Return what the statement may name: the number of each parameter, first `from` then `to`, and its column."""
        ends = [(end, column) for end in ("from", "to") for column in self.columns]
        found = {f"{end}_{column}": (n, column) for n, (end, column) in enumerate(ends, 1)}
        if len(self.columns) == 1:
            found |= {end: (n, column) for n, (end, column) in enumerate(ends, 1)}
        return found

    def bounded(self, write: Callable[[str, int, str], str]) -> str:
        """Return the statement with each parameter as `write` gives it: by its end, its number, and its column."""
        known = self.parameters()
        return "".join(
            write(token.name.partition("_")[0], *known[token.name])
            if token.kind == "parameter"
            else token.text
            for token in tokens(self.statement)
        )

    def fail(self, problem: str) -> NoReturn:
        """Raise BackfillError with the file's name before the problem."""
        raise BackfillError(f"{self.path.name}: {problem}")


def read(path: Path, text: str | None = None) -> Backfill | None:
    """Return a migration's batches, or None for one that runs as a whole; the text is the file's where none is given.

    Raises BackfillError with an instruction where the headers or the statement do not fit together.
    """
    if text is None:
        text = path.read_text(encoding="utf-8")
    headers = _headers(text)
    if "batch" not in headers:
        return None
    phase = headers.get("phase")
    if phase != "backfill":
        _refuse(path, f"`batch:` belongs to `-- phase: backfill`, not to {phase or 'no phase'}")
    target = BATCH.fullmatch(headers["batch"])
    if target is None:
        _refuse(path, "write `-- batch: schema.table by column, column` with the columns of a key")
    columns = re.findall(NAME, target["columns"])
    if not headers.get("done when"):
        _refuse(path, "say how its end is known: `-- done when: SELECT NOT EXISTS (...)`")
    statement, line = _statement(path, text)
    backfill = Backfill(
        id=path.stem,
        path=path,
        table=target["table"],
        columns=tuple(_plain(column) for column in columns),
        statement=statement,
        line=line,
        done_when=headers["done when"].rstrip("; "),
        first_size=_size(path, headers.get("batch_size", str(FIRST_SIZE))),
        lock_timeout=_duration(path, headers, "lock_timeout", "1s"),
        statement_timeout=_duration(path, headers, "statement_timeout", "30s"),
        checksum=hashlib.sha256(text.encode()).hexdigest(),
    )
    _check_parameters(backfill)
    return backfill


def whole(path: Path, text: str) -> str:
    """Return a migration's text as one that does all rows at once, for copies that nobody else uses.

    The ends of the range are the first and the last key. Text without batches is returned as it is; lines keep their
    numbers. Raises BackfillError as `read` does.
    """
    backfill = read(path, text)
    if backfill is None:
        return text

    def end(which: str, _number: int, column: str) -> str:
        down = " DESC" if which == "to" else ""
        order = ", ".join(f'k."{name}"{down}' for name in backfill.columns)
        return f'(SELECT k."{column}" FROM {backfill.table} AS k ORDER BY {order} LIMIT 1)'  # noqa: S608

    return text.replace(backfill.statement, backfill.bounded(end))


def masked(text: str) -> str:
    """Return a migration's text with strings in place of `:from` and `:to`, for parsers; no character moves."""
    if "batch" not in _headers(text):
        return text
    try:
        found = tokens(text)
    except LexError:
        return text
    return "".join(
        "''".ljust(len(token.text)) if token.kind == "parameter" else token.text for token in found
    )


def _headers(text: str) -> dict[str, str]:
    """Return the headers of the comment a file begins with; lines indented further go on with the one before."""
    found: dict[str, str] = {}
    last = None
    for line in text.splitlines():
        if not line.startswith("--"):
            if line.strip():
                break
            continue
        if header := HEADER.match(line):
            last = header["key"]
            found.setdefault(last, header["value"])
        elif last and (more := CONTINUED.match(line)):
            found[last] += f" {more['more']}"
        else:
            last = None
    return found


def _statement(path: Path, text: str) -> tuple[str, int]:
    statements = list(split(text, path.name))
    if len(statements) != 1:
        _refuse(path, f"a batch is one statement, this file has {len(statements)}")
    [only] = statements
    first = re.match(r"\w*", only.text)
    if first is None or first[0].lower() not in CHANGES:
        _refuse(path, f"line {only.line}: a batch is an INSERT, UPDATE, DELETE, MERGE or WITH")
    return only.text.rstrip(), only.line


def _check_parameters(backfill: Backfill) -> None:
    try:
        names = {one.name for one in tokens(backfill.statement) if one.kind == "parameter"}
    except LexError as error:
        backfill.fail(f"line {backfill.line}: {error.problem}")
    known = backfill.parameters()
    wanted = {(end, column) for end in ("from", "to") for column in backfill.columns}
    for name in sorted(names - known.keys()):
        backfill.fail(f"line {backfill.line}: :{name} is none of :{', :'.join(known)}")
    if {(name.partition("_")[0], known[name][1]) for name in names} != wanted:
        columns = backfill.columns
        low, high = (", ".join(f":{end}_{name}" for name in columns) for end in ("from", "to"))
        bounds = (
            f"{columns[0]} BETWEEN :from AND :to"
            if len(columns) == 1
            else f"({', '.join(columns)}) BETWEEN ({low}) AND ({high})"
        )
        backfill.fail(f"its statement must be bounded by the whole key: WHERE {bounds}")


def _plain(name: str) -> str:
    """Return a name as the catalog has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _size(path: Path, told: str) -> int:
    if not told.isdecimal() or not 1 <= int(told) <= LARGEST_SIZE:
        _refuse(path, f"`batch_size: {told}` must be a number of rows, 1 to {LARGEST_SIZE}")
    return int(told)


def _duration(path: Path, headers: dict[str, str], key: str, default: str) -> str:
    told = headers.get(key, default)
    if not DURATION.fullmatch(told):
        _refuse(path, f"`{key}: {told}` must be a time such as 500ms, 2s or 15min")
    return told


def _refuse(path: Path, problem: str) -> NoReturn:
    raise BackfillError(f"{path.name}: {problem}")
