"""Loads query files: a file or a folder becomes queries and errors, in any of three dialects."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from slimy_dal.compiler.dialects import aiosql as dialect_aiosql
from slimy_dal.compiler.dialects import slimy as dialect_slimy
from slimy_dal.compiler.dialects import sqlc as dialect_sqlc
from slimy_dal.compiler.query import (
    SHAPES,
    Directive,
    Loaded,
    Location,
    Query,
    QueryFileError,
    Shape,
)
from slimy_dal.compiler.sections import Source

__all__ = [
    "DIALECTS",
    "SHAPES",
    "Dialect",
    "Directive",
    "Loaded",
    "Location",
    "Query",
    "QueryFileError",
    "Shape",
    "load",
]

Dialect = Literal["slimy", "aiosql", "sqlc"]
DIALECTS: dict[Dialect, Callable[[Source], Loaded]] = {
    "slimy": dialect_slimy.read,
    "aiosql": dialect_aiosql.read,
    "sqlc": dialect_sqlc.read,
}
_BOM = "\ufeff"


def load(path: Path, *, dialect: Dialect = "slimy") -> Loaded:
    """Load a query file, or every `.sql` file below a folder in the order of their paths.

    Bad input is never raised but collected: whatever of it is sound is loaded beside the errors.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.sql") if file.is_file())
        if not files:
            return _failed(path, "no .sql file below this folder")
    elif path.is_file():
        files = [path]
    else:
        return _failed(path, "no such file or folder")
    loaded = [_load_file(file, dialect) for file in files]
    return Loaded(
        tuple(query for part in loaded for query in part.queries),
        tuple(error for part in loaded for error in part.errors),
    )


def _load_file(path: Path, dialect: Dialect) -> Loaded:
    try:
        # Bytes that are not UTF-8 stay visible as lone surrogates, so that the lexer can name the
        # place of the first and only the query around it is lost.
        text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as problem:
        return _failed(path, f"cannot be read: {problem.strerror}")
    errors: tuple[QueryFileError, ...] = ()
    if text.startswith(_BOM):
        message = "the file begins with a byte order mark"
        hint = "save it as UTF-8 without one"
        errors = (QueryFileError(Location(str(path), 1, 1), message, hint),)
        text = text.removeprefix(_BOM)
    loaded = DIALECTS[dialect](Source(str(path), text))
    return Loaded(loaded.queries, errors + loaded.errors)


def _failed(path: Path, message: str) -> Loaded:
    return Loaded((), (QueryFileError(Location(str(path), 1, 1), message),))
