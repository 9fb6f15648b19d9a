"""The way from an address to its SQL is read from the code, and nothing on it is missing or left over."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from service.app import STATE, endpoints, groups
from service.auth import PUBLIC
from service.calls import DomainCall, calls_of, every, queries_in, queries_of
from service.chat_parts import need_admin
from service.routes import Call, Route
from service.settings import Settings
from slimy_dal.cli import main
from slimy_dal.compiler import queryfile
from slimy_dal.domain.guilds import Guild
from slimy_dal.seed import load

ROOT = Path(__file__).parent.parent.parent
KNOWN = {query.full_name for query in queryfile.load(ROOT / "sql" / "queries").queries}
ROUTES = [endpoint.route for endpoint in endpoints(groups(Settings(database_url="x")))]

WITHOUT_CALLS = {
    "/v1/sessions/current": "who is calling was found out before",
    "/health/live": "it looks at nothing but the process",
    "/metrics": "these are the counters of the process",
    **dict.fromkeys(("/openapi.json", "/problems", "/problems/{code}"), "it is known beforehand"),
    **dict.fromkeys(
        ("/docs", "/docs/docs.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"),
        "these are files",
    ),
}


def test_every_route_calls_the_domain_or_says_here_why_not() -> None:
    without = {route.path for route in ROUTES if not route.calls}
    assert without == set(WITHOUT_CALLS)


def test_every_query_of_a_route_stands_in_a_query_file() -> None:
    for route in ROUTES:
        assert set(route.queries) <= KNOWN, route.path
        assert bool(route.queries) == bool(route.calls), route.path
        assert set(queries_of(route.asked)) <= KNOWN, route.path


def used_by(made: list[DomainCall]) -> set[str]:
    return {*queries_of(made), *queries_in(load)}


def test_no_sql_is_dead() -> None:
    # What neither the domain nor the seeding names is run by nobody: take it out.
    assert KNOWN - used_by([*every()]) == set()
    restore = DomainCall("guilds", "restore")
    assert KNOWN - used_by([call for call in every() if call != restore]) == {"guilds.restore"}


async def helper(call: Call) -> Guild:
    return await call.state.db.guilds.get(5)


def test_calls_are_found_wherever_a_handler_makes_them() -> None:
    asks = {"admin": need_admin}

    async def handler(call: Call) -> Any:
        """Call by itself, by helpers here and elsewhere, inside of functions, and through tables."""

        async def inside() -> None:
            await call.db.users.get(made.owner_id or UUID(int=0))

        made = await helper(call)
        await inside()
        await asks["admin"](call, 5)
        return [role for role in (await call.db.memberships.get(5, UUID(int=0))).roles if role]

    found = {str(call) for call in calls_of(handler)}
    assert found == {"guilds.get", "users.get", "memberships.get", "memberships.allows"}
    [one] = [call for call in calls_of(handler) if str(call) == "memberships.get"]
    assert one.queries == ("memberships.find",)


def test_a_handler_that_hides_its_calls_is_refused() -> None:
    async def handler(call: Call) -> Any:
        """Take a noun aside."""
        guilds = call.db.guilds
        return await guilds.get(5)

    route = Route("GET", "/x", handler, PUBLIC, "x")
    with pytest.raises(TypeError, match=r"handler: name the call of guilds"):
        _ = route.calls


def test_the_queries_of_a_call_are_found_through_all_that_it_uses() -> None:
    finish = DomainCall("guilds", "finish_delete").queries
    assert finish[0] == "guilds.clear_last_active"
    assert {"guilds.purge_members", "guilds.delete"} <= set(finish)
    assert DomainCall("exports", "members").queries == ("exports.members_of_guild",)
    listed = DomainCall("chat_messages", "list_of_guild").queries
    assert "chat_messages.list_admin_only" in listed


def test_the_document_says_what_each_operation_runs(app: Any) -> None:
    document = json.loads(app[STATE].document)
    found = document["paths"]["/v1/guilds/{guild_id}/members"]["get"]
    assert found["x-calls"] == ["memberships.list_members", "memberships.count"]
    lists = ["memberships.list_members", "memberships.search_members"]
    assert found["x-queries"] == [*lists, "memberships.count_members"]
    assert (found["x-rate-class"], found["x-page"]) == ("read", "keyset")
    kinds = {
        operation["x-page"] for path in document["paths"].values() for operation in path.values()
    }
    assert kinds == {"keyset", "single", "stream", "none"}


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["routes", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_command_leads_from_an_address_to_its_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    [one] = json.loads(run("--json", "members:count"))
    assert one["operation"] == "memberships_count"
    file, _, line = one["handler"].partition(":")
    handler = "".join((ROOT / file).read_text().splitlines(keepends=True)[int(line) - 1 :])
    assert re.match(r"@routes\.route\(.*?async def count\(", handler, re.DOTALL)
    place = one["calls"]["memberships.count"]["memberships.count_members"]
    file, _, line = place.partition(":")
    assert (ROOT / file).read_text().splitlines()[int(line) - 1] == "-- name: count_members :scalar"
    text = run("memberships.count")
    assert "GET /v1/guilds/{guild_id}/members:count\n" in text
    # The list of members counts them too, for who prefers to know.
    assert "GET /v1/guilds/{guild_id}/members\n" in text
    assert text.count(place) == 2
    assert text.endswith("\n2 routes\n")
    assert len(json.loads(run("--json"))) == len(ROUTES)


def test_the_command_says_so_where_no_route_is_meant() -> None:
    done = CliRunner().invoke(main, ["routes", "no-such-thing"])
    assert done.exit_code == 1
    assert "no route has to do with no-such-thing" in done.output
