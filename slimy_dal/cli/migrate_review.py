"""The command `slimy migrate review`: one page about migrations for the person who is to say yes."""

import sys
from pathlib import Path

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.migrate_lint import DSN, FILES, asked
from slimy_dal.cli.migrate_options import BOOKKEEPING, JSON, MIGRATIONS, printed
from slimy_dal.schema.review import measured
from slimy_dal.schema.review.facts import gather
from slimy_dal.schema.review.page import page

__all__ = ["review"]


@click.command()
@FILES
@MIGRATIONS
@DSN
@BOOKKEEPING
@click.option(
    "--trace",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `slimy migrate trace --json` measured.",
)
@JSON
@plainly
def review(
    files: tuple[Path, ...],
    migrations: Path | None,
    dsn: str | None,
    bookkeeping: str,
    trace: Path | None,
    *,
    as_json: bool,
) -> None:
    """Print a report about migrations in Markdown, for a pull request; exit code 1 when something stands against it.

    Per migration: purpose, phase, what each statement locks and who waits, findings and waivers, what was measured,
    the way back, what is lost, what to watch, and the commands that apply and undo. FILES and --dsn choose as in lint.

    \b
    Examples:
      slimy migrate review sql/migrations/0026_add_motto.sql > report.md
      slimy migrate trace 0026_add_motto --json > trace.json
      slimy migrate review sql/migrations/0026_add_motto.sql --trace trace.json
      slimy migrate review --dsn postgresql://dba@db.example/club
    """
    figures = measured.read(trace) if trace else measured.Trace()
    found = gather(asked(files, migrations, dsn, bookkeeping), figures)
    if as_json:
        printed(
            {"server": figures.server, "migrations": [one.to_dict() for one in found.migrations]}
        )
    else:
        click.echo(page(found), nl=False)
    if found.failed:
        sys.exit(1)
