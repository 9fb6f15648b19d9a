"""Services that act for users, and API keys bound to guilds."""

from uuid import uuid4

import pytest

from service.principals import ACTING
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People

GUILD = "/v1/guilds/7000"


async def acting(
    caller: Caller, people: People, who: str, method: str, path: str, body: object = None
) -> str:
    """Return the status, and the code where there is one, of a call for a user."""
    answer = await caller.call(method, path, body, headers={ACTING: str(people.ids[who])})
    return f"{answer.status}" if answer.status < 400 else f"{answer.status} {answer.code}"


async def test_a_service_may_for_a_user_what_the_user_may(service: Caller, people: People) -> None:
    rename = {"name": "Renamed"}
    assert await acting(service, people, "owner", "PATCH", GUILD, rename) == "200"
    assert await acting(service, people, "member", "PATCH", GUILD, rename) == "403 role_required"
    assert await acting(service, people, "stranger", "GET", GUILD) == "404 not_found"
    own = f"/v1/users/{people.ids['member']}"
    assert await acting(service, people, "member", "GET", own) == "200"
    assert await acting(service, people, "owner", "GET", own) == "403 not_your_account"
    # What only services may, none may for a user.
    assert await acting(service, people, "owner", "DELETE", GUILD) == "403 service_only"
    assert (
        await acting(service, people, "owner", "GET", "/v1/sessions/current")
        == "403 session_required"
    )
    assert (await service.patch(GUILD, rename)).status == 200


async def test_a_service_may_for_a_user_no_more_than_its_own_scopes(
    service: Caller, people: People, db: Database
) -> None:
    reader = service.bearing((await db.api_keys.create("r", ["guilds:read", "users:act"])).key)
    assert await acting(reader, people, "owner", "GET", GUILD) == "200"
    assert (
        await acting(reader, people, "owner", "PATCH", GUILD, {"name": "x"})
        == "403 insufficient_scope"
    )


async def test_acting_needs_a_key_with_its_own_scope(
    anyone: Caller, people: People, db: Database
) -> None:
    scopes = [scope for scope in SCOPES if scope != "users:act"]
    for token in ((await db.api_keys.create("r", scopes)).key, people.tokens["owner"]):
        assert (
            await acting(anyone.bearing(token), people, "owner", "GET", GUILD)
            == "403 insufficient_scope"
        )


async def test_the_acting_user_is_an_id(service: Caller, people: People) -> None:
    answer = await service.get(GUILD, headers={ACTING: "owner"})
    assert (answer.status, answer.code, answer.pointers) == (400, "invalid_header", [ACTING])


async def test_a_key_bound_to_guilds_reaches_no_other(
    anyone: Caller, people: People, db: Database
) -> None:
    await db.guilds.create(7001, name="Others")
    bound = anyone.bearing((await db.api_keys.create("b", SCOPES, guild_ids=[7000])).key)
    assert (await bound.get(GUILD)).status == 200
    assert (await bound.patch(GUILD, {"name": "x"})).status == 200
    for path in ("/v1/guilds/7001", "/v1/guilds/7001/members", "/v1/guilds/7002"):
        assert (await bound.get(path)).code == "not_found"
    assert (await bound.delete("/v1/guilds/7001")).code == "not_found"


THINGS = ("analyses", "conversations", "messages")


async def test_a_key_bound_to_guilds_reaches_the_things_in_them(
    anyone: Caller, people: People, db: Database
) -> None:
    bound = anyone.bearing((await db.api_keys.create("b", SCOPES, guild_ids=[7000])).key)
    analysis, conversation, message = (
        f"/v1/{thing}/{people.things[name]}"
        for thing, name in zip(
            THINGS, ("analysis_id", "conversation_id", "message_id"), strict=True
        )
    )
    for path in (analysis, f"{analysis}/images", f"{analysis}/metrics", conversation, message):
        assert (await bound.get(path)).status == 200, path
    assert (await bound.patch(analysis, {"title": "x"})).json["title"] == "x"
    assert (await bound.patch(message, {"text": "x"})).json["text"] == "x"
    assert (await bound.post(f"{conversation}/messages", {"text": "x"})).status == 201
    assert len((await bound.get(f"{conversation}/messages")).json["data"]) == 1
    assert (await bound.delete(conversation)).status == 204
    deleted = conversation.replace("conversations", "deleted-conversations")
    assert (await bound.post(f"{deleted}/restore")).status == 200


