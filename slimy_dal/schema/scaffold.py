"""Begins a new migration: the next number, and both files with their headers to fill in."""

import re
from pathlib import Path

from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["scaffold"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
NUMBER = re.compile(r"(\d+)[_.-]")

UP = """\
-- {title}.
--
{depends}-- phase: {phase}

"""

DOWN = """\
-- Undoes {name}.
-- Where that cannot be, say so in a header: `irreversible`, a colon, and the reason.

"""


def scaffold(folder: Path, name: str, phase: str) -> tuple[Path, Path]:
    """Write a migration's two files, and return them; never over one that is there.

    Raises MigrationError for a name that is no lower_case_name, and where another process took the number first.
    """
    if not NAME.fullmatch(name):
        raise MigrationError(f"{name}: a name is lower case with underscores: add_motto_to_guilds")
    folder.mkdir(parents=True, exist_ok=True)
    numbered = sorted(
        (int(match[1]), len(match[1]), path.stem)
        for path in folder.glob("*.sql")
        if (match := NUMBER.match(path.name)) and not path.name.endswith(".rollback.sql")
    )
    number, width, last = numbered[-1] if numbered else (0, 4, "")
    stem = f"{number + 1:0{width}}_{name}"
    up, down = folder / f"{stem}.sql", folder / f"{stem}.rollback.sql"
    title = name.replace("_", " ").capitalize()
    depends = f"-- depends: {last}\n" if last else ""
    for path, text in (
        (up, UP.format(title=title, depends=depends, phase=phase)),
        (down, DOWN.format(name=stem)),
    ):
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise MigrationError(f"{path.name} is there already: try again") from None
        except OSError as error:
            raise MigrationError(f"{path} cannot be written: {error.strerror}") from None
    return up, down
