"""Finds the catalogue queries: plain SQL files, in the wheel and in the repository alike."""

from functools import cache
from pathlib import Path

__all__ = ["catalog_query"]

PACKAGE = Path(__file__).parent.parent
PLACES = (PACKAGE / "sql" / "catalog", PACKAGE.parent / "sql" / "catalog")


@cache
def catalog_query(name: str) -> str:
    """Return the statement of `sql/catalog/NAME.sql`."""
    for place in PLACES:
        file = place / f"{name}.sql"
        if file.is_file():
            return file.read_text(encoding="utf-8").rstrip().removesuffix(";")
    raise FileNotFoundError(f"sql/catalog/{name}.sql is missing from this installation")
