"""The command that fills an empty database with made-up data."""

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from slimy_dal.cli.errors import plainly

PROFILES = ("demo", "test", "large")
COUNT = click.IntRange(0, 50_000_000)

SIZES = """\b
PROFILE   users  guilds   messages  statistics, audit logs  analyses
demo          8       4        120                 48 each   12 each
test        200      24      3,000                300 each   72 each
large    50,000   2,000  1,000,000             100,000 each  6,000 each

\b
Examples:
  slimy seed --dsn postgresql:///slimy_demo
  slimy seed --dsn postgresql:///slimy_big --profile large --messages 10000000
  slimy seed --dsn postgresql:///slimy_other --profile test --seed 2 --as-of 2026-02-01
  slimy seed --dsn postgresql:///slimy_ci --profile test --quiet > counts.txt
"""


@click.command(epilog=SIZES)
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@click.option(
    "--profile", type=click.Choice(PROFILES), default="demo", show_default=True, help="How much."
)
@click.option("--users", type=COUNT, help="So many users instead.")
@click.option("--guilds", type=COUNT, help="So many guilds instead, beside the deleted ones.")
@click.option("--messages", type=COUNT, help="So many messages instead; a tenth as many events.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    help="Another number makes other rows; the same, the same.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day (UTC) that the year of the data ends with; 2025-11-01, whatever day it is.",
)
@click.option("--quiet", is_flag=True, help="No progress, not even on a terminal.")
@plainly
def seed(
    dsn: str,
    profile: str,
    seed: int,
    as_of: datetime | None,
    *,
    quiet: bool,
    **numbers: int | None,
) -> None:
    """Fill an empty database with made-up data, the same for the same seed: all of it, or nothing.

    Every table is filled. Where there is data already, it is refused. Progress goes to standard error if that is a
    terminal, the numbers of rows to standard output.
    """
    started = time.monotonic()
    options: dict[str, Any] = {"seed": seed, **numbers}
    if as_of is not None:
        options["as_of"] = as_of.replace(tzinfo=UTC)
    shown = not quiet and sys.stderr.isatty()
    counts = asyncio.run(_seed(dsn, profile, options, shown=shown))
    for table, count in counts.items():
        click.echo(f"{table:<28} {count:>10}")
    if shown:
        click.echo(f"seeded in {time.monotonic() - started:.1f} s", err=True)


async def _seed(
    dsn: str, profile: str, options: Mapping[str, Any], *, shown: bool
) -> dict[str, int]:
    # Generated code may be stale where other commands are needed.
    from slimy_dal.engine.pool import Pool  # noqa: PLC0415
    from slimy_dal.engine.settings import PoolSettings  # noqa: PLC0415
    from slimy_dal.seed.load import load  # noqa: PLC0415
    from slimy_dal.seed.plan import PROFILES as KNOWN  # noqa: PLC0415
    from slimy_dal.seed.plan import ProfileName, plan  # noqa: PLC0415

    names: dict[str, ProfileName] = {known: known for known in KNOWN}
    wanted = plan(names[profile], **options)
    # A load is slow on purpose: nothing of it is worth a warning.
    settings = PoolSettings(slow_query=3600)
    async with Pool.open(dsn, settings) as pool:
        return await load(pool, wanted, _tell if shown else _keep_silent)


def _tell(table: str, stored: int, of: int) -> None:
    """Say how far a table is; a long one on one line that is written over."""
    done = stored >= of
    click.echo(f"\r{table:<28} {stored:>10} of {of}", err=True, nl=done)


def _keep_silent(_table: str, _stored: int, _of: int) -> None:
    """Say nothing."""
