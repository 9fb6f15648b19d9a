"""The command `slimy migrate trace`: parses, has migrations traced, and prints what was found."""

import json
import sys
from pathlib import Path

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.compiler import project
from slimy_dal.schema.trace import pages
from slimy_dal.schema.trace.run import Wishes
from slimy_dal.schema.trace.run import trace as run

__all__ = ["trace"]

EXAMPLES = """\b
Examples:
  slimy migrate trace sql/migrations/0025_add_locale.sql
  slimy migrate trace 0025_add_locale --rows 1000000 --json > trace.json
  slimy migrate trace --migrations db/migrations --server 16
  slimy migrate trace --locks-only --check

\b
Exit codes: 0 nothing found, 1 findings, an error, or a stale page.
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1)
@click.option(
    "--migrations",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder with all migrations (the project's own).",
)
@click.option("--dsn", help="A server where databases may be made, instead of an embedded one.")
@click.option(
    "--server",
    "major",
    type=click.Choice(["15", "16", "18"]),
    default="18",
    show_default=True,
    help="Version of the embedded server.",
)
@click.option(
    "--rows",
    default=100_000,
    show_default=True,
    type=click.IntRange(1, 50_000_000),
    help="Rows made up for each table that a migration touches.",
)
@click.option(
    "--max-stall",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="Milliseconds that a reader or a writer may wait before it is a finding.",
)
@click.option("--locks-only", is_flag=True, help="Few rows, no traffic: locks and rewrites alone.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--write", is_flag=True, help="With --locks-only: write the page of locks.")
@click.option(
    "--check", is_flag=True, help="With --locks-only: exit code 1 when that page is stale."
)
@click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page of locks (docs/migration-traces.md).",
)
@plainly
def trace(
    *,
    files: tuple[str, ...],
    migrations: Path | None,
    dsn: str | None,
    major: str,
    rows: int,
    max_stall: int,
    page: Path | None,
    locks_only: bool,
    as_json: bool,
    write: bool,
    check: bool,
) -> None:
    """Run migrations on a copy with made-up rows, readers and writers, and print what they lock and who waits.

    FILES are migrations by file or id; without any, all are traced. Those before them are applied first. Of each
    statement: locks, rewritten tables, time, the longest wait of a reader and a writer, WAL, dead rows. The databases
    it needs are made and dropped; never name a server that serves people.
    """
    one_of(("--json", as_json), ("--write", write), ("--check", check))
    if (write or check) and not locks_only:
        raise click.UsageError("--write and --check go with --locks-only: other figures vary")
    wishes = Wishes(dsn, int(major), rows, locks_only=locks_only, max_stall=max_stall)
    folder = migrations or _folder(files)
    shown = sys.stderr.isatty()
    found = run(folder, files, wishes, lambda name: click.echo(name, err=True) if shown else None)
    if write or check:
        place = page or project.find().root / "docs" / "migration-traces.md"
        _keep(place, pages.page(found), write=write)
        return
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else pages.text(found))
    if found.findings:
        sys.exit(1)


def _folder(files: tuple[str, ...]) -> Path:
    """Return the folder of the first file that is there, else the project's own."""
    paths = [Path(name) for name in files]
    return next((path.parent for path in paths if path.is_file()), project.find().migrations)


def _keep(place: Path, text: str, *, write: bool) -> None:
    if write:
        place.write_text(text, encoding="utf-8")
    elif not place.exists() or place.read_text(encoding="utf-8") != text:
        raise click.ClickException(
            f"{place.name} is stale: run `slimy migrate trace --locks-only --write`"
        )
