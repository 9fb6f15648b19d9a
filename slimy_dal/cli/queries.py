"""The commands about query files: generate, why and describe."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.compiler import foreign, project, queryfile
from slimy_dal.compiler import generate as generator
from slimy_dal.compiler.describe import describe as describe_queries
from slimy_dal.compiler.description import DescribeError, Description
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.why import why as explain
from slimy_dal.engine import driver, embedded
from slimy_dal.schema import migrator

GENERATED = Path(__file__).parent.parent / "queries"

DSN = click.option(
    "--dsn",
    help="A migrated database to prove on; an embedded one, empty and gone afterwards, without.",
)


@contextmanager
def proving_ground(dsn: str | None) -> Iterator[str]:
    """Give a migrated database to prove things on."""
    if dsn is not None:
        yield dsn
        return
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), project.find().migrations)
        yield server.dsn()


def load_queries() -> Sequence[Query]:
    """Return the project's queries. Raises GenerationFailed with everything wrong in the files."""
    folder = project.find().queries
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    loaded = queryfile.load(folder)
    if loaded.errors:
        raise generator.GenerationFailed(loaded.errors)
    return loaded.queries


async def _describe(
    dsn: str, queries: Sequence[Query], method: foreign.Method = "function"
) -> list[Description]:
    """Return the descriptions. Raises GenerationFailed with every query that has none."""
    connection = await driver.connect(dsn)
    try:
        described = await describe_queries(connection, queries, method=method)
    finally:
        await connection.close()
    if errors := [one for one in described if isinstance(one, DescribeError)]:
        raise generator.GenerationFailed(errors)
    return [one for one in described if isinstance(one, Description)]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; print what differs, exit code 1.")
@DSN
@plainly
def generate(*, check: bool, dsn: str | None) -> None:
    """Write the typed Python of the query files."""
    queries = load_queries()
    with proving_ground(dsn) as address:
        modules = asyncio.run(generator.modules(address, queries))
    if check:
        differences = generator.check(GENERATED, modules)
        for difference in differences:
            click.echo(difference)
        if differences:
            click.echo("run `slimy generate` and commit what it writes", err=True)
            sys.exit(1)
        return
    for name in generator.write(GENERATED, modules):
        click.echo(f"wrote  {name}")


@click.command()
@click.argument("column", metavar="QUERY.COLUMN")
@DSN
@plainly
def why(column: str, dsn: str | None) -> None:
    """Say why a column of a query, such as users.get.email, can or cannot be null."""
    noun, _, rest = column.partition(".")
    name, _, wanted = rest.partition(".")
    chosen = [query for query in load_queries() if (query.noun, query.name) == (noun, name)]
    if not chosen:
        raise click.ClickException(f"there is no query {noun}.{name}")
    with proving_ground(dsn) as address:
        (description,) = asyncio.run(_describe(address, chosen))
    try:
        click.echo(explain(description, wanted))
    except KeyError as error:
        names = ", ".join(found.name for found in description.columns) or "none"
        raise click.ClickException(f"{noun}.{name} has the columns: {names}") from error


@click.command()
@click.option("--queries", required=True, type=click.Path(path_type=Path), help="Folder or file.")
@click.option(
    "--schema", multiple=True, type=click.Path(path_type=Path), help="Schema files or folders."
)
@click.option("--dsn", help="Use this database; nothing stays in it.")
@click.option("--dialect", type=click.Choice(["slimy", "aiosql", "sqlc"]), default="slimy")
@click.option("--format", "form", type=click.Choice(["json", "table"]), default="table")
@plainly
def describe(
    queries: Path,
    schema: tuple[Path, ...],
    dsn: str | None,
    dialect: queryfile.Dialect,
    form: str,
) -> None:
    """Describe the query files of any project: parameters, columns and what can be null.

    Needs no server: without --dsn the schema is loaded into an embedded one. Exit code 1 when a query failed.
    """
    report = asyncio.run(foreign.describe_project(queries, schema, dsn, dialect))
    for note in report.notes:
        click.echo(f"schema: {note}", err=True)
    click.echo(report.to_json() if form == "json" else report.to_table())
    if report.failed:
        sys.exit(1)
