"""The command `slimy check`: proves the project's queries, or those of any other project."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.cli.plans import foreign_scale, own_ground, own_scale, printed, stale
from slimy_dal.cli.queries import DSN, load_queries
from slimy_dal.cli.releases import OLD_QUERIES, UPTO, print_release
from slimy_dal.compiler import foreign, queryfile
from slimy_dal.compiler.check import Report, check_types
from slimy_dal.compiler.check import check as prove
from slimy_dal.compiler.plans.ground import Ground, ground
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.engine import driver

__all__ = ["check"]


@click.command()
@DSN
@OLD_QUERIES
@UPTO
@click.option("--queries", type=click.Path(path_type=Path, exists=True), help="Another project's.")
@click.option("--schema", multiple=True, type=click.Path(path_type=Path), help="Its schema files.")
@click.option("--scale", help="Its scale: a model (TOML), a statistics dump (.sql), or rows.")
@click.option("--dialect", type=click.Choice(["slimy", "aiosql", "sqlc"]), default="slimy")
@plainly
def check(
    *,
    dsn: str | None,
    old_queries: Path | None,
    upto: str | None,
    queries: Path | None,
    schema: tuple[Path, ...],
    scale: str | None,
    dialect: queryfile.Dialect,
) -> None:
    """Prove every query: it parses, the server accepts it, its types, its number of rows, and its plans at scale.

    Every shape that filters, orders and patches can give is proven too. With --dsn types are proven on
    that database; plans always on an embedded one, empty and made to look like production.
    With --queries it is another project's that are proven. Exit code 1 when something is wrong.
    """
    for ours in (("--dsn", dsn), ("--old-queries", old_queries), ("--upto", upto)):
        one_of(ours, ("--queries", queries))
    for types_alone in (("--old-queries", old_queries), ("--upto", upto)):
        one_of(types_alone, ("--scale", scale))
    one_of(("--dsn", dsn), ("--upto", upto))
    if queries is None and (schema or dialect != "slimy"):
        raise click.UsageError("--schema and --dialect are for another project: say its --queries")
    if queries is not None:
        failed = asyncio.run(_foreign(queries, schema, foreign_scale(scale), dialect))
        sys.exit(1 if failed else 0)
    own = load_queries()
    with own_ground(upto) as place:
        if old_queries is not None:
            address = dsn or place.dsn
            sys.exit(0 if asyncio.run(print_release(address, old_queries, list(own))) else 1)
        if upto is not None:
            if asyncio.run(_live(place.dsn, own, f"behind {upto}")):
                sys.exit(1)
            click.echo(f"{len(own)} queries hold on the schema behind {upto}")
            return
        sys.exit(1 if asyncio.run(_own(place, own, own_scale(scale), dsn)) else 0)


async def _own(place: Ground, queries: Sequence[Query], scale: Scale, dsn: str | None) -> bool:
    """Print what is wrong with the project; return whether something is."""
    report = await prove(place, queries, scale, strict=True)
    await printed(place, report, scale)
    failed = report.failed
    if report.planned is not None:
        for difference in stale(report.planned, queries):
            click.echo(difference)
            failed = True
    if dsn is not None:
        failed = await _live(dsn, queries, "on the given database") or failed
    if not failed:
        click.echo(_summary(report))
    return failed


async def _live(dsn: str, queries: Sequence[Query], where: str) -> bool:
    """Print whose types do not hold on a database; return whether some do not."""
    async with await driver.connect(dsn) as connection:
        report = await check_types(connection, queries)
    for problem in report.problems:
        click.echo(f"{problem} ({where})")
    return report.failed


def _summary(report: Report) -> str:
    plans = sum(len(one.possible) for one in report.planned.plans) if report.planned else 0
    return (
        f"{report.queries} queries, {report.columns} columns proven;"
        f" {report.shapes} shapes of queries with variants; {plans} plans at scale"
    )


async def _foreign(
    folder: Path, schema: tuple[Path, ...], scale: Scale, dialect: queryfile.Dialect
) -> bool:
    """Print what is wrong with another project; return whether something is."""
    loaded = queryfile.load(folder, dialect=dialect)
    for error in loaded.errors:
        click.echo(str(error))
    with ground() as place:
        async with await driver.connect(place.dsn) as connection:
            for note in await foreign.load_schema(connection, schema):
                click.echo(f"schema: {note}", err=True)
        report = await prove(place, loaded.queries, scale, strict=False)
        await printed(place, report, scale, strict=False)
    click.echo(f"{_summary(report)}, {len(report.problems) + len(report.findings)} findings")
    return report.failed or bool(loaded.errors)
