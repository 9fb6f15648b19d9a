"""Finds the SQL that the compiler itself runs: plain files, in the wheel and in the repository alike."""

from functools import cache
from pathlib import Path

__all__ = ["catalog_query", "stand_in"]

PACKAGE = Path(__file__).parent.parent.parent
PLACES = (PACKAGE / "sql", PACKAGE.parent / "sql")


@cache
def catalog_query(name: str) -> str:
    """Return the statement of `sql/catalog/NAME.sql`."""
    text = _read("catalog", name)
    if text is None:
        raise FileNotFoundError(f"sql/catalog/{name}.sql is missing from this installation")
    return text.rstrip().removesuffix(";")


def stand_in(extension: str) -> str | None:
    """Return the statements of `sql/standins/EXTENSION.sql`, None for an extension that has none."""
    return _read("standins", extension)


def _read(folder: str, name: str) -> str | None:
    for place in PLACES:
        file = place / folder / f"{name}.sql"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None
