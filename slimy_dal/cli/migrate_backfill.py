"""The command `slimy migrate backfill`: runs a data migration alone, goes on with it, and shows how far they are."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.cli.migrate_options import (
    BOOKKEEPING,
    DSN,
    JSON,
    MIGRATIONS,
    folder_of,
    printed,
    say,
)
from slimy_dal.schema import backfilling
from slimy_dal.schema.backfill import Pace, Progress, now_and_then

__all__ = ["backfill"]

USUAL = Pace()
WIDTH = 110


@click.command()
@click.argument("name", required=False, metavar="[ID]")
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@click.option("--status", "show", is_flag=True, help="Show how far they are; nothing is run.")
@click.option("--again", is_flag=True, help="Begin at the first row again.")
@click.option(
    "--pause",
    default=USUAL.pause,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Between two batches.",
)
@click.option(
    "--target",
    default=USUAL.target,
    show_default=True,
    type=click.FloatRange(0.001),
    metavar="SECONDS",
    help="How long a batch should take.",
)
@click.option(
    "--max-lag",
    default=USUAL.max_lag,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Wait while a standby is further behind.",
)
@click.option(
    "--max-waiting",
    default=USUAL.max_waiting,
    show_default=True,
    type=click.IntRange(0),
    help="Wait while more sessions wait for locks.",
)
@click.option(
    "--max-active",
    default=USUAL.max_active,
    show_default=True,
    type=click.IntRange(0),
    help="Wait while more sessions are active.",
)
@plainly
def backfill(
    *,
    name: str | None,
    dsn: str,
    migrations: Path | None,
    bookkeeping: str,
    as_json: bool,
    show: bool,
    again: bool,
    **limits: Any,
) -> None:
    """Run the next data migration in batches, from where it was left; or show how far they are.

    Ctrl-C ends it after the rows that are committed, and running it again goes on from there. With --json a line of
    JSON goes to standard output for each batch. Exit code 3 when it was stopped, or --status shows one pending.

    \b
    Examples:
      slimy migrate backfill --dsn postgresql://dba@db.example/club --status
      slimy migrate backfill 0026 --pause 0.5 --dsn postgresql://dba@db.example/club
    """
    one_of(("--status", show), ("--again", again))
    folder = folder_of(migrations)
    if show:
        sys.exit(_show(dsn, folder, bookkeeping, as_json=as_json))
    tell = _json_line if as_json else _line if sys.stderr.isatty() else now_and_then(say)
    how: dict[str, Any] = {
        "again": again,
        "pace": Pace(**limits),
        "progress": tell,
        "bookkeeping": bookkeeping,
    }
    try:
        done = backfilling.run(dsn, folder, name, say=say, **how)
    except KeyboardInterrupt:
        say("\nstopped: what is committed stays, and running it again goes on from there")
        sys.exit(3)
    if not as_json:
        click.echo(f"applied  {done}" if done else "nothing to run")


def _show(dsn: str, folder: Path, bookkeeping: str, *, as_json: bool) -> int:
    found = backfilling.standings(dsn, folder, bookkeeping=bookkeeping)
    if as_json:
        printed([asdict(one) for one in found])
    else:
        for one in found:
            click.echo(_standing(one))
        if not found:
            click.echo("no migration here runs in batches")
    return 0 if all(one.state == "applied" for one in found) else 3


def _standing(one: backfilling.Standing) -> str:
    line = f"{one.state:<8} {one.id}"
    if one.rows is None:
        return line
    of = "" if one.state == "applied" else f" of some {one.estimated:,}"
    return f"{line}  {one.rows:,}{of} rows in {one.batches:,} batches, {one.changed:,} changed"


def _line(progress: Progress) -> None:
    """Keep one line of a terminal up to date."""
    click.echo(f"\r{str(progress)[:WIDTH]:<{WIDTH}}", nl=progress.finished, err=True)


def _json_line(progress: Progress) -> None:
    click.echo(json.dumps(progress.as_json()))
