"""Folders of migrations that tests trace."""

from pathlib import Path

__all__ = ["written"]

BEGIN = """\
CREATE TABLE owners (
    id bigint PRIMARY KEY,
    name text NOT NULL
);
CREATE TABLE things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL,
    n integer,
    s text NOT NULL
);
"""


def written(folder: Path, **migrations: str) -> Path:
    """Write two tables and then these migrations into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "0001_begin.sql").write_text(BEGIN)
    for number, (name, text) in enumerate(migrations.items(), 2):
        (folder / f"{number:04}_{name}.sql").write_text(text)
    return folder
