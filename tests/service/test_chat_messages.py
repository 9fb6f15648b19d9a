"""Chat messages over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
GUILD = "/v1/guilds/7000/messages"
ADMINS = {"owner", "admin"}
EVERYBODY = ("stranger", "member", "moderator", "admin", "owner")


def texts(answer: Any) -> list[str]:
    return [row["text"] for row in answer.json["data"]]


def said(people: People, who: str = "member", **fields: Any) -> dict[str, Any]:
    return {"userId": str(people.ids[who]), "text": "Hello", **fields}


def conversation_of(people: People) -> str:
    return f"/v1/conversations/{people.things['conversation_id']}/messages"


async def test_what_is_said_in_a_conversation_is_its_persons_and_in_its_guild(
    service: Caller, people: People
) -> None:
    path = conversation_of(people)
    made = await service.post(path, {"text": "Hi"})
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/messages/{made.json['id']}"
    assert (made.json["userId"], made.json["guildId"]) == (str(people.ids["member"]), "7000")
    assert (made.json["role"], made.json["adminOnly"]) == ("user", False)
    await service.post(path, {"text": "Hello", "role": "assistant"})
    assert texts(await service.get(path)) == ["Hi", "Hello"]
    assert texts(await service.get(f"{path}?sort=newest&limit=1")) == ["Hello"]
    assert (await service.post(f"/v1/conversations/{MISSING}/messages", {"text": "x"})).code == (
        "not_found"
    )


async def test_a_message_comes_with_its_author(service: Caller, people: People) -> None:
    made = await service.post(GUILD, said(people, text="Hi"))
    found = (await service.get(made.headers["Location"])).json
    assert found["author"]["id"] == str(people.ids["member"])
    assert found["author"]["discordId"] == "1004"
    assert (await service.get(GUILD)).json["data"][0] == found


async def test_the_longest_text_is_kept_even_with_each_character_escaped(
    service: Caller, people: People
) -> None:
    text = "\U0001f525" * 32_000
    made = await service.post(conversation_of(people), {"text": text})
    assert (made.status, made.json["text"]) == (201, text)


async def test_what_a_message_refers_to_must_be_there(
    service: Caller, people: People, db: Database
) -> None:
    answer = await service.post("/v1/guilds/7001/messages", said(people))
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await service.post(GUILD, {**said(people), "userId": MISSING})
    assert (answer.status, answer.code, answer.pointers) == (422, "missing_reference", ["/userId"])
    foreign = await make.conversation(db, user_id=people.ids["admin"], guild_id=7000)
    for conversation in (MISSING, str(foreign.id)):
        answer = await service.post(GUILD, said(people, conversationId=conversation))
        assert (answer.status, answer.code) == (422, "missing_reference")
        assert "/conversationId" in answer.pointers
    own = str(people.things["conversation_id"])
    await db.conversations.soft_delete(people.things["conversation_id"])
    answer = await service.post(GUILD, said(people, conversationId=own))
    assert (answer.code, answer.pointers) == ("missing_reference", ["/conversationId"])
    await db.conversations.restore(people.things["conversation_id"])
    await db.guilds.soft_delete(7000)
    for body in (said(people), said(people, conversationId=own)):
        assert (await service.post(GUILD, body)).code == "not_found"


async def test_only_a_guild_has_messages_for_admins(service: Caller, people: People) -> None:
    private = await service.post(f"/v1/users/{people.ids['member']}/conversations", {})
    path = private.headers["Location"] + "/messages"
    answer = await service.post(path, {"text": "x", "adminOnly": True})
    assert (answer.status, answer.code, answer.pointers) == (
        422,
        "validation_failed",
        ["/adminOnly"],
    )
    plain = (await service.post(path, {"text": "x"})).headers["Location"]
    assert (await service.patch(plain, {"adminOnly": True})).pointers == ["/adminOnly"]


async def hidden(service: Caller, people: People, role: str = "member") -> str:
    """Say something for admins only to a person in a guild, and return its path."""
    made = await service.post(GUILD, said(people, role, text="hidden", adminOnly=True))
    return made.headers["Location"]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_what_is_for_admins_only_is_read_by_them_alone(
    anyone: Caller, service: Caller, people: People, caller: str
) -> None:
    session = anyone.bearing(people.tokens[caller])
    path = await hidden(service, people)
    answers = [await session.get(f"{GUILD}?adminOnly={which}") for which in ("true", "include")]
    if caller in ADMINS:
        assert [len(texts(answer)) for answer in answers] == [1, 2]
        assert (await session.get(path)).json["text"] == "hidden"
    else:
        code = "not_found" if caller == "stranger" else "role_required"
        assert {answer.code for answer in answers} == {code}
        for method, body in (("GET", None), ("PATCH", {"text": "x"}), ("DELETE", None)):
            answer = await session.call(method, path, body)
            assert (answer.status, answer.code) == (404, "not_found"), method
    if caller != "stranger":
        assert "hidden" not in texts(await session.get(GUILD))
    own = await session.get(f"/v1/users/{people.ids[caller]}/messages")
    assert "hidden" not in texts(own)


async def test_an_admin_who_is_one_no_more_reads_no_more_what_is_for_admins(
    anyone: Caller, service: Caller, people: People, db: Database
) -> None:
    admin = anyone.bearing(people.tokens["admin"])
    begun = await admin.post(f"/v1/users/{people.ids['admin']}/conversations", {"guildId": "7000"})
    timeline = begun.headers["Location"] + "/messages"
    for body in ({"text": "hidden", "adminOnly": True}, {"text": "open"}):
        assert (await admin.post(timeline, body)).status == 201
    (path,) = [f"/v1/messages/{row['id']}" for row in (await admin.get(timeline)).json["data"][:1]]
    assert texts(await admin.get(timeline)) == ["hidden", "open"]
    await db.memberships.set_roles(7000, people.ids["admin"], ["member"])
    assert texts(await admin.get(timeline)) == ["open"]
    assert (await admin.get(path)).code == "not_found"
    assert texts(await service.get(timeline)) == ["hidden", "open"]
    refused = await admin.post(timeline, {"text": "x", "adminOnly": True})
    assert (refused.status, refused.code) == (403, "role_required")


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_member_speaks_in_their_guild_in_their_own_name(
    anyone: Caller, people: People, caller: str
) -> None:
    session = anyone.bearing(people.tokens[caller])
    answer = await session.post(GUILD, said(people, caller))
    if caller == "stranger":
        assert (answer.status, answer.code) == (404, "not_found")
        return
    assert answer.status == 201
    other = await session.post(GUILD, said(people, "admin" if caller != "admin" else "owner"))
    assert (other.status, other.code) == (403, "not_your_account")
    for role in ("assistant", "system"):
        refused = await session.post(GUILD, said(people, caller, role=role))
        assert (refused.status, refused.code) == (403, "service_only")
    for_admins = await session.post(GUILD, said(people, caller, adminOnly=True))
    assert for_admins.status == (201 if caller in ADMINS else 403)


async def test_a_session_does_not_speak_for_the_assistant(anyone: Caller, people: People) -> None:
    member = anyone.bearing(people.tokens["member"])
    answer = await member.post(conversation_of(people), {"text": "x", "role": "system"})
    assert (answer.status, answer.code) == (403, "service_only")
    assert texts(await member.get(conversation_of(people))) == []


REWRITE, HIDE = {"text": "changed"}, {"adminOnly": True}


@pytest.mark.parametrize(
    ("caller", "rewrite", "hide", "remove"),
    [
        ("stranger", 404, 404, 404),
        ("moderator", 403, 403, 403),
        ("member", 200, 403, 204),
        ("admin", 403, 200, 204),
        ("owner", 403, 200, 204),
    ],
)
async def test_an_author_rewrites_and_admins_hide_and_both_remove(
    anyone: Caller, people: People, db: Database, caller: str, rewrite: int, hide: int, remove: int
) -> None:
    session = anyone.bearing(people.tokens[caller])
    path = f"/v1/messages/{people.things['message_id']}"
    before = await db.chat_messages.get(people.things["message_id"])
    both = await session.patch(path, {**REWRITE, **HIDE})
    assert both.status == max(rewrite, hide)
    assert await db.chat_messages.get(before.id) == before
    assert (await session.patch(path, REWRITE)).status == rewrite
    assert (await session.patch(path, HIDE)).status == hide
    assert (await session.delete(path)).status == remove


async def test_what_the_assistant_said_is_rewritten_by_services_alone(
    anyone: Caller, service: Caller, people: People
) -> None:
    member = anyone.bearing(people.tokens["member"])
    made = await service.post(conversation_of(people), {"text": "x", "role": "assistant"})
    path = made.headers["Location"]
    assert (await member.patch(path, REWRITE)).code == "role_required"
    assert (await service.patch(path, REWRITE)).json["text"] == "changed"
    assert (await service.patch(path, {"text": None})).pointers == ["/text"]
    assert (await member.delete(path)).status == 204


async def test_an_admin_of_one_guild_is_a_stranger_in_the_next(
    anyone: Caller, people: People, db: Database
) -> None:
    elsewhere = await make.guild(db)
    foreign = await make.message(db, guild_id=elsewhere.id)
    private = await make.message(db, user_id=people.ids["member"])
    admin = anyone.bearing(people.tokens["admin"])
    for one in (foreign.id, private.id, MISSING):
        for method, body in (("GET", None), ("PATCH", {"text": "x"}), ("DELETE", None)):
            answer = await admin.call(method, f"/v1/messages/{one}", body)
            assert (answer.status, answer.code) == (404, "not_found")
            assert answer.json["detail"] == "there is no such message"


async def test_the_author_keeps_their_words_when_they_leave_the_guild(
    anyone: Caller, people: People, db: Database
) -> None:
    member = anyone.bearing(people.tokens["member"])
    path = f"/v1/messages/{people.things['message_id']}"
    await db.memberships.remove(7000, people.ids["member"])
    assert (await member.get(path)).status == 200
    assert (await member.get(GUILD)).code == "not_found"
    await db.guilds.soft_delete(7000)
    assert (await member.get(path)).code == "not_found"


async def test_a_user_reads_the_messages_of_nobody_else(anyone: Caller, people: People) -> None:
    admin = anyone.bearing(people.tokens["admin"])
    answer = await admin.get(f"/v1/users/{people.ids['member']}/messages")
    assert (answer.status, answer.code) == (403, "not_your_account")
    member = anyone.bearing(people.tokens["member"])
    assert len(texts(await member.get(f"/v1/users/{people.ids['member']}/messages"))) == 1


async def test_a_key_bound_to_guilds_speaks_there_alone(
    anyone: Caller, people: People, db: Database
) -> None:
    made = await db.api_keys.create("bound", ["chat:read", "chat:write"], guild_ids=[7000])
    bound = anyone.bearing(made.key)
    assert (await bound.post(GUILD, said(people))).status == 201
    assert (await bound.get(f"{GUILD}?adminOnly=include")).status == 200
    assert (await bound.get("/v1/guilds/7001/messages")).code == "not_found"
    path = f"/v1/messages/{people.things['message_id']}"
    assert (await bound.patch(path, {"text": "x"})).json["text"] == "x"
    elsewhere = await make.message(db, user_id=people.ids["member"])
    assert (await bound.get(f"/v1/messages/{elsewhere.id}")).code == "not_found"


async def test_what_is_missing_is_told_apart_inside_a_transaction_too(
    service: Caller, people: People, db: Database
) -> None:
    await db.guilds.create(7001, name="Others")
    conversation = str(people.things["conversation_id"])
    nothing = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
    for more in ({}, {"Prefer": "tx=rollback"}):
        for path, given, code in (
            (GUILD, nothing, "missing_reference"),
            ("/v1/guilds/7001/messages", conversation, "missing_reference"),
            ("/v1/guilds/7002/messages", None, "not_found"),
        ):
            body = said(people, conversationId=given)
            answer = await service.post(path, body, headers=more)
            assert answer.code == code, (path, more)
            if code == "missing_reference":
                assert answer.pointers == ["/conversationId"]


async def test_a_repeated_post_says_it_once(service: Caller, people: People) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await service.post(conversation_of(people), {"text": "x"}, headers=headers)
    again = await service.post(conversation_of(people), {"text": "x"}, headers=headers)
    assert (again.status, again.json) == (201, first.json)
    assert texts(await service.get(conversation_of(people))) == ["x"]


def batch(people: People, count: int) -> list[dict[str, Any]]:
    own = str(people.things["conversation_id"])
    return [said(people, text=f"{number}", conversationId=own) for number in range(count)]


async def test_a_thousand_messages_are_kept_in_one_call_in_their_order(
    service: Caller, people: People
) -> None:
    messages = batch(people, 1000)
    messages[0]["createdAt"] = "2016-01-01T00:00:00Z"
    answer = await service.post("/v1/messages:batch", {"messages": messages})
    assert answer.status == 200
    assert len({UUID(one) for one in answer.json["ids"]}) == 1000
    listed = await service.get(f"{conversation_of(people)}?limit=3")
    assert texts(listed) == ["0", "1", "2"]
    assert [row["id"] for row in listed.json["data"]] == answer.json["ids"][:3]
    assert listed.json["data"][0]["createdAt"] == "2016-01-01T00:00:00Z"
    assert listed.json["data"][0]["guildId"] == "7000"


async def test_one_bad_message_of_many_keeps_none(
    service: Caller, people: People, db: Database
) -> None:
    await db.guilds.create(7002, name="deleted")
    await db.guilds.soft_delete(7002)
    for wrong, code, field in (
        ({"userId": MISSING, "conversationId": None}, "missing_reference", "/userId"),
        ({"conversationId": MISSING}, "missing_reference", "/conversationId"),
        ({"guildId": "7001", "conversationId": None}, "missing_reference", "/guildId"),
        ({"guildId": "7002", "conversationId": None}, "missing_reference", ""),
        ({"conversationId": None, "adminOnly": True}, "validation_failed", "/adminOnly"),
        ({"createdAt": "2014-12-31T23:59:59Z"}, "validation_failed", "/createdAt"),
        ({"createdAt": "2050-01-01T00:00:00Z"}, "validation_failed", "/createdAt"),
    ):
        messages = batch(people, 7)
        messages[4].update(wrong)
        for headers in ({}, {"Idempotency-Key": "batch-1"}):
            body = {"messages": messages}
            answer = await service.post("/v1/messages:batch", body, headers=headers)
            assert (answer.status, answer.code) == (422, code), wrong
            assert f"/messages/4{field}" in answer.pointers, (wrong, answer.pointers)
            assert all(one.startswith("/messages/4") for one in answer.pointers), wrong
    assert texts(await service.get(conversation_of(people))) == []


async def test_batches_are_for_services_with_the_scope(
    anyone: Caller, people: People, db: Database
) -> None:
    body = {"messages": batch(people, 1)}
    owner = anyone.bearing(people.tokens["owner"])
    assert (await owner.post("/v1/messages:batch", body)).code == "service_only"
    reader = anyone.bearing((await db.api_keys.create("r", ["chat:read"])).key)
    assert (await reader.post("/v1/messages:batch", body)).code == "insufficient_scope"
