"""Who may do what: every route against every kind of caller."""

from typing import Any

import pytest

from service.app import GROUPS, endpoints, groups
from service.auth import Granted, InGuild, Own, Policy
from service.endpoint import Endpoint
from service.routes import Call, Routes
from service.settings import Settings
from slimy_dal.domain.api_keys import SCOPES, Scope
from slimy_dal.domain.database import Database
from slimy_dal.domain.memberships import ALLOWED
from tests.service.conftest import ROLES, Caller, People
from tests.service.test_bad_input import GOOD, filled

GUARDED = [endpoint for endpoint in endpoints(GROUPS) if not endpoint.route.policy.public]
BY_ID = {endpoint.route.operation_id: endpoint for endpoint in GUARDED}
REFUSALS = {401, 403}

PUBLIC = {
    *(
        "/health/live",
        "/health/ready",
        "/metrics",
        "/openapi.json",
        "/problems",
        "/problems/{code}",
    ),
    *("/docs", "/docs/docs.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"),
}


def test_what_is_public_is_listed_here() -> None:
    every = endpoints(groups(Settings(database_url="x")))
    assert {endpoint.route.path for endpoint in every if endpoint.route.policy.public} == PUBLIC


def test_a_route_cannot_be_made_without_saying_who_may() -> None:
    with pytest.raises(ValueError, match="names who may"):
        Policy()
    with pytest.raises(ValueError, match="names who may"):
        Policy("users:read", public=True)


def test_a_route_that_cannot_be_documented_fails_at_start() -> None:
    broken = Routes("broken", "")

    @broken.route("GET", "/broken", Policy("users:read"))
    async def nameless(call: Call) -> None:
        pass

    with pytest.raises(ValueError, match="docstring"):
        endpoints([broken])
    unknown = Routes("broken", "")

    @unknown.route("GET", "/broken", Policy("users:read"), "no_such_problem")
    async def named(call: Call) -> None:
        """Do something."""

    with pytest.raises(ValueError, match="no_such_problem"):
        endpoints([unknown])


PERIOD = "?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z"
NEEDED = {
    "/v1/users/by-email": "?email=a%40b",
    "/v1/guilds/{guild_id}/analyses:trend": "?metric=power",
    "/v1/users/{user_id}/screenshots:trend": "?key=count",
    "/v1/screenshots": "?screenshotType=club_roster",
    "/v1/stats:totals": PERIOD,
    "/v1/stats:totals-by-time": f"{PERIOD}&type=a&bucket=day",
    "/v1/guilds/{guild_id}/stats:totals": PERIOD,
    "/v1/guilds/{guild_id}/stats:totals-by-time": f"{PERIOD}&type=a&bucket=day",
    "/v1/audit-logs:totals": PERIOD,
}
"""Query parameters that must be there."""


async def reach(caller: Caller, endpoint: Endpoint, people: People, subject: str) -> int:
    """Call a route about `subject`, and return the status."""
    ids = {
        "user_id": people.ids[subject],
        "guild_id": people.guild_id,
        "discord_id": 5,
        "session_id": people.ids[subject],
        "key_id": people.ids[subject],
        "permission": "view_members",
        **people.things,
    }
    path = endpoint.route.path.format(**ids)
    path += NEEDED.get(endpoint.route.path, "")
    body: Any = GOOD.get(endpoint.route.operation_id)
    answer = await caller.call(
        endpoint.route.method, path, None if body is None else filled(body, people)
    )
    return answer.status


@pytest.mark.parametrize("operation", BY_ID)
async def test_services_need_the_scope_of_the_route(
    anyone: Caller, people: People, db: Database, operation: str
) -> None:
    endpoint = BY_ID[operation]
    scopes = endpoint.route.policy.scopes
    assert await reach(anyone, endpoint, people, "member") == 401
    assert (
        await reach(
            anyone.bearing("slimy_" + "a" * 12 + "_" + "b" * 43), endpoint, people, "member"
        )
        == 401
    )
    assert await reach(anyone.bearing("c" * 43), endpoint, people, "member") == 401
    for scope in scopes or (None,):
        others: list[Scope] = [other for other in SCOPES if other != scope]
        without = (await db.api_keys.create("without", others)).key
        assert await reach(anyone.bearing(without), endpoint, people, "member") == 403
    if scopes:
        key = (await db.api_keys.create("with", scopes)).key
        assert await reach(anyone.bearing(key), endpoint, people, "member") not in REFUSALS


CALLERS = ("stranger", "member", "moderator", "admin", "owner")


def may(endpoint: Endpoint, caller: str, subject: str) -> bool:
    """The rules said again: a session may when any rule of the route's policy holds."""
    roles: set[str] = set() if caller == "stranger" else {caller}
    for rule in endpoint.route.policy.session:
        if isinstance(rule, Granted):
            # What `people` has is the member's; an analysis or a message is their guild's as well.
            changers = {"owner", "admin"} if rule.changes is not None else set(ROLES)
            of_guild = rule.parameter in {"analysis_id", "message_id"}
            if caller == "member" or (of_guild and roles & changers):
                return True
        elif isinstance(rule, InGuild):
            if roles & set(ALLOWED[rule.permission]):
                return True
        elif not isinstance(rule, Own) or caller == subject:
            return True
    return False


