"""The command line: it parses, makes one call, and prints; every answer it gives is decided elsewhere."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from slimy_dal.compiler import project
from slimy_dal.engine import embedded
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.secrets import KeyringError
from slimy_dal.schema import migrator

Command = TypeVar("Command", bound=Callable[..., Any])

DATABASE_URL = click.option(
    "--dsn", envvar="DATABASE_URL", help="The database; DATABASE_URL where it is not given."
)

EXPECTED_ERRORS = (
    SlimyError,
    KeyringError,
    migrator.MigrationError,
    embedded.EmbeddedServerError,
    project.ProjectError,
)


def _plainly(command: Command) -> Command:
    """Turn the errors a user can do something about into one line and exit code 1."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except EXPECTED_ERRORS as error:
            raise click.ClickException(str(error)) from error

    return run  # type: ignore[return-value] -- wraps() keeps the signature


@contextmanager
def _proving_ground(dsn: str | None) -> Iterator[str]:
    """Give a migrated database to prove things on: the one named, or an empty one that is gone afterwards."""
    if dsn is not None:
        yield dsn
        return
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), project.migrations())
        yield server.dsn()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="slimy_dal")
def main() -> None:
    """Serve, migrate, prove and generate: a PostgreSQL data platform in hand-written SQL."""


@main.command()
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes a free one (8080).")
@_plainly
def serve(host: str | None, port: int | None) -> None:
    """Serve the HTTP API, on DATABASE_URL or on an embedded PostgreSQL.

    Migrations are applied first, and an empty database gets demo data.
    """
    from slimy_dal.launch import serve as launch  # noqa: PLC0415 -- no other command needs the service

    launch(host=host, port=port)


@main.group()
def migrations() -> None:
    """Show, apply and undo the schema's migrations."""


@migrations.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@_plainly
def status(dsn: str) -> None:
    """Print every migration's state; exit code 3 when some are pending."""
    states = migrator.status(dsn, project.migrations())
    for state in states:
        word = "applied" if state.applied else "pending"
        note = "  edited since" if state.edited else "  file missing" if state.missing else ""
        click.echo(f"{word}  {state.id}{note}")
    if not all(state.applied for state in states):
        sys.exit(3)


@migrations.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@_plainly
def apply(dsn: str) -> None:
    """Apply what is pending, in order."""
    done = migrator.apply(dsn, project.migrations(), lambda name: click.echo(f"applied  {name}"))
    if not done:
        click.echo("nothing to apply")


@migrations.command()
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1), help="How many.")
@_plainly
def rollback(dsn: str, count: int) -> None:
    """Undo the last migrations, newest first."""
    folder = project.migrations()
    if not migrator.rollback(dsn, folder, count, lambda name: click.echo(f"undone   {name}")):
        click.echo("nothing to undo")


@main.group()
def keys() -> None:
    """Make API keys for services."""


@keys.command()
@click.argument("name")
@click.argument("scopes", nargs=-1, required=True)
@click.option("--dsn", envvar="DATABASE_URL", required=True, help="The database (DATABASE_URL).")
@_plainly
def create(name: str, scopes: tuple[str, ...], dsn: str) -> None:
    """Make a key with SCOPES (such as users:read) and print it; it is not kept and cannot be shown again."""
    click.echo(asyncio.run(_create_key(dsn, name, scopes)))


async def _create_key(dsn: str, name: str, scopes: tuple[str, ...]) -> str:
    from slimy_dal.domain.database import Database  # noqa: PLC0415 -- generated code may be stale elsewhere

    async with Database.open(dsn) as db:
        return (await db.api_keys.create(name, scopes)).key


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where files differ.")
@DATABASE_URL
@_plainly
def generate(*, check: bool, dsn: str | None) -> None:
    """Write the typed Python of the query files, or check that it is up to date."""
    from slimy_dal.compiler import generate as generator  # noqa: PLC0415 -- slow to load

    folder = Path(__file__).parent / "queries"
    with _proving_ground(dsn) as address:
        work = generator.check if check else generator.write
        changes = asyncio.run(work(address, project.queries(), folder))
    for change in changes:
        click.echo(change)
    if check and changes:
        sys.exit(1)
