"""The commands that judge migrations before anybody runs them: `slimy migrate lint` and `slimy migrate rules`."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.migrate_options import BOOKKEEPING, JSON, MIGRATIONS
from slimy_dal.cli.uses import every_query
from slimy_dal.compiler import project, queryfile
from slimy_dal.schema.lint import asking, page, settings, show, sizes
from slimy_dal.schema.lint.applied import applied
from slimy_dal.schema.lint.files import find, id_of
from slimy_dal.schema.lint.judging import Request, judge
from slimy_dal.schema.lint.mentions import mentions
from slimy_dal.schema.lint.rule import UsedBy

__all__ = ["DSN", "FILES", "asked", "lint", "rules"]

FILES = click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
DSN = click.option(
    "--dsn",
    envvar="DATABASE_URL",
    metavar="DSN",
    help="A database (DATABASE_URL): what is pending there is judged, by the sizes of its tables.",
)

QUERIES = click.option(
    "--queries",
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="Query files, so that what they use is not dropped (the project's own).",
)


@click.command()
@FILES
@MIGRATIONS
@DSN
@BOOKKEEPING
@QUERIES
@click.option("--small", type=click.IntRange(0), help="Rows up to which a table is small (10000).")
@click.option("--rollbacks", is_flag=True, help="Judge what the rollback files lock, too.")
@click.option("--format", "form", type=click.Choice(list(show.FORMATS)), default="human")
@JSON
@plainly
def lint(  # noqa: PLR0917 -- click passes by name
    files: tuple[Path, ...],
    migrations: Path | None,
    dsn: str | None,
    bookkeeping: str,
    queries: Path | None,
    small: int | None,
    form: str,
    *,
    rollbacks: bool,
    as_json: bool,
) -> None:
    """Judge migrations by squawk's rules and ours; exit code 1 when there is an error or a warning.

    Without FILES all of the folder are judged; with --dsn, those that are pending there. Rules about
    locks weigh nothing on tables that the same run makes, and little on small ones: sizes are the
    database's, else those of scale.toml beside the migrations.

    \b
    Examples:
      slimy migrate lint
      slimy migrate lint sql/migrations/0026_add_theme.sql
      slimy migrate lint --migrations db/migrate --dsn postgresql://db.example.com/club
      slimy migrate lint --format github
    """
    what = asked(files, migrations, dsn, bookkeeping, small=small, queries=queries)
    report = judge(replace(what, rollbacks=rollbacks))
    click.echo(show.FORMATS["json" if as_json else form](report))
    if report.failed:
        sys.exit(1)


def asked(
    files: tuple[Path, ...],
    folder: Path | None,
    dsn: str | None,
    bookkeeping: str,
    *,
    small: int | None = None,
    queries: Path | None = None,
) -> Request:
    """Return what is asked about, with all that is known of it."""
    where = folder or asking.folder_of(files, own_folder())
    said = settings.read(where)
    if small is not None:
        said = settings.with_small(said, small)
    known = asyncio.run(sizes.measured(dsn)) if dsn else sizes.declared(where.parent / "scale.toml")
    ids = [id_of(path) for path in find(where)]
    done = applied(dsn, where, ids, bookkeeping) if dsn else None
    return asking.request(asking.Asked(where, files, done), said, known, used_by(where, queries))


def own_folder() -> Path:
    """Return the project's own migrations; the folder here where there is no project."""
    try:
        return project.find().migrations
    except project.ProjectNotFound:
        return Path()


def used_by(folder: Path, queries: Path | None) -> UsedBy:
    """Return who says which queries use a name: those of a folder by their words, the project's own by their proof."""
    is_own = folder.resolve() == own_folder().resolve()
    place = queries or (project.find().queries if is_own else None)
    by_words = mentions(queryfile.load(place).queries) if place else lambda _name: ()
    if not is_own or queries:
        return by_words
    proven = every_query()

    def used(name: str) -> Sequence[str]:
        # Of types only the words are known.
        found = [one.name for one in proven if one.is_by("uses", name)]
        return found or ([] if name.count(".") > 1 else by_words(name))

    return used


@click.command()
@click.option("--write", is_flag=True, help="Write docs/lint-rules.md instead of printing it.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when the page is stale.")
@plainly
def rules(*, write: bool, check: bool) -> None:
    """Print all rules of `slimy migrate lint` as a page."""
    if write and check:
        raise click.UsageError("--write and --check do not go together")
    file, text = project.find().root / "docs" / "lint-rules.md", page.page()
    if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
        raise click.ClickException(f"{file.name} is stale: run `slimy migrate rules --write`")
    if write:
        file.write_text(text, encoding="utf-8")
    elif not check:
        click.echo(text)
