"""How many rows tables have: in a live database, or by the project's scale model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slimy_dal.compiler.scale import live, model, toml
from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.engine import driver

__all__ = ["Sizes", "declared", "measured"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows by table, and where they are known from."""

    rows: Mapping[str, int] = field(default_factory=dict)
    source: str = ""

    def small(self, table: str, limit: int) -> str:
        """Say why a table is small; empty where it is not, or nobody knows."""
        rows = self.rows.get(table)
        if rows is None or rows > limit:
            return ""
        return f"{table} has {rows:,} rows ({self.source})"


def declared(path: Path) -> Sizes:
    """Return what a scale model says; nothing where there is none. Raises ScaleError."""
    return _of(model.read(path), path.name) if path.is_file() else Sizes()


async def measured(dsn: str) -> Sizes:
    """Return what a database's statistics say; of a table that was never analysed nothing is known.

    Raises SlimyError where there is no connection.
    """
    async with await driver.connect(dsn) as connection:
        return _of(toml.parse(await live.take(connection), "the database"), "the database")


def _of(scale: Scale, source: str) -> Sizes:
    known = {key: one.rows for key, one in scale.tables.items() if one.rows is not None}
    rows = {".".join(key).removeprefix("public."): count for key, count in known.items()}
    return Sizes(rows, source)
