"""Reads query files: a file or a folder becomes queries and errors, in any of three dialects."""

from pathlib import Path
from typing import Literal

from slimy_dal.compiler.query import (
    SHAPES,
    Directive,
    Loaded,
    Location,
    Query,
    QueryFileError,
    Shape,
)

__all__ = [
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


def load(path: Path, *, dialect: Dialect = "slimy") -> Loaded:
    """Load a query file, or every `.sql` file below a folder."""
    raise NotImplementedError(path, dialect)
