"""The door to scale models: read one from a file, or make one where every table is the same size."""

from pathlib import Path

from slimy_dal.compiler.scale import dump, toml
from slimy_dal.compiler.scale.declared import (
    DEFAULT_SETTINGS,
    ColumnScale,
    Scale,
    ScaleError,
    TableKey,
    TableScale,
)

__all__ = [
    "DEFAULT_SETTINGS",
    "ColumnScale",
    "Scale",
    "ScaleError",
    "TableKey",
    "TableScale",
    "read",
    "uniform",
]


def read(path: Path) -> Scale:
    """Read a model: TOML, or what PostgreSQL 18's `pg_dump --statistics-only` wrote (`.sql`).

    Raises ScaleError naming the file, the table, the field, the problem and the way out.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ScaleError("this is no UTF-8", "save it as UTF-8", file=str(path)) from error
    except OSError as error:
        raise ScaleError(
            f"it cannot be read: {error.strerror}",
            "name a scale model (TOML) or a statistics dump (.sql)",
            file=str(path),
        ) from error
    if path.suffix == ".sql":
        return dump.parse(text, str(path))
    return toml.parse(text, str(path))


def uniform(rows: int) -> Scale:
    """Return a model in which every table has that many rows."""
    if rows < 1:
        raise ScaleError(f"{rows} is no number of rows", "give at least 1")
    return Scale(default_rows=rows)
