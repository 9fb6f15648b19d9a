"""A folder of migrations that a test writes, and what a database holds after it."""

import re
import subprocess
from pathlib import Path

import psycopg

from slimy_dal.engine import embedded


class Folder(type(Path())):  # type: ignore[misc]  # Path becomes a class that can be derived from in 3.12
    """A path that migrations can be written into."""

    def write(self, name: str, up: str, down: str | None = None) -> None:
        self.mkdir(exist_ok=True)
        (self / f"{name}.sql").write_text(up)
        if down is not None:
            (self / f"{name}.rollback.sql").write_text(down)


def dump(dsn: str, major: int = 18) -> str:
    """The schema as pg_dump sees it, without anybody's bookkeeping."""
    out = subprocess.run(
        [
            embedded.binaries(major) / "pg_dump",
            "--schema-only",
            "--no-owner",
            "--exclude-schema=slimy_migrations",
            "--exclude-table=*yoyo*",
            dsn,
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return re.sub(r"(?m)^(--.*|\\(un)?restrict .*)?\n", "", out)


def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query).fetchall()
