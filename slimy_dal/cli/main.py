"""The command line: it parses, makes one call, and prints; every answer it gives is decided elsewhere."""

import click

from slimy_dal.cli import (
    check,
    http,
    keys,
    migrate,
    migrate_backfill,
    migrate_grants,
    migrate_lint,
    migrate_proof,
    migrate_records,
    migrate_review,
    migrate_rollout,
    migrate_trace,
    partitions,
    plans,
    queries,
    routes,
    scale,
    seed,
    traceability,
    uses,
)
from slimy_dal.cli.errors import plainly


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


main.add_command(queries.generate)
main.add_command(check.check)
main.add_command(http.access)
main.add_command(http.client)
main.add_command(http.reference)
main.add_command(keys.keys)
main.add_command(migrate.migrate)
main.add_command(plans.plans)
main.add_command(queries.why)
main.add_command(queries.describe)
main.add_command(routes.routes)
main.add_command(scale.scale)
main.add_command(uses.queries)
main.add_command(seed.seed)
main.add_command(partitions.partitions)
main.add_command(partitions.fold)
main.add_command(traceability.traceability)
migrate.migrate.add_command(migrate_lint.lint)
migrate.migrate.add_command(migrate_lint.rules)
migrate.migrate.add_command(migrate_review.review)
migrate.migrate.add_command(migrate_proof.roundtrip)
migrate.migrate.add_command(migrate_proof.drift)
migrate.migrate.add_command(migrate_trace.trace)
migrate.migrate.add_command(migrate_backfill.backfill)
migrate.migrate.add_command(migrate_rollout.rollout)
migrate.migrate.add_command(migrate_records.new)
migrate.migrate.add_command(migrate_records.verify)
migrate.migrate.add_command(migrate_records.baseline)
migrate.migrate.add_command(migrate_grants.grants)
migrate.migrate.add_command(migrate_grants.roles)
