"""The command `slimy plans`, and how a check prints what it found about plans."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from slimy_dal.cli.errors import one_of, plainly
from slimy_dal.cli.queries import load_queries
from slimy_dal.compiler import generate, project
from slimy_dal.compiler.catalog import rules
from slimy_dal.compiler.check import Report
from slimy_dal.compiler.check import check as prove
from slimy_dal.compiler.plans import indexmap, kept, live, suggest
from slimy_dal.compiler.plans.ground import Ground, ground
from slimy_dal.compiler.plans.prove import Planned
from slimy_dal.compiler.plans.rules import Finding
from slimy_dal.compiler.plans.show import as_json, shown
from slimy_dal.compiler.plans.text import lines
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.scale.declared import Scale, ScaleError
from slimy_dal.compiler.scale.model import read, uniform
from slimy_dal.schema import migrator

MOST_TRIALS = 5
"""Findings for which an index is looked for: each takes a second."""


@contextmanager
def own_ground(upto: str | None = None) -> Iterator[Ground]:
    """Give an embedded server with the project's migrations, all or up to an id, to prove plans on."""
    with ground() as place:
        migrator.apply(place.dsn, project.find().migrations, to=upto)
        yield place


def own_scale(told: str | None) -> Scale:
    """Return the project's model, another file's, or the project's with so many rows in its largest table.

    Raises ScaleError.
    """
    if told is None:
        return read(project.find().scale)
    rows = _rows(told)
    return read(Path(told)) if rows is None else read(project.find().scale).scaled_to(rows)


def foreign_scale(told: str | None) -> Scale:
    """Return the model of a file, or one in which every table has so many rows: a million, where nothing is told.

    Raises ScaleError.
    """
    rows = _rows(told or "1e6")
    return read(Path(told or "")) if rows is None else uniform(rows)


def _rows(told: str) -> int | None:
    try:
        rows = int(float(told))
    except ValueError:
        return None
    except OverflowError:
        rows = 0
    if rows < 1:
        raise ScaleError(f"{told} is no number of rows", "give a file, or rows as in 1e9")
    return rows


async def printed(place: Ground, report: Report, scale: Scale, *, strict: bool = True) -> None:
    """Print what a check found, each finding with its plan and an index that helps."""
    for problem in report.problems:
        click.echo(problem)
    for number, finding in enumerate(report.findings):
        click.echo(str(finding))
        if finding.plans is not None and finding.plan is not None:
            say = kept.say(finding.plans, finding.plan)
            click.echo("\n".join(f"    {line}" for line in lines(finding.plan.root, say)))
        if report.planned is not None and number < MOST_TRIALS:
            await _advise(place, report.planned, finding, scale, strict=strict)
    if len(report.findings) > MOST_TRIALS:
        click.echo(f"an index was looked for to end the first {MOST_TRIALS} findings only")
    for hint in report.hints:
        click.echo(f"hint: {hint}")
    for note in report.notes:
        click.echo(f"note: {note}", err=True)


async def _advise(
    place: Ground, planned: Planned, finding: Finding, scale: Scale, *, strict: bool
) -> None:
    if finding.plans is None:
        return
    index = await suggest.helpful(place, scale, finding, planned.relations, seeds=not strict)
    if index is not None:
        click.echo(f"    with this index the finding is gone: {index}")


def stale(planned: Planned, queries: Sequence[Query]) -> list[str]:
    """Return what differs between the kept plans and today's, and what is wrong with the indexes' comments."""
    folder = project.find().plans
    differences = generate.check(folder, _files(planned), suffixes=KEPT)
    found = [str(one) for one in _indexes(planned, queries)]
    if differences:
        found += [*differences, "run `slimy plans --write` and commit what it writes"]
    return found


KEPT = (".txt", ".json")


def _files(planned: Planned) -> dict[str, str]:
    return {
        **kept.texts(planned.plans),
        "indexes.json": indexmap.to_json(planned.uses, planned.relations),
        "rules.json": rules.to_json(planned.kept_rules),
    }


def _indexes(planned: Planned, queries: Sequence[Query]) -> list[indexmap.IndexFinding]:
    names = {query.full_name for query in queries}
    migrations = project.find().migrations
    if migrations.is_relative_to(Path.cwd()):
        migrations = migrations.relative_to(Path.cwd())
    return indexmap.examine(planned.uses, planned.relations, names, migrations)


@click.command()
@click.argument("query", required=False)
@click.option(
    "--scale", help="A model (TOML), a statistics dump (.sql), or rows of the largest table: 1e9."
)
@click.option(
    "--dsn", help="Plan on this live database, with its own statistics; nothing is changed there."
)
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text")
@click.option("--indexes", is_flag=True, help="Print which queries use which index instead.")
@click.option("--write", is_flag=True, help="Write the kept plans of all queries, sql/plans.")
@plainly
def plans(
    query: str | None, scale: str | None, dsn: str | None, form: str, *, indexes: bool, write: bool
) -> None:
    """Print the plans of QUERY, such as users.get, or of all queries, at the size of production.

    Costs, rows and pages are the planner's; what the server chooses, and why, stands above each.
    """
    one_of(("QUERY", query), ("--indexes", indexes), ("--write", write))
    one_of(("--dsn", dsn), ("--indexes", indexes), ("--write", write))
    one_of(("--dsn", dsn), ("--scale", scale))
    # The kept plans are those of the project's own model.
    one_of(("--scale", scale), ("--write", write))
    queries = [one for one in load_queries() if query in {None, one.full_name, one.noun}]
    if not queries:
        raise click.ClickException(f"there is no query {query}")
    if dsn is not None:
        _print_live(dsn, queries, form)
        return
    planned = asyncio.run(_planned(queries if not (write or indexes) else load_queries(), scale))
    if write:
        folder = project.find().plans
        for name in generate.write(folder, _files(planned), suffixes=KEPT):
            click.echo(f"wrote  {name}")
    elif indexes:
        click.echo(
            indexmap.to_json(planned.uses, planned.relations)
            if form == "json"
            else indexmap.table(planned.uses, planned.relations)
        )
    else:
        click.echo(as_json(planned.plans) if form == "json" else shown(planned.plans))


def _print_live(dsn: str, queries: Sequence[Query], form: str) -> None:
    with own_ground() as place:
        made, refused = asyncio.run(live.plan_live(dsn, place, queries, own_scale(None)))
    for problem in refused:
        click.echo(f"note: {problem}", err=True)
    if not made:
        raise click.ClickException("this database makes none of the plans: is it migrated?")
    click.echo(as_json(made) if form == "json" else shown(made))


async def _planned(queries: Sequence[Query], scale: str | None) -> Planned:
    with own_ground() as place:
        report = await prove(place, queries, own_scale(scale), strict=True)
    if report.planned is None:
        raise click.ClickException("\n".join(report.problems))
    return report.planned
