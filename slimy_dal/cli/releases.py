"""Prints whether a previous release's queries still hold on a database with today's schema."""

from pathlib import Path

import click

from slimy_dal.compiler import releases
from slimy_dal.compiler.query import Query
from slimy_dal.engine import driver

__all__ = ["OLD_QUERIES", "UPTO", "print_release"]

OLD_QUERIES = click.option(
    "--old-queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A previous release, or its folder of query files: prove it on today's schema too.",
)
UPTO = click.option(
    "--upto",
    metavar="ID",
    help="Prove on the schema as this migration leaves it: types alone, not plans.",
)


async def print_release(dsn: str, folder: Path, today: list[Query]) -> bool:
    """Print what becomes of a release's queries on a migrated database; return whether all hold.

    Raises ClickException where the folder holds no query files, SlimyError where there is no database.
    """
    try:
        old = releases.release(folder)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    async with await driver.connect(dsn) as connection:
        verdict = await releases.prove(connection, old, today)
    for problem in verdict.problems:
        click.echo(problem)
    for note in verdict.notes:
        click.echo(f"note: {note}")
    promises = (
        "and keep their promises" if old.modules else "(no generated modules to hold them to)"
    )
    if not verdict.problems:
        click.echo(f"{verdict.proven} queries of {folder} are accepted {promises}")
    return not verdict.problems