async def test_a_thing_of_another_guild_looks_to_a_bound_key_like_one_that_does_not_exist(
    anyone: Caller, people: People, db: Database
) -> None:
    member = people.ids["member"]
    await db.guilds.create(7001, name="Others")
    bound = anyone.bearing((await db.api_keys.create("b", SCOPES, guild_ids=[7000])).key)
    other = {
        "analyses": [(await make.club_analysis(db, 7001, member)).id],
        "conversations": [
            (await make.conversation(db, user_id=member, guild_id=7001)).id,
            (await make.conversation(db, user_id=member)).id,
        ],
        "messages": [
            (await make.message(db, user_id=member, guild_id=7001)).id,
            (await make.message(db, user_id=member)).id,
        ],
    }
    for thing, ids in other.items():
        told = set()
        for one in (*ids, uuid4()):
            for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
                answer = await bound.call(method, f"/v1/{thing}/{one}", body)
                document = answer.json
                told.add((document["status"], document["code"], document["detail"]))
        assert len(told) == 1, told
        assert told.pop()[:2] == (404, "not_found")
    assert (await db.conversations.get(other["conversations"][0])).guild_id == 7001


async def test_a_bound_key_that_acts_for_a_user_may_what_both_may(
    anyone: Caller, people: People, db: Database
) -> None:
    await db.guilds.create(7001, name="Others", owner_id=people.ids["member"])
    there = await make.club_analysis(db, 7001, people.ids["member"])
    bound = anyone.bearing((await db.api_keys.create("b", SCOPES, guild_ids=[7000])).key)
    acting = {ACTING: str(people.ids["member"])}
    assert (await bound.get(f"/v1/analyses/{there.id}", headers=acting)).code == "not_found"
    here = f"/v1/analyses/{people.things['analysis_id']}"
    assert (await bound.get(here, headers=acting)).status == 200
    stranger = {ACTING: str(people.ids["stranger"])}
    assert (await bound.get(here, headers=stranger)).code == "not_found"


@pytest.mark.parametrize("path", ["/v1/guilds", "/v1/api-keys", "/v1/users/by-discord/1001"])
async def test_a_key_bound_to_guilds_reaches_nothing_beside_them(
    anyone: Caller, people: People, db: Database, path: str
) -> None:
    bound = anyone.bearing((await db.api_keys.create("b", SCOPES, guild_ids=[7000])).key)
    answer = await bound.get(path)
    assert (answer.status, answer.code) == (403, "key_bound_to_guilds")
    made = await bound.post("/v1/guilds", {"id": "7000", "name": "x"})
    assert made.code == "key_bound_to_guilds"


async def test_a_rotated_key_is_shown_once_and_the_old_one_ends_later(
    service: Caller, anyone: Caller
) -> None:
    body = {"name": "bot", "scopes": ["guilds:read"], "guildIds": ["7000"]}
    old = (await service.post("/v1/api-keys", body)).json
    assert old["apiKey"]["guildIds"] == ["7000"]
    path = f"/v1/api-keys/{old['apiKey']['id']}/rotate"
    new = (await service.post(path, {"overlapHours": 1})).json
    for key in (old["key"], new["key"]):
        assert (await anyone.bearing(key).get(GUILD)).code == "not_found"
    assert (await service.post(path, {"overlapHours": 0})).status == 201
    assert (await anyone.bearing(old["key"]).get(GUILD)).code == "unauthenticated"
    assert (await service.post(path, {})).code == "not_found"
