"""The command line: it parses, makes one call, and prints; every answer it gives is decided elsewhere."""

import asyncio
import sys

import click

from slimy_dal import (
    cli_check,
    cli_http,
    cli_partitions,
    cli_plans,
    cli_queries,
    cli_routes,
    cli_scale,
    cli_seed,
    cli_traceability,
    cli_uses,
)
from slimy_dal.cli_errors import plainly
from slimy_dal.compiler import project
from slimy_dal.schema import migrator


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="slimy_dal")
def main() -> None:
    """Serve, migrate, prove and generate: a PostgreSQL data platform in hand-written SQL."""


@main.command()
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes a free one (8080).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that serve it (1).")
@plainly
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the HTTP API, on DATABASE_URL or on an embedded PostgreSQL.

    Migrations are applied first, and an empty database gets demo data.
    """
    from slimy_dal.launch import serve as launch  # noqa: PLC0415 -- no other command needs the service

    launch(host=host, port=port, workers=workers)


@main.group()
def migrations() -> None:
    """Show, apply and undo the schema's migrations."""


@migrations.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def status(dsn: str) -> None:
    """Print every migration's state; exit code 3 when some are pending."""
    states = migrator.status(dsn, project.find().migrations)
    for state in states:
        word = "applied" if state.applied else "pending"
        note = "  edited since" if state.edited else "  file missing" if state.missing else ""
        click.echo(f"{word}  {state.id}{note}")
    if not all(state.applied for state in states):
        sys.exit(3)


@migrations.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def apply(dsn: str) -> None:
    """Apply what is pending, in order."""
    done = migrator.apply(
        dsn, project.find().migrations, lambda name: click.echo(f"applied  {name}")
    )
    if not done:
        click.echo("nothing to apply")


@migrations.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1), help="How many.")
@plainly
def rollback(dsn: str, count: int) -> None:
    """Undo the last migrations, newest first."""
    folder = project.find().migrations
    if not migrator.rollback(dsn, folder, count, lambda name: click.echo(f"undone   {name}")):
        click.echo("nothing to undo")


@main.group()
def keys() -> None:
    """Make API keys for services."""


@keys.command()
@click.argument("name")
@click.argument("scopes", nargs=-1, required=True)
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@plainly
def create(name: str, scopes: tuple[str, ...], dsn: str) -> None:
    """Make a key with SCOPES (such as users:read) and print it; it is not kept and cannot be shown again."""
    click.echo(asyncio.run(_create_key(dsn, name, scopes)))


async def _create_key(dsn: str, name: str, scopes: tuple[str, ...]) -> str:
    from slimy_dal.domain.database import Database  # noqa: PLC0415 -- generated code may be stale elsewhere

    async with Database.open(dsn) as db:
        return (await db.api_keys.create(name, scopes)).key


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when the page is stale.")
@plainly
def reference(*, check: bool) -> None:
    """Write docs/http-reference.md from the routes."""
    from service.reference import page  # noqa: PLC0415 -- no other command needs the routes

    file = project.find().root / "docs" / "http-reference.md"
    text = page()
    if check and (not file.exists() or file.read_text() != text):
        raise click.ClickException(f"{file.name} is stale: run `slimy reference` and commit it")
    if not check:
        file.write_text(text)


main.add_command(cli_queries.generate)
main.add_command(cli_check.check)
main.add_command(cli_http.access)
main.add_command(cli_http.client)
main.add_command(cli_plans.plans)
main.add_command(cli_queries.why)
main.add_command(cli_queries.describe)
main.add_command(cli_routes.routes)
main.add_command(cli_scale.scale)
main.add_command(cli_uses.queries)
main.add_command(cli_seed.seed)
main.add_command(cli_partitions.partitions)
main.add_command(cli_partitions.fold)
main.add_command(cli_traceability.traceability)
