"""Proves migrations, and databases against them: `slimy migrate roundtrip` and `slimy migrate drift`."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.cli.migrate import JSON, MIGRATIONS, folder_of, printed
from slimy_dal.schema.roundtrip.findings import Report
from slimy_dal.schema.roundtrip.servers import MAJORS, on_embedded, on_server
from slimy_dal.schema.steps import read_steps

__all__ = ["roundtrip"]


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
