"""Begins a migration, asks whether what is applied holds, and records what was applied some other way."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.migrate_options import (
    BOOKKEEPING,
    DSN,
    JSON,
    MIGRATIONS,
    folder_of,
    printed,
    say,
)
from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import PHASES
from slimy_dal.schema.scaffold import scaffold

__all__ = ["baseline", "new", "verify"]


@click.command()
@click.argument("name")
@MIGRATIONS
@JSON
@click.option("--phase", type=click.Choice(PHASES), default="expand", show_default=True)
@plainly
def new(name: str, migrations: Path | None, *, as_json: bool, phase: str) -> None:
    """Write the two files of a new migration, with the next number and the headers; never over one that is there.

    \b
    Example:
      slimy migrate new add_motto_to_guilds
    """
    made = [str(path) for path in scaffold(folder_of(migrations), name, phase)]
    if as_json:
        printed(made)
    else:
        click.echo("\n".join(made))


@click.command()
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@plainly
def verify(dsn: str, migrations: Path | None, bookkeeping: str, *, as_json: bool) -> None:
    """Hold a database against its migrations: the history against the files, and the questions in verify/.

    It only reads. Exit code 1 where something is not as it should be, 3 when migrations are pending.

    \b
    Example:
      slimy migrate verify --dsn DSN
    """
    states, asked = migrator.verify(dsn, folder_of(migrations), bookkeeping=bookkeeping)
    findings = [state for state in states if state.is_finding]
    wrong = [answer for answer in asked if answer.problem is not None]
    pending = [state.id for state in states if not state.applied]
    if as_json:
        printed(
            {
                "history": [asdict(state) for state in findings],
                "answers": [asdict(answer) for answer in asked],
                "pending": pending,
            }
        )
    else:
        for state in findings:
            words = {"edited": state.edited, "missing": state.missing, "late": state.late}
            click.echo(f"{state.id}: {', '.join(word for word, holds in words.items() if holds)}")
        for answer in wrong:
            click.echo(f"{answer.place}: {answer.problem}")
        click.echo(f"{len(asked)} questions, {len(wrong)} not true; {len(pending)} pending")
    if findings or wrong:
        sys.exit(1)
    if pending:
        sys.exit(3)


@click.command()
@click.argument("last", metavar="ID")
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@plainly
def baseline(
    last: str, dsn: str, migrations: Path | None, bookkeeping: str, *, as_json: bool
) -> None:
    """Record all migrations up to ID as applied, without running them: for a database made some other way.

    Refused where anything is recorded already, and where tables that they make are not there.

    \b
    Example:
      slimy migrate baseline 0012 --dsn DSN
    """
    done = migrator.baseline(dsn, folder_of(migrations), last, say=say, bookkeeping=bookkeeping)
    if as_json:
        printed({"recorded": done})
    else:
        click.echo("\n".join(f"recorded {name}" for name in done))
