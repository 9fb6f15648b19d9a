"""Conversations over HTTP."""

from typing import Any

import pytest

from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


def of(people: People, role: str = "member", rest: str = "conversations") -> str:
    return f"/v1/users/{people.ids[role]}/{rest}"


def titles(answer: Any) -> list[str]:
    return [row["title"] for row in answer.json["data"]]


async def begun(caller: Caller, people: People, **body: Any) -> str:
    """Begin a conversation of the member, and return its path."""
    made = await caller.post(of(people), body)
    assert made.status == 201, made.content
    return made.headers["Location"]


async def test_a_conversation_is_begun_and_found(service: Caller, people: People) -> None:
    body = {"guildId": "7000", "title": "Roster", "personalityMode": "analyst"}
    made = await service.post(of(people), body)
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/conversations/{made.json['id']}"
    assert (await service.get(made.headers["Location"])).json == made.json
    assert {name: made.json[name] for name in body} == body
    assert (made.json["userId"], made.json["lastMessageAt"]) == (str(people.ids["member"]), None)
    private = (await service.post(of(people), {})).json
    assert (private["guildId"], private["title"], private["personalityMode"]) == (None, None, None)


async def test_what_a_conversation_refers_to_must_be_there(
    service: Caller, people: People, db: Database
) -> None:
    answer = await service.post(f"/v1/users/{MISSING}/conversations", {})
    assert (answer.status, answer.code) == (404, "not_found")
    unknown = await service.post(of(people), {"guildId": "7001"})
    await db.guilds.soft_delete(7000)
    deleted = await service.post(of(people), {"guildId": "7000"})
    for answer in (unknown, deleted):
        assert (answer.status, answer.code) == (422, "missing_reference")
        assert answer.pointers == ["/guildId"]


async def test_a_change_leaves_what_is_not_sent_and_null_erases(
    service: Caller, people: People
) -> None:
    path = await begun(service, people, title="Roster", personalityMode="analyst")
    changed = (await service.patch(path, {"title": None})).json
    assert (changed["title"], changed["personalityMode"]) == (None, "analyst")
    assert (await service.patch(path, {})).json == changed


async def test_conversations_are_listed_by_guild_and_in_both_orders(
    service: Caller, people: People, db: Database
) -> None:
    await db.conversations.delete(people.things["conversation_id"])
    for title, guild in (("first", "7000"), ("second", None), ("third", "7000")):
        await begun(service, people, title=title, guildId=guild)
    assert titles(await service.get(of(people))) == ["third", "second", "first"]
    assert titles(await service.get(of(people) + "?guildId=7000&sort=oldest")) == ["first", "third"]
    first = (await service.get(of(people) + "?limit=2")).json
    rest = await service.get(of(people) + f"?limit=2&cursor={first['nextCursor']}")
    assert titles(rest) == ["first"]


async def test_a_deleted_conversation_is_in_the_bin_until_it_is_restored(
    service: Caller, people: People, db: Database
) -> None:
    path = f"/v1/conversations/{people.things['conversation_id']}"
    await service.post(f"{path}/messages", {"text": "kept"})
    assert (await service.delete(path)).status == 204
    for answer in (await service.get(path), await service.patch(path, {"title": "x"})):
        assert answer.code == "not_found"
    assert (await service.delete(path)).code == "not_found"
    assert titles(await service.get(of(people))) == []
    (deleted,) = (await service.get(of(people, rest="deleted-conversations"))).json["data"]
    assert deleted["id"] == str(people.things["conversation_id"])
    restored = await service.post(f"/v1/deleted-conversations/{deleted['id']}/restore")
    assert restored.json == (await service.get(path)).json
    assert [row["text"] for row in (await service.get(f"{path}/messages")).json["data"]] == ["kept"]
    again = await service.post(f"/v1/deleted-conversations/{deleted['id']}/restore")
    assert (again.status, again.code) == (404, "not_found")


@pytest.mark.parametrize("deleted_before", [True, False])
async def test_a_conversation_goes_for_good_with_its_messages(
    anyone: Caller, people: People, *, deleted_before: bool
) -> None:
    member = anyone.bearing(people.tokens["member"])
    path = f"/v1/conversations/{people.things['conversation_id']}"
    said = (await member.post(f"{path}/messages", {"text": "gone"})).headers["Location"]
    if deleted_before:
        assert (await member.delete(path)).status == 204
    assert (await member.delete(f"{path}?permanent=true")).status == 204
    assert (await member.get(said)).code == "not_found"
    assert titles(await member.get(of(people, rest="deleted-conversations"))) == []


@pytest.mark.parametrize("caller", ["stranger", "moderator", "admin", "owner"])
async def test_a_conversation_is_its_persons_alone_deleted_or_not(
    anyone: Caller, people: People, db: Database, caller: str
) -> None:
    session = anyone.bearing(people.tokens[caller])
    own = people.things["conversation_id"]
    path = f"/v1/conversations/{own}"
    tries: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("GET", f"{path}/messages", None),
        ("POST", f"{path}/messages", {"text": "x"}),
        ("PATCH", path, {"title": "x"}),
        ("DELETE", path, None),
        ("DELETE", f"{path}?permanent=true", None),
        ("POST", f"/v1/deleted-conversations/{own}/restore", None),
    ]
    before = await db.conversations.get(own)
    for method, where, body in tries:
        answer = await session.call(method, where, body)
        assert (answer.status, answer.code) == (404, "not_found"), (method, where)
    assert await db.conversations.get(own) == before
    await db.conversations.soft_delete(own)
    for method, where, body in tries:
        assert (await session.call(method, where, body)).code == "not_found", (method, where)
    assert (await db.conversations.list_deleted(people.ids["member"])).items[0].id == own
    for where in (of(people), of(people, rest="deleted-conversations")):
        assert (await session.get(where)).code == "not_your_account"
    assert (await session.post(of(people), {})).code == "not_your_account"


async def test_a_session_begins_conversations_in_its_own_guilds_alone(
    anyone: Caller, people: People
) -> None:
    """A guild one does not belong to looks like one that does not exist."""
    stranger = anyone.bearing(people.tokens["stranger"])
    documents = []
    for guild_id in ("7000", "7001"):
        answer = await stranger.post(of(people, "stranger"), {"guildId": guild_id})
        assert (answer.status, answer.code) == (422, "missing_reference")
        documents.append((answer.json["detail"], answer.json["errors"]))
    assert documents[0] == documents[1]
    assert (await stranger.post(of(people, "stranger"), {})).status == 201
    member = anyone.bearing(people.tokens["member"])
    assert (await member.post(of(people), {"guildId": "7000"})).json["guildId"] == "7000"


async def test_keys_reach_conversations_by_their_scopes(
    anyone: Caller, people: People, db: Database
) -> None:
    reader = anyone.bearing((await db.api_keys.create("r", ["chat:read"])).key)
    path = f"/v1/conversations/{people.things['conversation_id']}"
    assert (await reader.get(path)).status == 200
    for answer in (await reader.patch(path, {"title": "x"}), await reader.delete(path)):
        assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert (await anyone.get(path)).code == "unauthenticated"


async def test_a_conversation_shows_when_it_was_last_spoken_in(
    service: Caller, people: People, db: Database
) -> None:
    conversation = await make.conversation(db, user_id=people.ids["member"])
    path = f"/v1/conversations/{conversation.id}"
    said = (await service.post(f"{path}/messages", {"text": "x"})).json
    assert (await service.get(path)).json["lastMessageAt"] == said["createdAt"]
