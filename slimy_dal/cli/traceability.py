"""The command `slimy traceability`: where everything that the source documents name has gone."""

import asyncio
from collections.abc import Iterator

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.queries import DSN, load_queries, proving_ground
from slimy_dal.compiler import project
from slimy_dal.schema.traceability import rows
from slimy_dal.schema.traceability.examine import examine
from slimy_dal.schema.traceability.known import know
from slimy_dal.schema.traceability.page import page


@click.command()
@click.option("--write", is_flag=True, help="Write docs/traceability.md instead of printing it.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when something is wrong.")
@DSN
@plainly
def traceability(*, write: bool, check: bool, dsn: str | None) -> None:
    """Print where each entity, field, index, rule and operation of the source documents is.

    Every name is held against the migrated database, the query files and the code: what is wrong is
    printed, and nothing is written.
    """
    if write and check:
        raise click.UsageError("--write and --check do not go together")
    docs = project.find().root / "docs"
    names = [query.full_name for query in load_queries()]
    known_commands = list(commands(click.get_current_context().find_root().command, "slimy"))
    try:
        trace = rows.read(docs / "traceability")
    except rows.TraceError as error:
        raise click.ClickException(str(error)) from error
    with proving_ground(dsn) as address:
        known = asyncio.run(know(address, docs.parent, names, known_commands))
    if problems := examine(trace, known):
        raise click.ClickException("\n".join([*problems, f"{len(problems)} problems"]))
    text, file = page(trace, known), docs / "traceability.md"
    if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
        raise click.ClickException(f"{file.name} is stale: run `slimy traceability --write`")
    if write:
        file.write_text(text, encoding="utf-8")
    elif not check:
        click.echo(text)


def commands(command: click.Command, path: str) -> Iterator[str]:
    """Yield a command and those below it, as they are typed."""
    yield path
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}")
