"""The commands that a schedule runs: coming partitions are made, and what was counted is folded into the totals."""

import asyncio
import sys
from datetime import datetime

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.engine.settings import PoolSettings

DSN = click.option(
    "--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL)."
)

MAX_DAYS = 36_525
"""A century; dates that Python cannot write lie some 8,000 years ahead."""


@click.group()
def partitions() -> None:
    """Make and show the months of the partitioned tables."""


@partitions.command()
@DSN
@click.option("--months", default=13, show_default=True, help="How many months, this one first.")
@click.option(
    "--first", type=click.DateTime(["%Y-%m"]), help="Another first month, such as 2024-11."
)
@plainly
def make(dsn: str, months: int, first: datetime | None) -> None:
    """Make the partitions that are not there yet; may be run at any time, by several at once."""
    for line in asyncio.run(_make(dsn, months, first)):
        click.echo(line)


@partitions.command()
@DSN
@click.option(
    "--days",
    default=45,
    type=click.IntRange(0, MAX_DAYS),
    show_default=True,
    help="Warn when they last for fewer days.",
)
@plainly
def check(dsn: str, days: int) -> None:
    """Print the tables that will soon have no partition for new rows; exit code 3 when there are any."""
    ending = asyncio.run(_ending(dsn, days))
    for line in ending:
        click.echo(line)
    if ending:
        sys.exit(3)


@click.command()
@DSN
@plainly
def fold(dsn: str) -> None:
    """Fold what was counted since the last time into the totals of statistics and audit logs."""
    for line in asyncio.run(_fold(dsn)):
        click.echo(line)


async def _make(dsn: str, months: int, first: datetime | None) -> list[str]:
    from slimy_dal.domain.database import Database  # noqa: PLC0415 -- generated code may be stale elsewhere

    async with Database.open(dsn, settings=PoolSettings.from_environment()) as db:
        made = await db.partitions.make(months, first=first.date() if first else None)
    return [f"{row.table_name}: {row.made} made" for row in made]


async def _ending(dsn: str, days: int) -> list[str]:
    from slimy_dal.domain.database import Database  # noqa: PLC0415

    async with Database.open(dsn, settings=PoolSettings.from_environment()) as db:
        return [str(ending) for ending in await db.health.partitions(days)]


async def _fold(dsn: str) -> list[str]:
    from slimy_dal.domain.database import Database  # noqa: PLC0415

    lines = []
    async with Database.open(dsn, settings=PoolSettings.from_environment()) as db:
        for name, noun in (("stats", db.stats), ("audit logs", db.audit_logs)):
            total = 0
            while count := await noun.fold():
                total += count
            lines.append(f"{name}: {total} folded")
    return lines
