"""What the commands of `slimy migrate` share: their options, and how they print."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from slimy_dal.compiler import project
from slimy_dal.schema import migrator

__all__ = [
    "BOOKKEEPING",
    "DSN",
    "JSON",
    "LOCK_WAIT",
    "MIGRATIONS",
    "TO",
    "folder_of",
    "printed",
    "say",
    "told",
]

DSN = click.option(
    "--dsn",
    envvar="DATABASE_URL",
    required=True,
    metavar="DSN",
    help="The database (DATABASE_URL). Keep the password in PGPASSWORD, ~/.pgpass or a service.",
)
MIGRATIONS = click.option(
    "--migrations",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of migrations (the project's own).",
)
BOOKKEEPING = click.option(
    "--bookkeeping",
    default=migrator.BOOKKEEPING,
    show_default=True,
    metavar="SCHEMA",
    help="The schema that keeps what was applied.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
LOCK_WAIT = click.option(
    "--lock-wait",
    default=migrator.LOCK_WAIT,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="How long to try again while a table stays locked or another migrator is at work.",
)
TO = click.option("--to", metavar="ID", help="The last migration: its id, or its number.")


def folder_of(given: Path | None) -> Path:
    """Return the folder of migrations: the one given, else the project's own."""
    return given or project.find().migrations


def say(line: str) -> None:
    """Print a line about what is going on, where it does not mix with the answer."""
    with suppress(BrokenPipeError):
        click.echo(line, err=True)


def told(line: str) -> None:
    """Print a line of the answer; who stops reading does not decide how far a migration gets."""
    with suppress(BrokenPipeError):
        click.echo(line)


def printed(value: Any) -> None:
    """Print a value as JSON; times in ISO 8601."""
    click.echo(json.dumps(value, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