BY_OBJECT = {"memberships_get", "code_reports_get"}
"""They may answer that there is no such thing to whom the policy lets in; tests of their own hold to whom."""

HIGHER = {"memberships_set_roles", "guilds_change"}
"""Their bodies here ask for more than a role may give; tests of their own hold that."""


@pytest.mark.parametrize("caller", CALLERS)
async def test_sessions_reach_what_their_role_and_account_allow(
    anyone: Caller, people: People, caller: str, db: Database
) -> None:
    """Reads first: a write could change what the next ones may."""
    session = anyone.bearing(people.tokens[caller])
    for endpoint in sorted(GUARDED, key=lambda one: one.route.method != "GET"):
        route = endpoint.route
        for subject in (caller, "admin" if caller != "admin" else "owner"):
            allowed = may(endpoint, caller, subject)
            if route.method != "GET" and (allowed or route.operation_id in HIGHER):
                continue
            status = await reach(session, endpoint, people, subject)
            if allowed:
                assert status == 200 or (status == 404 and route.operation_id in BY_OBJECT), route
            else:
                assert status in {403, 404}, (route, subject, status)
    for role in people.ids:
        assert (await db.users.get(people.ids[role])).username == role


@pytest.mark.parametrize(
    ("caller", "operation", "status"),
    [
        ("stranger", "guilds_get", 404),
        ("stranger", "memberships_list_members", 404),
        ("stranger", "guilds_merge_settings", 404),
        ("member", "guilds_get", 200),
        ("member", "guilds_merge_settings", 403),
        ("member", "memberships_add", 403),
        ("moderator", "memberships_add", 201),
        ("moderator", "guilds_merge_settings", 403),
        ("moderator", "memberships_remove", 204),
        ("admin", "guilds_merge_settings", 200),
        ("admin", "guilds_replace_settings", 200),
        ("admin", "memberships_set_roles", 200),
        ("admin", "guilds_remove", 403),
        ("owner", "guilds_merge_settings", 200),
        ("owner", "memberships_remove", 204),
        ("owner", "api_keys_create", 403),
    ],
)
async def test_roles_in_a_guild_decide(
    anyone: Caller, people: People, caller: str, operation: str, status: int
) -> None:
    session = anyone.bearing(people.tokens[caller])
    assert await reach(session, BY_ID[operation], people, "member") == status


async def test_the_guilds_owner_may_without_being_a_member(
    anyone: Caller, people: People, db: Database
) -> None:
    await db.memberships.add(7000, people.ids["stranger"], roles=["owner"])
    await db.memberships.remove(7000, people.ids["owner"])
    owner = anyone.bearing(people.tokens["owner"])
    assert await reach(owner, BY_ID["guilds_merge_settings"], people, "owner") == 200


async def test_a_guild_one_is_no_member_of_looks_like_one_that_does_not_exist(
    anyone: Caller, people: People
) -> None:
    stranger = anyone.bearing(people.tokens["stranger"])
    answers = [await stranger.get(f"/v1/guilds/{guild}") for guild in (7000, 7001)]
    documents = [
        {key: value for key, value in answer.json.items() if key not in {"instance", "requestId"}}
        for answer in answers
    ]
    assert documents[0] == documents[1]
    assert documents[0]["code"] == "not_found"


async def test_a_guild_one_is_no_member_of_cannot_be_found_by_asking_about_oneself(
    anyone: Caller, people: People
) -> None:
    stranger, own = anyone.bearing(people.tokens["stranger"]), people.ids["stranger"]
    for permission in ALLOWED:
        for guild in (7000, 7001):
            path = f"/v1/guilds/{guild}/members/{own}/permissions/{permission}"
            answer = await stranger.get(path)
            assert answer.json == {"permission": permission, "allowed": False}, guild
    documents = []
    for guild_id in ("7000", "7001"):
        answer = await stranger.put(f"/v1/users/{own}/last-active-guild", {"guildId": guild_id})
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "missing_reference",
            ["/guildId"],
        )
        documents.append((answer.json["detail"], answer.json["errors"]))
    assert documents[0] == documents[1]
    member = anyone.bearing(people.tokens["member"])
    path = f"/v1/users/{people.ids['member']}/last-active-guild"
    assert (await member.put(path, {"guildId": "7000"})).status == 200
    assert (await member.put(path, {"guildId": None})).status == 200


async def test_a_key_for_members_alone_does_not_make_or_rename_users(
    anyone: Caller, people: People, db: Database
) -> None:
    key = (await db.api_keys.create("members", ["members:write"])).key
    body = {"roles": [], "user": {"id": "1004", "username": "renamed"}}
    answer = await anyone.bearing(key).put("/v1/discord/guilds/7000/members/1004", body)
    assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert "users:write" in answer.json["detail"]
    assert (await db.users.get(people.ids["member"])).username == "member"
