"""Holds what roles may do against what the queries need, and tries it out: `slimy migrate grants` and `roles`."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.cli.migrate_options import JSON, MIGRATIONS, folder_of, printed
from slimy_dal.cli.queries import load_queries
from slimy_dal.compiler import project, queryfile
from slimy_dal.compiler.generate import GenerationFailed
from slimy_dal.compiler.query import Query
from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.grants.check import examine, required
from slimy_dal.schema.roles.grid import try_all
from slimy_dal.schema.roles.page import filled, table

__all__ = ["grants", "roles"]


@click.command(
    epilog="""\b
Examples:
  slimy migrate grants                      # the GRANTs that the queries need
  slimy migrate grants --check              # against those of the migrations
  slimy migrate grants --check --dsn postgresql://club_deploy@db/club
  slimy migrate grants --migrations db/migrations --queries db/queries --role web
"""
)
@click.option("--check", is_flag=True, help="Print only what is missing, or granted without need.")
@click.option("--dsn", metavar="DSN", help="A migrated database; an embedded one without.")
@MIGRATIONS
@click.option(
    "--queries",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR",
    help="The query files (the project's own).",
)
@click.option(
    "--role",
    default="slimy_app",
    show_default=True,
    help="Who runs the queries that name nobody else by `-- role: NAME`.",
)
@JSON
@plainly
def grants(
    *,
    check: bool,
    dsn: str | None,
    migrations: Path | None,
    queries: Path | None,
    role: str,
    as_json: bool,
) -> None:
    """Print the GRANTs that the named queries need: columns, functions and schemas, each with who needs it.

    They are read off the server's own analysis of every query, in every shape it has, and of the functions it calls.
    Nothing is changed. With --check, exit code 1 when something is missing, or granted to --role without need.
    """
    loaded = load_queries() if queries is None else _others(queries)
    with _migrated(dsn, migrations) as address:
        work = examine if check else required
        found = asyncio.run(work(address, loaded, role))
    if as_json:
        printed([one.to_dict() for one in found])
    else:
        for one in found:
            click.echo(one)
        if check and not found:
            click.echo(f"{role} may do what its queries need, and nothing else")
        elif check:
            click.echo("write a migration with these lines: slimy migrate new NAME", err=True)
    if check and found:
        sys.exit(1)


def _others(folder: Path) -> Sequence[Query]:
    loaded = queryfile.load(folder)
    if loaded.errors:
        raise GenerationFailed(loaded.errors)
    return loaded.queries


@contextmanager
def _migrated(dsn: str | None, migrations: Path | None) -> Iterator[str]:
    """Give a database that has the migrations: the one named, or one made for this."""
    if dsn is not None:
        yield dsn
        return
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), folder_of(migrations))
        yield server.dsn()


@click.command()
@click.option("--write", is_flag=True, help="Write the table into docs/roles.md.")
@click.option("--check", is_flag=True, help="Exit code 1 when docs/roles.md says otherwise.")
@plainly
def roles(*, write: bool, check: bool) -> None:
    """Try out, as each of this project's roles, what it may do, on an embedded server; print the table."""
    one_of(("--write", write), ("--check", check))
    with _migrated(None, None) as address:
        grid = try_all(address)
    if not write and not check:
        click.echo(table(grid))
        return
    page = project.find().root / "docs" / "roles.md"
    there = page.read_text(encoding="utf-8")
    text = filled(there, grid)
    if write:
        page.write_text(text, encoding="utf-8")
    elif text != there:
        raise click.ClickException("roles.md is stale: run `slimy migrate roles --write`")
