"""The commands that write what is generated from the routes: the client, the access table, the reference."""

from pathlib import Path

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.compiler import project

WRITE = click.option("--write", is_flag=True, help="Write it.")
CHECK = click.option("--check", is_flag=True, help="Write nothing; exit code 1 when it is stale.")


@click.command()
@WRITE
@CHECK
@plainly
def client(*, write: bool, check: bool) -> None:
    """Write the typed client, slimy_dal/client, from the routes."""
    from service.client_source import write as source  # noqa: PLC0415 -- no other command needs the routes

    folder = project.find().root / "slimy_dal" / "client"
    made = {folder / name: text for name, text in source().items()}
    # A noun that is no more takes its module with it.
    left = {file: "" for file in (folder / "nouns").glob("*.py") if file not in made}
    _keep({**made, **left}, write=write, check=check)


@click.command()
@WRITE
@CHECK
@plainly
def access(*, write: bool, check: bool) -> None:
    """Write docs/access.md, who may call which route, from the routes."""
    from service.access import page  # noqa: PLC0415 -- no other command needs the routes

    file = project.find().root / "docs" / "access.md"
    _keep({file: page()}, write=write, check=check)


def _keep(files: dict[Path, str], *, write: bool, check: bool) -> None:
    """Write files, or say which is stale; one without text should not be there."""
    if write == check:
        raise click.UsageError("give either --write or --check")
    for file, text in files.items():
        if write and not text:
            file.unlink()
        elif write:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or not text or file.read_text(encoding="utf-8") != text:
            command = click.get_current_context().info_name
            raise click.ClickException(f"{file.name} is stale: run `slimy {command} --write`")


@click.command()
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
