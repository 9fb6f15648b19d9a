"""Finds a project's SQL: its migrations, its query files and its audit rules."""

import os
from dataclasses import dataclass
from pathlib import Path

import slimy_dal

VARIABLE = "SLIMY_SQL"


class ProjectNotFound(Exception):
    """There is no folder with SQL where it was looked for; the message says where."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of SQL and where its kinds of files are."""

    sql: Path

    @property
    def migrations(self) -> Path:
        """The migrations and their rollback files."""
        return self.sql / "migrations"

    @property
    def queries(self) -> Path:
        """The query files, one per noun."""
        return self.sql / "queries"

    @property
    def plans(self) -> Path:
        """The kept plans, one file per noun."""
        return self.sql / "plans"

    @property
    def scale(self) -> Path:
        """The scale model: how large production is."""
        return self.sql / "scale.toml"

    @property
    def audit(self) -> Path:
        """The audit rules, one per file."""
        return self.sql / "audit"

    @property
    def root(self) -> Path:
        """Where the project keeps what is its own: beside its SQL, or here where that is installed."""
        return Path.cwd() if self.sql.parent == _package() else self.sql.parent


def find() -> Project:
    """Return the project: of SLIMY_SQL, else of the installed package, else of the repository.

    Raises ProjectNotFound.
    """
    told = os.environ.get(VARIABLE)
    if told:
        if (Path(told) / "queries").is_dir():
            return Project(Path(told))
        raise ProjectNotFound(f"{VARIABLE}={told}: there is no folder `queries` in it")
    package = _package()
    for place in (package / "sql", package.parent / "sql"):
        if (place / "queries").is_dir():
            return Project(place)
    raise ProjectNotFound(
        f"no sql/queries in {package} nor beside it: set {VARIABLE} to the folder that holds it"
    )


def _package() -> Path:
    return Path(slimy_dal.__path__[0])
