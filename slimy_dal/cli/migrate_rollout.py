"""The command `slimy migrate rollout`: prints on which schemas a release and the next one can run."""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.migrate_options import JSON, MIGRATIONS, folder_of, printed
from slimy_dal.compiler import project, releases
from slimy_dal.schema import rollout as proof

__all__ = ["rollout"]

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--old", required=True, type=FOLDER, help="The release before: checkout or queries.")
@click.option("--new", type=FOLDER, help="The release that follows (this project).")
@MIGRATIONS
@click.option("--since", metavar="ID", help="The last migration that the old release knew.")
@click.option("--upto", metavar="ID", help="The last migration to prove on (the last one).")
@JSON
@plainly
def rollout(
    *,
    old: Path,
    new: Path | None,
    migrations: Path | None,
    since: str | None,
    upto: str | None,
    as_json: bool,
) -> None:
    """Prove that the old release runs on every schema before the first contract, and the new one from there on.

    Every migration since the old release's last one is applied to an embedded server, and behind each the queries of
    both are proven as `slimy check --old-queries` does. Exit code 1 when one breaks while its release runs; the finding
    names the migration. --since is known where the old release has its migrations with it.

    \b
    Examples:
      slimy migrate rollout --old ../club-1.4
      slimy migrate rollout --old release-1 --new release-2 --migrations migrations --since 0001
    """
    folder = folder_of(migrations)
    begins = since or proof.since_of(old, folder)
    if begins is None:
        raise click.UsageError(f"{old} has no migrations with it: say its last one with --since")
    names = (old.name, new.name if new else "this release")
    try:
        before = releases.release(old)
        behind = releases.release(new or project.find().root)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    found = asyncio.run(proof.prove(folder, before, behind, begins, upto))
    if as_json:
        printed({**asdict(found), "switch": found.switch})
    else:
        _print(found, names)
    sys.exit(1 if found.findings else 0)


def _print(found: proof.Rollout, names: tuple[str, str]) -> None:
    wide = max(len(step.id) for step in found.steps)
    for step in found.steps:
        cells = [
            f"{name} {_judged(problems)}" if needed else f"({name} {_judged(problems)})"
            for name, problems, needed in (
                (names[0], step.old, step.needs_old),
                (names[1], step.new, step.needs_new),
            )
        ]
        line = f"{step.id:<{wide}}  {step.phase:<8}  {cells[0]:<32}{cells[1]}"
        click.echo(line)
        if step.id == found.switch:
            click.echo(f"{'':<{wide}}  roll {names[1]} out here")
    for finding in found.findings:
        click.echo(finding)
    if not found.findings:
        click.echo(
            f"{names[0]} and {names[1]} hold wherever they run; in brackets: where they do not"
        )


def _judged(problems: tuple[str, ...]) -> str:
    return "holds" if not problems else f"breaks in {len(problems)} places"
