"""Proves migrations, and databases against them: `slimy migrate roundtrip` and `slimy migrate drift`."""

import sys
from dataclasses import asdict
from pathlib import Path

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
from slimy_dal.schema.drift.holding import Drift, hold
from slimy_dal.schema.drift.mending import script
from slimy_dal.schema.roundtrip.findings import Report
from slimy_dal.schema.roundtrip.servers import MAJORS, on_embedded, on_server
from slimy_dal.schema.steps import read_steps

__all__ = ["drift", "roundtrip"]


class Majors(click.ParamType[tuple[int, ...]]):
    """Versions of PostgreSQL, with commas between them."""

    name = "15,16,18"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers. Raises BadParameter."""
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of versions such as 15,18", param, ctx)


@click.command(
    epilog="""\b
Examples:
  slimy migrate roundtrip
  slimy migrate roundtrip --server 18 --json
  slimy migrate roundtrip --migrations db/migrations --dsn postgresql://ci@db/postgres
"""
)
@MIGRATIONS
@click.option("--server", type=Majors(), help="Embedded servers of these versions only.")
@click.option("--dsn", help="A server instead, on which databases may be made (no default).")
@click.option("--schema-only", is_flag=True, help="Without rows: what is lost is not looked at.")
@JSON
@plainly
def roundtrip(
    *,
    migrations: Path | None,
    server: tuple[int, ...] | None,
    dsn: str | None,
    schema_only: bool,
    as_json: bool,
) -> None:
    """Do, undo and redo every migration: each has to leave the schema, and the rows it says it keeps, as they were.

    From each version the next one is applied, rolled back and applied again; at the end all are undone and applied
    again. Made-up rows are in every table meanwhile. Runs on embedded PostgreSQL 15, 16 and 18, or on a database of
    its own that is made by --dsn and dropped. Exit code 1 when something is wrong.
    """
    one_of(("--server", server), ("--dsn", dsn))
    lacking: list[str] = []
    steps = read_steps(folder_of(migrations))
    rows = not schema_only
    found = (
        [on_server(steps, dsn, with_rows=rows)]
        if dsn is not None
        else list(on_embedded(steps, server or MAJORS, lacking.append, with_rows=rows))
    )
    for report in found if not as_json else ():
        _print(report)
    for line in lacking:
        click.echo(f"left out: {line}", err=True)
    if as_json:
        printed([asdict(report) for report in found])
    if not found or (server and lacking) or any(report.failed for report in found):
        sys.exit(1)


def _print(report: Report) -> None:
    """Print one server's findings, and a line with what was tried."""
    for finding in report.findings:
        click.echo(f"PostgreSQL {report.server}: {finding}")
    for table, reason in report.tables_without_rows.items():
        click.echo(f"PostgreSQL {report.server}: note: no made-up row fits {table}: {reason}")
    rows = "without rows"
    if report.with_rows:
        filled = report.tables - len(report.tables_without_rows)
        rows = f"with rows in {filled} of {report.tables} tables"
    click.echo(
        f"PostgreSQL {report.server}: {report.undone} of {report.migrations} migrations undone and done again,"
        f" {rows}, in {report.seconds:.1f} s"
    )


@click.command(
    epilog="""\b
Examples:
  slimy migrate drift --dsn postgresql://reader@db/club
  slimy migrate drift --dsn postgresql://reader@db/club --ignore 'reporting.*' --sql > mend.sql
  slimy migrate drift --migrations db/migrations --shadow postgresql://ci@scratch/postgres
"""
)
@DSN
@MIGRATIONS
@BOOKKEEPING
@click.option("--shadow", metavar="DSN", help="Build the migrations there, not on this machine.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="PATTERN",
    help="Names, or whole sentences, to leave out (* and ?).",
)
@click.option("--owners", is_flag=True, help="Compare who owns things, too.")
@click.option("--sql", "as_sql", is_flag=True, help="Print the script that mends it instead.")
@JSON
@plainly
def drift(
    *,
    dsn: str,
    migrations: Path | None,
    bookkeeping: str,
    shadow: str | None,
    ignore: tuple[str, ...],
    owners: bool,
    as_sql: bool,
    as_json: bool,
) -> None:
    """Say what a live database has otherwise than its applied migrations make.

    They are built on a throw-away server of the same major version. The live database is only read; no rights are
    needed but to connect. With --sql it is the script that brings the live side back, in order, with what loses data
    or stops traffic commented out. Exit code 1 when there is a difference.
    """
    one_of(("--sql", as_sql), ("--json", as_json))
    found = hold(
        dsn,
        folder_of(migrations),
        bookkeeping=bookkeeping,
        shadow=shadow,
        ignored=ignore,
        owners=owners,
    )
    if not found.is_recorded:
        say(f"nothing is recorded as applied: held against all {found.migrations} migrations")
    if as_json:
        printed(_plain(found))
    elif as_sql:
        click.echo(script(found.statements), nl=False)
    else:
        click.echo("".join(f"{words}\n" for words in found.words), nl=False)
        click.echo(
            f"PostgreSQL {found.server}: {len(found.differences)} differences from"
            f" {found.migrations} migrations"
        )
    if found.differences:
        sys.exit(1)


def _plain(found: Drift) -> dict[str, object]:
    """Return a drift as JSON has it."""
    return {
        "server": found.server,
        "migrations": found.migrations,
        "is_recorded": found.is_recorded,
        "differences": [
            {
                "what": one.what,
                "kind": one.thing.kind,
                "name": one.thing.name,
                "fact": one.fact or None,
                "should": one.should,
                "found": one.found,
                "words": words,
            }
            for one, words in zip(found.differences, found.words, strict=True)
        ],
        "sql": script(found.statements) if found.differences else "",
    }
