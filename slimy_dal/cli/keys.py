"""Makes API keys for services."""

import asyncio

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.engine.settings import PoolSettings

__all__ = ["keys"]


@click.group()
def keys() -> None:
    """Make API keys for services."""


@keys.command()
@click.argument("name")
@click.argument("scopes", nargs=-1, required=True)
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def create(name: str, scopes: tuple[str, ...], dsn: str) -> None:
    """Make a key with SCOPES (such as users:read) and print it; it is not kept and cannot be shown again."""
    click.echo(asyncio.run(_create_key(dsn, name, scopes)))


async def _create_key(dsn: str, name: str, scopes: tuple[str, ...]) -> str:
    from slimy_dal.domain.database import Database  # noqa: PLC0415 -- generated code may be stale elsewhere

    async with Database.open(dsn, settings=PoolSettings.from_environment()) as db:
        return (await db.api_keys.create(name, scopes)).key
