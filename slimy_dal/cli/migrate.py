"""Shows, applies and undoes migrations."""

import sys

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.compiler import project
from slimy_dal.schema import migrator

__all__ = ["migrate"]


@click.group()
def migrate() -> None:
    """Show, apply and undo the schema's migrations."""


@migrate.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def status(dsn: str) -> None:
    """Print every migration's state; exit code 3 when some are pending."""
    states = migrator.status(dsn, project.find().migrations)
    for state in states:
        word = "applied" if state.applied else "pending"
        note = "  edited since" if state.edited else "  file missing" if state.missing else ""
        click.echo(f"{word}  {state.id}{note}")
    if not all(state.applied for state in states):
        sys.exit(3)


@migrate.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def apply(dsn: str) -> None:
    """Apply what is pending, in order."""
    done = migrator.apply(
        dsn, project.find().migrations, lambda name: click.echo(f"applied  {name}")
    )
    if not done:
        click.echo("nothing to apply")


@migrate.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1), help="How many.")
@plainly
def rollback(dsn: str, count: int) -> None:
    """Undo the last migrations, newest first."""
    folder = project.find().migrations
    if not migrator.rollback(dsn, folder, count, lambda name: click.echo(f"undone   {name}")):
        click.echo("nothing to undo")
