"""The command `slimy scale`: prints the scale model of a live database."""

import asyncio

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.compiler.scale.live import take
from slimy_dal.engine import driver

__all__ = ["scale"]


@click.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def scale(dsn: str) -> None:
    """Print the scale model (TOML) of a live database: rows and frequencies, out of its statistics.

    The data stays where it is: values are printed only where the schema lists them, for booleans, enums and CHECKs.
    """
    click.echo(asyncio.run(_take(dsn)), nl=False)


async def _take(dsn: str) -> str:
    async with await driver.connect(dsn) as connection:
        return await take(connection)
