"""The command that leads from an address of the HTTP API to its code and its SQL; it needs no server."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slimy_dal.cli.errors import plainly
from slimy_dal.compiler import project, queryfile
from slimy_dal.compiler.generate import GenerationFailed

if TYPE_CHECKING:
    from service.calls import DomainCall
    from service.routes import Route

Found = dict[str, Any]
"""A route as JSON has it."""


@click.command()
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@plainly
def routes(word: str | None, *, as_json: bool) -> None:
    """List the routes: the handler of each, the domain calls it makes, and the SQL that those may run.

    With WORD only those that have it in their address or in one of these names: /v1/users, guilds.search, stats.sql.
    """
    found = [one for one in _all() if word is None or word.lower() in json.dumps(one).lower()]
    if not found:
        raise click.ClickException(f"no route has to do with {word}; `slimy routes` lists them all")
    click.echo(json.dumps(found, indent=2) if as_json else _text(found))


def _all() -> list[Found]:
    from service.app import endpoints, groups  # noqa: PLC0415 -- no other command needs the routes
    from service.settings import Settings  # noqa: PLC0415

    loaded = queryfile.load(project.find().queries)
    if loaded.errors:
        raise GenerationFailed(loaded.errors)
    places = {query.full_name: f"{_near(query.path)}:{query.line}" for query in loaded.queries}
    served = groups(Settings(database_url="postgresql://"))
    return [_found(endpoint.route, places) for endpoint in endpoints(served)]


def _found(route: "Route", places: dict[str, str]) -> Found:
    def located(calls: "Iterable[DomainCall]") -> dict[str, dict[str, str]]:
        return {str(call): {name: places[name] for name in call.queries} for call in calls}

    code = route.handler.__code__
    return {
        "method": route.method,
        "path": route.path,
        "operation": route.operation_id,
        "handler": f"{_near(code.co_filename)}:{code.co_firstlineno}",
        "calls": located(route.calls),
        "asks": located(route.asked),
    }


def _near(path: str) -> str:
    """Return a path as it is written from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _text(found: Sequence[Found]) -> str:
    blocks = ["\n".join(_lines(one)) for one in found]
    return "\n\n".join([*blocks, f"{len(found)} routes"])


def _lines(one: Found) -> Iterator[str]:
    yield f"{one['method']} {one['path']}"
    yield _line(1, one["operation"], one["handler"])
    for calls, note in ((one["calls"], ""), (one["asks"], "  (whether a session may)")):
        for call, run in calls.items():
            yield _line(2, f"{call}{note}", "")
            for query, place in run.items():
                yield _line(3, query, place)


def _line(depth: int, name: str, place: str) -> str:
    return f"{'  ' * depth}{name:<{52 - 2 * depth}} {place}".rstrip()
