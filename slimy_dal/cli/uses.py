"""The command that lists queries and what they depend on; it needs no server."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from slimy_dal.cli.errors import plainly
from slimy_dal.compiler import project, queryfile
from slimy_dal.compiler.dependencies import (
    Dependencies,
    UnknownName,
    Way,
    dependencies,
    depending,
    to_json,
)
from slimy_dal.compiler.generate import GenerationFailed

if TYPE_CHECKING:
    from collections.abc import Sequence


def every_query() -> list[Dependencies]:
    """Return all queries of the project with what they depend on. Raises GenerationFailed where a file is wrong."""
    from slimy_dal import queries as generated  # noqa: PLC0415 -- it may be stale while others work

    folder = project.find().queries
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    loaded = queryfile.load(folder)
    if loaded.errors:
        raise GenerationFailed(loaded.errors)
    touches = {noun: getattr(generated, noun).TOUCHES for noun in generated.USES}
    return dependencies(loaded.queries, generated.USES, touches)


def _table(some: "Sequence[Dependencies]") -> str:
    table = Table(box=None, pad_edge=False)
    for head in ("query", "shape", "reads", "writes", "file"):
        table.add_column(head, overflow="fold")
    for one in some:
        written = [*sorted(one.writes), *(f"{name} (deletes)" for name in sorted(one.deletes))]
        place = f"{one.file}:{one.line}"
        table.add_row(one.name, one.shape, "\n".join(sorted(one.reads)), "\n".join(written), place)
    console = Console(width=160, color_system=None, markup=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    return "\n".join([*lines, "", f"{len(some)} queries"])


@click.command()
@click.option(
    "--uses", help="Only those that read, write or call it: slimy.users.email, slimy.users."
)
@click.option("--writes", help="Only those that write it; deleting rows writes all of a table.")
@click.option("--format", "form", type=click.Choice(["json", "table"]), default="table")
@plainly
def queries(uses: str | None, writes: str | None, form: str) -> None:
    """List the queries with the tables they read and write, from the generated modules: no server is asked."""
    found = every_query()
    try:
        wanted: tuple[tuple[Way, str | None], ...] = (("uses", uses), ("writes", writes))
        for way, name in wanted:
            if name is not None:
                kept = {one.name for one in depending(every_query(), way, name)}
                found = [one for one in found if one.name in kept]
    except UnknownName as error:
        raise click.ClickException(str(error)) from error
    click.echo(to_json(found) if form == "json" else _table(found))
