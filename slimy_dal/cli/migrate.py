"""Shows, plans, applies and undoes migrations."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.cli.lazily import Commands
from slimy_dal.cli.migrate_options import (
    BOOKKEEPING,
    DSN,
    JSON,
    LOCK_WAIT,
    MIGRATIONS,
    TO,
    folder_of,
    printed,
    say,
    told,
)
from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import PHASES

__all__ = ["migrate"]

OTHERS = {
    "backfill": "migrate_backfill",
    "baseline": "migrate_records",
    "drift": "migrate_proof",
    "grants": "migrate_grants",
    "lint": "migrate_lint",
    "new": "migrate_records",
    "review": "migrate_review",
    "roles": "migrate_grants",
    "rollout": "migrate_rollout",
    "roundtrip": "migrate_proof",
    "rules": "migrate_lint",
    "trace": "migrate_trace",
    "verify": "migrate_records",
}
"""Where the commands are that are not here."""


@click.group(commands=Commands(OTHERS))
def migrate() -> None:
    """Show, plan, apply and undo migrations, of this project or any other."""


@migrate.command()
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@plainly
def status(dsn: str, migrations: Path | None, bookkeeping: str, *, as_json: bool) -> None:
    """Print every migration's state; it only reads, and any role may ask.

    Exit code 3 when some are pending, 1 when apply would refuse: a file that was edited or is gone, or one that sorts
    before an applied one.

    \b
    Example:
      slimy migrate status --dsn postgresql://dba@db.example/club
    """
    states = migrator.status(dsn, folder_of(migrations), bookkeeping=bookkeeping)
    if as_json:
        printed([asdict(state) for state in states])
    else:
        for state in states:
            click.echo(_line(state))
    if any(state.is_finding for state in states):
        sys.exit(1)
    if not all(state.applied for state in states):
        sys.exit(3)


def _line(state: migrator.State) -> str:
    parts = ["applied " if state.applied else "pending ", state.id]
    if state.phase:
        parts.append(f"({state.phase})")
    if state.applied_at is not None:
        parts.append(f"{state.applied_at:%Y-%m-%d %H:%M:%S %Z}")
    if state.applied_by is not None:
        parts.append(f"by {state.applied_by}")
    if state.duration_ms is not None:
        parts.append(f"in {state.duration_ms} ms")
    parts += [
        word
        for word, holds in (
            ("EDITED since", state.edited),
            ("FILE MISSING", state.missing),
            ("OUT OF ORDER", state.late),
        )
        if holds
    ]
    if state.attempt is not None:
        one = state.attempt
        where = f" at line {one.line}" if one.line is not None else ""
        why = f": {one.message} ({one.sqlstate})" if one.message else ""
        parts.append(f"[last {one.direction} {one.outcome}{where}{why}]")
    return " ".join(parts)


@migrate.command()
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@TO
@click.option("--phase", type=click.Choice(PHASES), help="Stop before the first of a later phase.")
@click.option("--rollback", type=click.IntRange(1), metavar="N", help="Plan to undo the last N.")
@plainly
def plan(
    dsn: str,
    migrations: Path | None,
    bookkeeping: str,
    *,
    as_json: bool,
    to: str | None,
    phase: str | None,
    rollback: int | None,
) -> None:
    """Print the script that psql can run instead of `apply`, bookkeeping included; it only reads.

    Above each migration stand the locks its statements take, with the size of what they lock.

    \b
    Examples:
      slimy migrate plan --dsn DSN > plan.sql
      slimy migrate plan --dsn DSN | psql -X -v ON_ERROR_STOP=1 DSN
      slimy migrate plan --dsn DSN --rollback 1
    """
    one_of(("--rollback", rollback), ("--phase", phase))
    one_of(("--rollback", rollback), ("--to", to))
    made = migrator.plan(
        dsn,
        folder_of(migrations),
        to=to,
        phase=phase,
        rollback=rollback or 0,
        bookkeeping=bookkeeping,
    )
    if as_json:
        steps = [asdict(step) for step in made.steps]
        printed({"before": made.before, "steps": steps, "behind": made.behind})
    elif made.steps:
        click.echo(made.script, nl=False)
    else:
        click.echo("-- nothing to do")


@migrate.command()
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@LOCK_WAIT
@TO
@click.option("--phase", type=click.Choice(PHASES), help="Stop before the first of a later phase.")
@click.option("--dry-run", is_flag=True, help="Print what `plan` prints, and change nothing.")
@click.pass_context
@plainly
def apply(
    context: click.Context,
    dsn: str,
    migrations: Path | None,
    bookkeeping: str,
    *,
    as_json: bool,
    lock_wait: float,
    to: str | None,
    phase: str | None,
    dry_run: bool,
) -> None:
    """Apply what is pending, in order.

    \b
    Examples:
      slimy migrate apply --dsn DSN
      slimy migrate apply --dsn DSN --phase expand
      slimy migrate apply --dsn DSN --to 0012
    """
    if dry_run:
        options = {"dsn": dsn, "migrations": migrations, "bookkeeping": bookkeeping}
        context.invoke(plan, **options, as_json=as_json, to=to, phase=phase, rollback=None)
        return
    done = migrator.apply(
        dsn,
        folder_of(migrations),
        _report("applied ", as_json=as_json),
        to=to,
        phase=phase,
        say=say,
        bookkeeping=bookkeeping,
        lock_wait=lock_wait,
    )
    _closing(done, "applied", "nothing to apply", as_json=as_json)


def _report(word: str, *, as_json: bool) -> Callable[[str], None]:
    return (lambda name: say(f"{word} {name}")) if as_json else lambda name: told(f"{word} {name}")


def _closing(done: list[str], word: str, nothing: str, *, as_json: bool) -> None:
    if as_json:
        printed({word: done})
    elif not done:
        click.echo(nothing)


@migrate.command()
@DSN
@MIGRATIONS
@BOOKKEEPING
@JSON
@LOCK_WAIT
@click.option("--count", type=click.IntRange(1), metavar="N", help="How many (1).")
@click.option("--to", metavar="ID", help="Undo all behind this one, which stays.")
@plainly
def rollback(
    dsn: str,
    migrations: Path | None,
    bookkeeping: str,
    *,
    as_json: bool,
    lock_wait: float,
    count: int | None,
    to: str | None,
) -> None:
    """Undo the last migrations, newest first.

    One whose rollback file says `-- irreversible: REASON` stops it before anything runs.

    \b
    Examples:
      slimy migrate rollback --dsn DSN --count 2
      slimy migrate rollback --dsn DSN --to 0012
    """
    one_of(("--count", count), ("--to", to))
    done = migrator.rollback(
        dsn,
        folder_of(migrations),
        count or 1,
        _report("undone  ", as_json=as_json),
        to=to,
        say=say,
        bookkeeping=bookkeeping,
        lock_wait=lock_wait,
    )
    _closing(done, "undone", "nothing to undo", as_json=as_json)
