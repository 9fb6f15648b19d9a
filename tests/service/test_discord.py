"""Discord's own payloads, as its documentation prints them, through the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

DATA = Path(__file__).parent / "data"


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return loaded


USER = payload("user--example-user")
GUILD = payload("guild--example-guild")
PARTIAL_GUILD = payload("user--example-partial-guild")
MEMBER = payload("guild--example-guild-member")
MESSAGES = [payload("message--example-message"), payload("message--example-crossposted-message")]


async def test_discords_user_object_upserts_a_user(service: Caller) -> None:
    first = await service.put("/v1/discord/users", USER)
    assert first.status == 200
    assert first.json["discordId"] == "80351110224678912"
    assert first.json["username"] == "Nelly"
    assert first.json["email"] == "nelly@discord.com"
    assert first.json["globalName"] is None
    second = await service.put("/v1/discord/users", {**USER, "global_name": "Nelly the Elephant"})
    assert second.json["id"] == first.json["id"]
    assert second.json["globalName"] == "Nelly the Elephant"


@pytest.mark.parametrize("message", MESSAGES)
async def test_a_messages_author_is_a_user_too(service: Caller, message: dict[str, Any]) -> None:
    answer = await service.put("/v1/discord/users", message["author"])
    assert (answer.json["discordId"], answer.json["username"]) == ("53908099506183680", "Mason")


async def test_discords_guild_object_upserts_a_guild_without_an_owner_we_do_not_know(
    service: Caller,
) -> None:
    answer = await service.put("/v1/discord/guilds", GUILD)
    assert answer.status == 200
    assert answer.json["id"] == "197038439483310086"
    assert answer.json["name"] == "Discord Testers"
    assert answer.json["icon"] == "f64c482b807da4f539cff778d174971c"
    assert answer.json["ownerId"] is None


async def test_the_guild_belongs_to_our_user_of_the_owners_account(service: Caller) -> None:
    owner = (await service.put("/v1/users/by-discord/73193882359173120", {})).json
    assert (await service.put("/v1/discord/guilds", GUILD)).json["ownerId"] == owner["id"]
    without = {key: value for key, value in GUILD.items() if key != "owner_id"}
    assert (await service.put("/v1/discord/guilds", without)).json["ownerId"] == owner["id"]


async def test_discords_partial_guild_object_is_taken_too(service: Caller) -> None:
    answer = await service.put("/v1/discord/guilds", PARTIAL_GUILD)
    assert (answer.status, answer.json["name"]) == (200, "1337 Krew")


async def test_discords_member_object_makes_a_membership(service: Caller) -> None:
    await service.put("/v1/discord/guilds", GUILD)
    path = f"/v1/discord/guilds/{GUILD['id']}/members/80351110224678912"
    answer = await service.put(path, MEMBER)
    assert answer.status == 200
    assert answer.json["roles"] == ["member"]
    assert answer.json["joinedAt"] == "2015-04-26T06:26:56.936000Z"
    with_user = await service.put(path, {**MEMBER, "user": USER})
    assert with_user.json["userId"] == answer.json["userId"]
    user = (await service.get(f"/v1/users/{answer.json['userId']}")).json
    assert user["username"] == "Nelly"


@pytest.mark.parametrize(
    ("sent", "roles"),
    [
        ({"permissions": "8"}, ["admin", "member"]),
        ({"permissions": "32"}, ["admin", "member"]),
        ({"permissions": "2"}, ["moderator", "member"]),
        ({"permissions": "1099511627776"}, ["moderator", "member"]),
        ({"permissions": "1024"}, ["member"]),
        ({"roles": ["41771983423143936"]}, ["moderator", "member"]),
        ({"roles": ["41771983423143937"]}, ["member"]),
        ({"roles": ["5", "6", "7", "8"]}, ["member"]),
        ({"roles": ["41771983423143936"], "permissions": "8"}, ["admin", "moderator", "member"]),
    ],
)
async def test_discords_roles_become_ours(
    service: Caller, sent: dict[str, Any], roles: list[str]
) -> None:
    await service.put("/v1/discord/guilds", GUILD)
    mapping = {
        "discordRoles": {
            "41771983423143936": "moderator",
            "5": "emperor",
            "6": ["owner"],
            "7": "owner",
            "8": None,
        }
    }
    await service.put(f"/v1/guilds/{GUILD['id']}/settings", mapping)
    path = f"/v1/discord/guilds/{GUILD['id']}/members/5"
    assert (await service.put(path, {**MEMBER, **sent})).json["roles"] == roles


async def test_a_member_object_that_says_nothing_of_authority_leaves_roles_as_they_are(
    service: Caller, people: People
) -> None:
    answer = await service.put("/v1/discord/guilds/7000/members/1002", MEMBER)
    assert answer.json["roles"] == ["admin"]


async def test_the_guilds_owner_is_an_owner_by_discords_member_object(
    service: Caller, people: People
) -> None:
    answer = await service.put("/v1/discord/guilds/7000/members/1001", MEMBER)
    assert answer.json["roles"] == ["owner", "member"]


async def test_a_member_of_an_unknown_guild_leaves_no_user_behind(
    service: Caller, db: Database
) -> None:
    answer = await service.put("/v1/discord/guilds/7000/members/5", MEMBER)
    assert (answer.status, answer.code) == (404, "not_found")
    assert await db.users.find_by_discord_id(5) is None


async def test_a_member_object_for_another_account_is_a_conflict(
    service: Caller, people: People
) -> None:
    answer = await service.put("/v1/discord/guilds/7000/members/5", {**MEMBER, "user": USER})
    assert (answer.status, answer.code, answer.pointers) == (409, "conflict", ["/user/id"])


@pytest.mark.parametrize(
    ("path", "good", "wrong", "pointer"),
    [
        ("/v1/discord/users", USER, {"id": 80351110224678912}, "/id"),
        ("/v1/discord/users", USER, {"id": "9223372036854775808"}, "/id"),
        ("/v1/discord/users", USER, {"username": None}, "/username"),
        ("/v1/discord/users", USER, {"username": ""}, "/username"),
        ("/v1/discord/users", USER, {"global_name": 5}, "/global_name"),
        ("/v1/discord/users", USER, {"email": "nobody"}, "/email"),
        ("/v1/discord/users", USER, {"avatar": "x" * 2049}, "/avatar"),
        ("/v1/discord/guilds", GUILD, {"name": "x" * 101}, "/name"),
        ("/v1/discord/guilds", GUILD, {"owner_id": "x"}, "/owner_id"),
        ("/v1/discord/guilds", GUILD, {"icon": 1.5}, "/icon"),
        ("/v1/discord/guilds/7000/members/5", MEMBER, {"roles": ["1", 2]}, "/roles/1"),
        ("/v1/discord/guilds/7000/members/5", MEMBER, {"roles": None}, "/roles"),
        (
            "/v1/discord/guilds/7000/members/5",
            MEMBER,
            {"joined_at": "2015-04-26T06:26:56"},
            "/joined_at",
        ),
        ("/v1/discord/guilds/7000/members/5", MEMBER, {"permissions": "-1"}, "/permissions"),
        ("/v1/discord/guilds/7000/members/5", MEMBER, {"user": {"id": True}}, "/user/id"),
    ],
)
async def test_what_is_wrong_in_discords_objects_is_refused_by_field(
    service: Caller, path: str, good: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    answer = await service.put(path, {**good, **wrong})
    assert (answer.status, answer.code, answer.pointers) == (422, "validation_failed", [pointer])


async def test_a_required_field_that_discord_never_leaves_out_is_required(service: Caller) -> None:
    answer = await service.put("/v1/discord/users", {"id": "5"})
    assert [error["code"] for error in answer.json["errors"]] == ["required"]
    assert answer.pointers == ["/username"]
