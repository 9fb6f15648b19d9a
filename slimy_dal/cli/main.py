"""The command line: it parses, makes one call, and prints; every answer it gives is decided elsewhere."""

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.lazily import Commands

COMMANDS = {
    "access": "http",
    "check": "check",
    "client": "http",
    "describe": "queries",
    "fold": "partitions",
    "generate": "queries",
    "health": "health",
    "keys": "keys",
    "migrate": "migrate",
    "partitions": "partitions",
    "plans": "plans",
    "queries": "uses",
    "reference": "http",
    "routes": "routes",
    "scale": "scale",
    "seed": "seed",
    "traceability": "traceability",
    "why": "queries",
}
"""Where each command is."""


@click.group(commands=Commands(COMMANDS), context_settings={"help_option_names": ["-h", "--help"]})
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
