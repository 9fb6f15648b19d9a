"""Starts everything a newcomer needs for `serve`: a server, the schema, something to see, and a key to see it with."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from service.settings import Settings
from service.supervisor import run
from slimy_dal import Database, Keyring, demo
from slimy_dal.compiler import project
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.engine import embedded
from slimy_dal.engine.errors import PermissionDenied
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.schema import migrator

DATABASE = "slimy"


def _tell(what: str, value: str) -> None:
    click.echo(f"{what:<12} {value}")


def _kept(place: Path, make: str) -> str:
    """Return a secret that is kept in a private file beside the embedded server's data, made at first."""
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(make)
    return place.read_text().strip()


@contextmanager
def _database(environment: dict[str, str]) -> Iterator[Path | None]:
    """Put the database's address into the environment; give the embedded server's folder where there is one."""
    if environment.get("SLIMY_DATABASE_URL") or environment.get("DATABASE_URL"):
        yield None
        return
    home = embedded.home(project.find().root)
    with embedded.held(home) as server:
        embedded.create_database(server, DATABASE)
        environment["DATABASE_URL"] = server.dsn(DATABASE)
        environment.setdefault(
            "SLIMY_ENCRYPTION_KEYS", _kept(home / "encryption-keys", Keyring.generate("local"))
        )
        environment.setdefault(
            "SLIMY_CURSOR_SECRET", _kept(home / "cursor-secret", secrets.token_urlsafe(32))
        )
        _tell("PostgreSQL", f"{server.major}, embedded: {server.dsn(DATABASE)}")
        yield home


async def _furnish(settings: Settings, home: Path | None) -> str | None:
    """Load demo data into an empty database, and return an API key to try where one may be shown.

    On somebody's own database a key is made together with the demo data and never again; a role that serves and
    nothing else loads none.
    """
    async with Database.open(settings.database_url, settings=PoolSettings.from_environment()) as db:
        empty = await demo.is_empty(db)
        if empty:
            try:
                await demo.load(db)
                _tell("demo data", f"{demo.PLAN.users} users, {demo.PLAN.guilds} guilds")
            except PermissionDenied:
                empty = False
        place = home / "api-key" if home is not None else None
        if place is not None and place.exists():
            kept = place.read_text().strip()
            if await db.api_keys.verify(kept) is not None:
                return kept
            place.unlink()
        if place is None and not empty:
            return None
        made = await db.api_keys.create("demo", SCOPES)
        return made.key if place is None else _kept(place, made.key)


def migrated(dsn: str, folder: Path, *, alone: bool) -> str:
    """Apply what a start may apply, and return what to say of it; idempotent, and safe to race with others.

    On a database of somebody's that has migrations already, another release may be serving: what that one cannot live
    with, from the first contract on, is left to `slimy migrate apply`. Raises MigrationError.
    """
    states = migrator.status(dsn, folder)
    if all(state.applied and not state.is_finding for state in states):
        # The role that serves need not be one that may migrate.
        return "up to date"
    shared = not alone and any(state.applied for state in states)
    done = migrator.apply(dsn, folder, phase="backfill" if shared else None)
    waiting = [state.id for state in migrator.status(dsn, folder) if not state.applied]
    said = f"{len(done)} applied" if done else "up to date"
    if waiting:
        said += (
            f"; {waiting[0]} is of the contract phase: `slimy migrate apply` once no other release"
            " serves from here"
        )
    return said


def serve(*, host: str | None, port: int | None, workers: int | None) -> None:
    """Start, serve until asked to end, and stop what was started.

    Raises MigrationError, EmbeddedServerError, SettingsError, SlimyError: each says what to do.
    """
    environment = dict(os.environ)
    if host is not None:
        environment["SLIMY_HOST"] = host
    if port is not None:
        environment["SLIMY_PORT"] = str(port)
    if workers is not None:
        environment["SLIMY_WORKERS"] = str(workers)
    with _database(environment) as home:
        settings = Settings.from_environment(environment)
        folder = project.find().migrations
        _tell("migrations", migrated(settings.database_url, folder, alone=home is not None))
        key = asyncio.run(_furnish(settings, home))

        def started(address: str) -> None:
            _tell("API", address)
            _tell("docs", f"{address}/docs")
            if key is None:
                _tell("API key", "make one with `slimy keys create NAME SCOPE...`")
            else:
                _tell("API key", key)
                _tell("try", f"curl -H 'Authorization: Bearer {key}' {address}/v1/guilds")
            _tell("stop", "Ctrl-C")

        try:
            code = run(settings, PoolSettings.from_environment(environment), started)
        except OSError as error:
            raise click.ClickException(f"{error.strerror}; choose another with --port") from error
    if code:
        raise SystemExit(code)
