"""The command that fills an empty database with made-up data."""

import asyncio
import time
from collections.abc import Mapping

import click

from slimy_dal.cli_errors import plainly

PROFILES = ("demo", "test", "large")
COUNT = click.IntRange(0, 50_000_000)


@click.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@click.option(
    "--profile", type=click.Choice(PROFILES), default="demo", show_default=True, help="How much."
)
@click.option("--users", type=COUNT, help="So many users instead.")
@click.option("--guilds", type=COUNT, help="So many guilds instead.")
@click.option("--messages", type=COUNT, help="So many messages instead.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    help="Another number makes other rows; the same, the same.",
)
@plainly
def seed(dsn: str, profile: str, seed: int, **numbers: int | None) -> None:
    """Fill an empty database with made-up data, the same for the same seed.

    Progress goes to standard error, the numbers of rows to standard output. Refused where there are users or guilds.
    """
    started = time.monotonic()
    counts = asyncio.run(_seed(dsn, profile, seed, numbers))
    for table, count in counts.items():
        click.echo(f"{table:<28} {count:>10}")
    click.echo(f"seeded in {time.monotonic() - started:.1f} s", err=True)


async def _seed(
    dsn: str, profile: str, seed: int, numbers: Mapping[str, int | None]
) -> dict[str, int]:
    # Generated code may be stale where other commands are needed.
    from slimy_dal.engine.pool import Pool  # noqa: PLC0415
    from slimy_dal.seed.load import load  # noqa: PLC0415
    from slimy_dal.seed.plan import PROFILES as KNOWN  # noqa: PLC0415
    from slimy_dal.seed.plan import ProfileName, plan  # noqa: PLC0415

    names: dict[str, ProfileName] = {known: known for known in KNOWN}
    wanted = plan(names[profile], seed=seed, **numbers)
    async with Pool.open(dsn) as pool:
        return await load(pool, wanted, _tell)


def _tell(table: str, stored: int, of: int) -> None:
    """Say how far a table is; a long one on one line that is written over."""
    done = stored >= of
    click.echo(f"\r{table:<28} {stored:>10} of {of}", err=True, nl=done)
