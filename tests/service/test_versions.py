"""Versions: If-Match lets a change be of what its caller has read, and the changing statement decides (SPEC H1)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin
from uuid import uuid4

import psycopg
import pytest

from service.app import GROUPS, endpoints
from service.endpoint import Endpoint
from service.routes import Versioned
from slimy_dal.domain.database import Database
from slimy_dal.domain.versions import UNSTORED
from slimy_dal.engine.errors import NotFound, StaleVersion
from tests import make
from tests.service.conftest import Answer, Caller, People

NOW = datetime.now(UTC)

EVERY = endpoints(GROUPS)
BY_ID = {endpoint.route.operation_id: endpoint for endpoint in EVERY}
READS = {one.route.path: one for one in EVERY if one.route.method == "GET"}

WITHOUT_VERSIONS = {
    "discord_put_user": "what Discord says is newer than whatever anybody has read",
    "discord_put_guild": "what Discord says is newer than whatever anybody has read",
    "discord_put_member": "what Discord says is newer than whatever anybody has read",
}

READ_AT = {
    "users_set_last_active_guild": "/v1/users/{user_id}",
    "memberships_set_roles": "/v1/guilds/{guild_id}/members/{user_id}",
    "code_reports_review": "/v1/code-reports/{report_id}",
    "guild_personalities_reset": "/v1/guilds/{guild_id}/personality",
    "chat_messages_change": "/v1/messages/{message_id}",
}
"""Where to read a thing whose change has an address of its own."""

CHANGES: dict[str, Callable[[int], Any]] = {
    "users_put_by_discord": lambda i: {"username": f"name {i}"},
    "users_change": lambda i: {"username": f"name {i}"},
    "users_set_last_active_guild": lambda i: {"guildId": "7000"},  # noqa: ARG005
    "user_preferences_change": lambda i: {"chatPersonality": f"mood {i}"},
    "user_preferences_replace": lambda i: {
        "theme": "dark",
        "language": "en",
        "notifications": True,
        "chatPersonality": f"mood {i}",
    },
    "guilds_put": lambda i: {"name": f"name {i}"},
    "guilds_change": lambda i: {"name": f"name {i}"},
    "guilds_merge_settings": lambda i: {f"key{i}": i},
    "guilds_replace_settings": lambda i: {f"key{i}": i},
    "guild_feature_flags_change": lambda i: {"colorPrimary": f"#0000{i:02x}"},
    "guild_settings_change": lambda i: {"notes": f"note {i}"},
    "guild_personalities_change": lambda i: {"systemPrompt": f"speak {i}"},
    "guild_personalities_replace": lambda i: {"preset": "scholar", "systemPrompt": f"speak {i}"},
    "memberships_set_roles": lambda i: {"roles": ["moderator"]},  # noqa: ARG005
    "club_analyses_change": lambda i: {"title": f"title {i}"},
    "screenshot_analyses_change": lambda i: {"title": f"title {i}"},
    "conversations_change": lambda i: {"title": f"title {i}"},
    "chat_messages_change": lambda i: {"text": f"text {i}"},
}
"""A body for each change that differs from what is there, and from every other."""


def has_version(endpoint: Endpoint) -> bool:
    """Whether a route answers with a thing that says when it was changed last."""
    if get_origin(endpoint.returns) is Versioned:
        return True
    result = get_args(endpoint.result)[0] if get_origin(endpoint.result) else endpoint.result
    return "updated_at" in getattr(result, "__struct_fields__", ())


def test_every_change_of_what_has_a_version_takes_one() -> None:
    for endpoint in EVERY:
        route = endpoint.route
        if route.method not in {"PUT", "PATCH", "DELETE"}:
            continue
        read = READS.get(route.path)
        versioned = has_version(endpoint) or (read is not None and has_version(read))
        expected = versioned and route.operation_id not in WITHOUT_VERSIONS
        assert route.versioned == expected, route.operation_id


def test_every_change_that_takes_a_version_is_tried_here() -> None:
    taking = {
        one.route.operation_id
        for one in EVERY
        if one.route.versioned and one.route.method in {"PUT", "PATCH"}
    }
    assert taking == set(CHANGES)


class Thing:
    """Something that is changed by one operation, for people who are there."""

    def __init__(self, service: Caller, people: People, operation: str) -> None:
        route = BY_ID[operation].route
        ids = {
            "user_id": people.ids["member"],
            "guild_id": people.guild_id,
            "discord_id": 1004,
            **people.things,
        }
        self._service, self.method = service, route.method
        self.path = route.path.format(**ids)
        self.where = READ_AT.get(operation, route.path).format(**ids)

    async def tag(self) -> str:
        return (await self._service.get(self.where)).headers["ETag"]

    async def change(self, body: Any, tag: str | None) -> Answer:
        headers = {} if tag is None else {"If-Match": tag}
        return await self._service.call(self.method, self.path, body, headers=headers)


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.fault("D14")
async def test_of_32_changes_of_one_version_one_is_made(
    service: Caller, people: People, operation: str
) -> None:
    thing, body = Thing(service, people, operation), CHANGES[operation]
    tag = await thing.tag()
    answers = await asyncio.gather(*(thing.change(body(i), tag) for i in range(32)))
    won = [one for one in answers if one.status == 200]
    lost = [(one.status, one.code) for one in answers if one.status != 200]
    assert len(won) == 1
    assert lost == [(412, "stale_version")] * 31
    # The answer of the one that won carries the next version.
    assert (await thing.change(body(32), won[0].headers["ETag"])).status == 200


@pytest.mark.parametrize("operation", ["guilds_change", "guild_settings_change", "users_change"])
@pytest.mark.fault("D14")
async def test_without_a_version_all_of_them_are_made(
    service: Caller, people: People, operation: str
) -> None:
    thing, body = Thing(service, people, operation), CHANGES[operation]
    answers = await asyncio.gather(*(thing.change(body(i), None) for i in range(32)))
    assert {one.status for one in answers} == {200}
    assert (await thing.change(body(32), "*")).status == 200


REMOVALS = [
    one.route.operation_id
    for one in EVERY
    if one.route.versioned and one.route.method in {"DELETE", "POST"}
]


@pytest.mark.parametrize("operation", REMOVALS)
async def test_a_stale_version_is_not_removed(
    service: Caller, people: People, operation: str
) -> None:
    thing = Thing(service, people, operation)
    stale = '"1.0123456789abcdef"'
    body = {"status": "verified"} if operation == "code_reports_review" else None
    before = (await service.get(thing.where)).content
    refused = await thing.change(body, stale)
    assert (refused.status, refused.code) == (412, "stale_version")
    assert (await service.get(thing.where)).content == before
    assert (await thing.change(body, await thing.tag())).status in {200, 204}


async def test_what_is_not_there_is_not_found_in_any_version(service: Caller) -> None:
    tag = {"If-Match": '"1.0123456789abcdef"'}
    for method, body in (("PATCH", {"name": "a"}), ("PUT", {"name": "a"}), ("DELETE", None)):
        answer = await service.call(method, "/v1/guilds/5", body, headers=tag)
        assert (answer.status, answer.code) == (404, "not_found")
    assert (await service.get("/v1/guilds/5")).status == 404


async def test_the_defaults_are_a_version_too(service: Caller, people: People) -> None:
    path = f"/v1/guilds/{people.guild_id}/guild-settings"
    defaults = (await service.get(path)).headers["ETag"]
    first = await service.patch(path, {"notes": "a"}, headers={"If-Match": defaults})
    assert first.status == 200
    for method, body in (("PATCH", {"notes": "b"}), ("DELETE", None)):
        stale = await service.call(method, path, body, headers={"If-Match": defaults})
        assert stale.code == "stale_version"
    stored = first.headers["ETag"]
    assert (await service.delete(path, headers={"If-Match": stored})).status == 204
    # What is gone does not come back by a change of what it was.
    gone = await service.patch(path, {"notes": "c"}, headers={"If-Match": stored})
    assert gone.code == "stale_version"
    assert (await service.delete(path, headers={"If-Match": defaults})).status == 204


async def test_a_moderator_changes_the_version_that_was_read(
    anyone: Caller, people: People
) -> None:
    moderator = anyone.bearing(people.tokens["moderator"])
    member = f"/v1/guilds/7000/members/{people.ids['member']}"
    tag = (await moderator.get(member)).headers["ETag"]
    roles = {"roles": ["moderator", "member"]}
    assert (await moderator.put(f"{member}/roles", roles, headers={"If-Match": tag})).status == 200
    stale = await moderator.delete(member, headers={"If-Match": tag})
    assert stale.code == "stale_version"


@pytest.mark.parametrize("sent", ["abc", "", '"1.0123456789abcdef", "2.0123456789abcdef"'])
async def test_a_version_is_one_tag_as_it_was_given(
    service: Caller, people: People, sent: str
) -> None:
    path = f"/v1/guilds/{people.guild_id}"
    answer = await service.patch(path, {"name": "a"}, headers={"If-Match": sent})
    assert (answer.status, answer.code) == (400, "invalid_header")


async def test_two_changes_in_one_transaction_are_two_versions(db: Database) -> None:
    guild = await make.guild(db)
    async with db.transaction() as one:
        first = await one.guilds.update(guild.id, name="first")
        second = await one.guilds.update(guild.id, name="second", version=first.updated_at)
        with pytest.raises(StaleVersion):
            await one.guilds.update(guild.id, name="third", version=first.updated_at)
    assert guild.updated_at < first.updated_at < second.updated_at
    # What changes nothing is no new version.
    assert (await db.guilds.update(guild.id, name="second")).updated_at == second.updated_at


@pytest.mark.fault("K2")
async def test_versions_grow_when_the_clock_went_back(db: Database, database_url: str) -> None:
    guild = await make.guild(db)
    ahead = datetime.now(UTC) + timedelta(days=1)
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE slimy.guilds DISABLE TRIGGER guilds_set_updated_at")
        connection.execute("UPDATE slimy.guilds SET updated_at = %s", [ahead])
        connection.execute("ALTER TABLE slimy.guilds ENABLE TRIGGER guilds_set_updated_at")
    changed = await db.guilds.update(guild.id, name="later")
    assert changed.updated_at == ahead + timedelta(microseconds=1)


async def test_replacing_metrics_twice_at_once_makes_two_versions(
    db: Database, people: People
) -> None:
    key = people.things["analysis_id"]
    async with db.transaction() as one:
        await one.club_metrics.replace(key, [])
        first = (await one.club_analyses.get(key)).updated_at
        await one.club_metrics.replace(key, [])
        assert (await one.club_analyses.get(key)).updated_at > first


async def test_a_reset_and_a_change_of_one_version_do_not_both_happen(db: Database) -> None:
    for _ in range(20):
        guild = await make.guild(db)
        version = (await db.guild_settings.update(guild.id, notes="a")).updated_at or UNSTORED
        outcomes = await asyncio.gather(
            db.guild_settings.update(guild.id, notes="b", version=version),
            db.guild_settings.reset(guild.id, version=version),
            return_exceptions=True,
        )
        failed = [one for one in outcomes if isinstance(one, Exception)]
        assert [type(one) for one in failed] == [StaleVersion]


async def test_versions_of_what_is_unknown_or_changed_are_told_apart(db: Database) -> None:
    user = await make.user(db)
    with pytest.raises(NotFound):
        await db.user_preferences.update(uuid4(), version=NOW)
    with pytest.raises(StaleVersion):
        await db.user_preferences.update(user.id, language="de", version=NOW)
    with pytest.raises(StaleVersion):
        await db.users.find_or_create(user.discord_id, username="a", version=NOW)
    with pytest.raises(NotFound):
        await db.users.find_or_create(1, username="a", version=NOW)
