"""What callers prefer (RFC 7240), over HTTP: smaller answers, totals, bounds, and calls that keep nothing."""

import time
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service import prefer, totals
from service.app import GROUPS, endpoints
from service.problems import Refusal
from slimy_dal.domain.database import Database
from tests.service.conftest import Answer, Caller, People

GUILD = "/v1/guilds/7000"
EVERY = frozenset(prefer.VALUES)
PREFER, APPLIED = "Prefer", "Preference-Applied"


def preferring(text: str, **more: str) -> dict[str, str]:
    return {PREFER: text, **more}


async def audited(db: Database) -> int:
    return len((await db.audit_logs.list(limit=200)).items)


# -- how the header is read ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        (["return=minimal"], {"return": "minimal"}),
        (["Return = Minimal"], {"return": "minimal"}),
        (['return="minimal"; foo=bar, count="ex\\act"'], {"return": "minimal", "count": "exact"}),
        (["return=minimal", "tx=rollback"], {"return": "minimal", "tx": "rollback"}),
        (["return=minimal, return=representation"], {"return": "minimal"}),
        (["return=nothing, return=minimal"], {}),
        (['wait="a, return=minimal", count=exact'], {"count": "exact"}),
        (["respond-async, wait=10, max-affected=0"], {"max-affected": "0"}),
        (["max-affected=-1, count=, tx"], {}),
        (["max-affected=1000000000"], {}),
        ([",, ,return=minimal,"], {"return": "minimal"}),
        (["=x, (, return=minimal"], {"return": "minimal"}),
        (['return=minimal, "tx=rollback'], {"return": "minimal"}),
        (["handling=lenient, foo"], {}),
        ([""], {}),
    ],
)
def test_what_is_understood_counts_and_the_rest_is_passed_over(
    sent: list[str], asked: dict[str, str]
) -> None:
    assert prefer.of(sent, EVERY).asked == asked


@pytest.mark.parametrize(
    "sent", ["foo", "return=nothing", "tx", "(", "max-affected=-1", 'return="minimal']
)
def test_a_strict_caller_hears_of_what_cannot_be_done(sent: str) -> None:
    assert prefer.of([sent], EVERY).asked == {}
    for text in (f"handling=strict, {sent}", f'{sent.rstrip()}, Handling="Strict"'):
        if text.count('"') % 2:
            continue
        with pytest.raises(Refusal, match="invalid_header"):
            prefer.of([text], EVERY)


def test_of_two_ways_to_handle_it_the_first_counts() -> None:
    assert not prefer.of(["handling=lenient, handling=strict, foo"], EVERY).is_strict


@pytest.mark.parametrize("one", ['"', '"\\', "a=" + " ", "a" + "\t", ";", ","])
def test_reading_takes_no_time_worth_mentioning(one: str) -> None:
    # The processor's time: a machine that is busy with others is none of ours.
    began = time.process_time()
    prefer.of([(one * prefer.LONGEST)[: prefer.LONGEST]], EVERY)
    assert time.process_time() - began < 0.5
    with pytest.raises(Refusal, match="invalid_header"):
        prefer.of(["a" * (prefer.LONGEST + 1)], EVERY)


async def test_a_strict_request_is_refused_with_the_headers_name_and_nothing_is_done(
    service: Caller, people: People, db: Database
) -> None:
    for text in ("handling=strict, wait=5", "handling=strict, count=exact, return=minimal"):
        answer = await service.patch(GUILD, {"name": "x"}, headers=preferring(text))
        assert (answer.status, answer.code, answer.pointers) == (400, "invalid_header", [PREFER])
    assert (await db.guilds.get(7000)).name == "Testers"
    lenient = await service.patch(GUILD, {"name": "x"}, headers=preferring("wait=5, count=exact"))
    assert (lenient.status, lenient.headers.get(APPLIED)) == (200, None)
    fine = "handling=strict, return=minimal"
    done = await service.patch(GUILD, {"name": "y"}, headers=preferring(fine))
    assert (done.status, done.headers[APPLIED]) == (204, fine)


async def test_preferences_come_in_several_headers(service: Caller, people: People) -> None:
    headers = [
        ("Authorization", f"Bearer {service.token}"),
        (PREFER, "tx=rollback"),
        (PREFER, "return=minimal"),
    ]
    url = f"{service.address}{GUILD}"
    async with service.session.patch(url, json={"name": "x"}, headers=headers) as response:
        assert response.status == 204
        assert response.headers[APPLIED] == "tx=rollback, return=minimal"


# -- return ----------------------------------------------------------------------------------------


async def test_a_minimal_answer_has_no_body_and_says_where_and_which_version(
    service: Caller, people: People
) -> None:
    body = {"id": "5", "name": "a"}
    made = await service.post("/v1/guilds", body, headers=preferring("return=minimal"))
    assert (made.status, made.content, made.headers["Content-Length"]) == (201, b"", "0")
    assert "Content-Type" not in made.headers
    assert made.headers[APPLIED] == "return=minimal"
    read = await service.get(made.headers["Location"])
    assert read.json["name"] == "a"
    changed = await service.patch(
        made.headers["Location"], {"name": "b"}, headers=preferring("return=minimal")
    )
    assert (changed.status, changed.content) == (204, b"")
    tag = changed.headers["ETag"]
    again = {"If-Match": tag}
    assert (await service.patch("/v1/guilds/5", {"name": "c"}, headers=again)).status == 200
    assert (await service.patch("/v1/guilds/5", {"name": "d"}, headers=again)).status == 412


async def test_the_whole_answer_is_what_comes_anyway(service: Caller, people: People) -> None:
    answer = await service.patch(GUILD, {"name": "x"}, headers=preferring("return=representation"))
    assert (answer.status, answer.json["name"]) == (200, "x")
    assert answer.headers[APPLIED] == "return=representation"
    assert "Prefer" in answer.headers["Vary"]


async def test_what_one_must_see_is_not_left_out(service: Caller, people: People) -> None:
    """A secret is shown once, and results say which entries failed."""
    minimal = preferring("return=minimal")
    made = await service.post(
        "/v1/api-keys", {"name": "a", "scopes": ["guilds:read"]}, headers=minimal
    )
    assert made.json["key"].startswith("slimy_")
    body = {"userIds": [str(uuid4())]}
    removed = await service.post(f"{GUILD}/members:remove", body, headers=minimal)
    assert removed.json["results"][0]["ok"] is False
    for answer in (made, removed):
        assert APPLIED not in answer.headers


async def test_a_kept_answer_is_whole_however_the_first_was_preferred(service: Caller) -> None:
    key, body = str(uuid4()), {"id": "5", "name": "a"}
    headers = {"Idempotency-Key": key}
    first = await service.post("/v1/guilds", body, headers=preferring("return=minimal", **headers))
    again = await service.post("/v1/guilds", body, headers=headers)
    third = await service.post("/v1/guilds", body, headers=preferring("return=minimal", **headers))
    assert (first.content, again.json["name"], third.content) == (b"", "a", b"")
    assert {one.status for one in (first, again, third)} == {201}
    assert again.headers["Idempotency-Replayed"] == third.headers["Idempotency-Replayed"] == "true"


# -- count -----------------------------------------------------------------------------------------


def total(answer: Answer) -> tuple[str | None, str | None]:
    return answer.headers.get(totals.TOTAL), answer.headers.get(totals.TOTAL_IS)


async def test_lists_tell_their_length_to_who_prefers_to_know(
    service: Caller, people: People, db: Database
) -> None:
    for number in range(1, 4):
        await db.guilds.create(number, name="a")
    await db.guilds.soft_delete(3)
    exact = preferring("count=exact")
    for path, number in (("/v1/guilds", 3), ("/v1/users", 5), (f"{GUILD}/members", 4)):
        answer = await service.get(f"{path}?limit=1", headers=exact)
        assert total(answer) == (str(number), "exact"), path
        assert (answer.headers[APPLIED], len(answer.json["data"])) == ("count=exact", 1)
        assert "Prefer" in answer.headers["Vary"].split(", ")
        plain = await service.get(f"{path}?limit=1")
        assert total(plain) == (None, None)
        assert "Prefer" in plain.headers["Vary"].split(", ")
        head = await service.call("HEAD", f"{path}?limit=1", headers=exact)
        assert total(head) == total(answer)
        known = {"If-None-Match": answer.headers["ETag"]}
        unchanged = await service.get(f"{path}?limit=1", headers=exact | known)
        assert (unchanged.status, total(unchanged)) == (304, total(answer))


async def test_messages_for_admins_are_counted_for_admins_alone(
    anyone: Caller, people: People, db: Database
) -> None:
    for hidden in (True, True, False):
        await db.chat_messages.create(people.ids["admin"], "a", guild_id=7000, admin_only=hidden)
    exact = preferring("count=exact")
    admin, member = (anyone.bearing(people.tokens[role]) for role in ("admin", "member"))
    path = f"{GUILD}/messages"
    assert total(await member.get(path, headers=exact)) == ("2", "exact")
    assert total(await admin.get(f"{path}?adminOnly=include", headers=exact)) == ("4", "exact")
    refused = await member.get(f"{path}?adminOnly=include", headers=exact)
    assert (refused.code, total(refused)) == ("role_required", (None, None))
    alone = await admin.get(f"{path}?adminOnly=true", headers=exact)
    assert (alone.status, total(alone)) == (200, (None, None))


async def test_where_a_list_cannot_be_counted_a_strict_caller_is_told(
    service: Caller, people: People
) -> None:
    for path in ("/v1/users?search=a", f"{GUILD}/members?role=member", f"{GUILD}/stats"):
        lenient = await service.get(path, headers=preferring("count=exact"))
        assert (lenient.status, lenient.headers.get(APPLIED)) == (200, None)
        assert total(lenient) == (None, None)
        strict = await service.get(path, headers=preferring("handling=strict, count=exact"))
        assert (strict.code, strict.pointers) == ("invalid_header", [PREFER])


async def test_a_count_stops_and_says_so_and_estimates_go_on(
    service: Caller, people: People, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "BOUNDS", {"exact": 4, "estimated": 2})
    exact, estimated = preferring("count=exact"), preferring("count=estimated")
    assert total(await service.get("/v1/users", headers=exact)) == ("4", "at-least")
    assert total(await service.get(f"{GUILD}/members", headers=exact)) == ("4", "exact")
    assert total(await service.get(f"{GUILD}/members", headers=estimated)) == ("2", "at-least")
    # Nothing gathered yet: what is not known is not told.
    assert total(await service.get("/v1/users", headers=estimated)) == ("2", "at-least")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE slimy.users")
    answer = await service.get("/v1/users", headers=estimated)
    assert (total(answer), answer.headers[APPLIED]) == (("5", "estimate"), "count=estimated")


# -- max-affected ----------------------------------------------------------------------------------


async def test_a_call_that_would_change_more_than_it_may_changes_nothing(
    service: Caller, people: People, db: Database
) -> None:
    everyone = {"userIds": [str(people.ids[role]) for role in ("member", "moderator", "stranger")]}
    before = await audited(db)
    path = f"{GUILD}/members:remove"
    refused = await service.post(path, everyone, headers=preferring("max-affected=1"))
    assert (refused.status, refused.code, refused.pointers) == (409, "too_many_affected", [PREFER])
    assert await db.memberships.count(7000) == 4
    assert await audited(db) == before
    # The stranger is no member: two are changed.
    done = await service.post(path, everyone, headers=preferring("max-affected=2"))
    assert (done.status, done.headers[APPLIED]) == (200, "max-affected=2")
    assert await db.memberships.count(7000) == 2


CALLS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/v1/stats:batch", {"stats": [{"type": "a", "value": 1}] * 2}),
    ("POST", "/v1/messages:batch", {"messages": [{"userId": "{member}", "text": "a"}] * 2}),
    (
        "POST",
        f"{GUILD}/club-members:ingest",
        {
            "observedAt": "2026-01-02T00:00:00Z",
            "members": [{"memberKey": key, "name": key, "simPower": 1} for key in ("a", "b")],
        },
    ),
    ("DELETE", "/v1/users/{member}/sessions", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": "once-only"}])
async def test_every_call_of_many_things_knows_how_many_they_are(
    service: Caller,
    people: People,
    db: Database,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    keyed: dict[str, str],
) -> None:
    await db.sessions.create(
        people.ids["member"], expires_at=(await _open(db, people))[0].expires_at
    )
    member = str(people.ids["member"])
    text = path.format(member=member)
    filled = body and {
        name: [{**one, "userId": member} if "userId" in one else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in body.items()
    }
    if method != "POST":
        keyed = {}
    sent = preferring("max-affected=1", **keyed)
    refused = await service.call(method, text, filled, headers=sent)
    assert (refused.status, refused.code) == (409, "too_many_affected")
    assert len(await _open(db, people)) == 2
    # Nothing was kept: not even the key's record, so that the call can be sent again.
    sent = preferring("max-affected=2", **keyed)
    done = await service.call(method, text, filled, headers=sent)
    assert done.status == 200
    assert "Idempotency-Replayed" not in done.headers


async def _open(db: Database, people: People) -> Any:
    return (await db.sessions.list(people.ids["member"])).items


def test_every_call_that_takes_a_bound_is_tried_above() -> None:
    bounded = {
        endpoint.route.operation_id for endpoint in endpoints(GROUPS) if endpoint.route.affects
    }
    assert bounded == {
        "chat_messages_create_many",
        "club_members_ingest",
        "memberships_add_many",
        "memberships_remove_many",
        "memberships_set_roles_many",
        "sessions_end_all",
        "stats_record_many",
    }


# -- tx=rollback -----------------------------------------------------------------------------------


async def test_a_rehearsal_answers_as_ever_and_keeps_nothing(
    service: Caller, people: People, db: Database
) -> None:
    before = await audited(db)
    rehearsed = preferring("tx=rollback")
    answer = await service.patch(GUILD, {"name": "x"}, headers=rehearsed)
    assert (answer.status, answer.json["name"]) == (200, "x")
    assert answer.headers[APPLIED] == "tx=rollback"
    made = await service.post("/v1/guilds", {"id": "5", "name": "a"}, headers=rehearsed)
    assert (made.status, made.headers["Location"]) == (201, "/v1/guilds/5")
    told = await service.post("/v1/stats", {"type": "a", "value": 1}, headers=rehearsed)
    assert told.status == 201
    gone = await service.delete(f"{GUILD}?permanent=true", headers=rehearsed)
    assert gone.status == 204
    assert (await db.guilds.get(7000)).name == "Testers"
    assert (await service.get("/v1/guilds/5")).code == "not_found"
    assert (await db.stats.list()).items == []
    assert await audited(db) == before
    assert (await db.memberships.count(7000)) == 4


async def test_a_rehearsal_fails_as_the_call_would(service: Caller, people: People) -> None:
    rehearsed = preferring("tx=rollback")
    taken = await service.post("/v1/guilds", {"id": "7000", "name": "a"}, headers=rehearsed)
    assert taken.code == "already_exists"
    stale = {"If-Match": '"1.0123456789abcdef"'}
    answer = await service.patch(GUILD, {"name": "x"}, headers=rehearsed | stale)
    assert answer.code == "stale_version"


async def test_a_key_is_not_used_up_by_a_rehearsal(service: Caller) -> None:
    body, key = {"id": "5", "name": "a"}, {"Idempotency-Key": "rehearsed-1"}
    for _ in range(2):
        tried = await service.post("/v1/guilds", body, headers=preferring("tx=rollback", **key))
        assert (tried.status, "Idempotency-Replayed" in tried.headers) == (201, False)
    done = await service.post("/v1/guilds", body, headers=key)
    assert (done.status, "Idempotency-Replayed" in done.headers) == (201, False)
    assert (await service.get("/v1/guilds/5")).status == 200


async def test_a_revoked_key_lives_on_after_a_rehearsal(
    service: Caller, people: People, db: Database
) -> None:
    made = await db.api_keys.create("a", ["guilds:read"])
    path = f"/v1/api-keys/{made.api_key.id}"
    assert (await service.delete(path, headers=preferring("tx=rollback"))).status == 204
    assert (await service.bearing(made.key).get("/v1/guilds")).status == 200


async def test_what_cannot_be_undone_is_not_rehearsed(service: Caller, people: People) -> None:
    path = "/v1/sessions:purge-expired"
    strict = await service.post(path, headers=preferring("handling=strict, tx=rollback"))
    assert strict.code == "invalid_header"


# -- the document ----------------------------------------------------------------------------------


def test_the_document_says_of_every_route_what_it_can_follow(anyone: Caller) -> None:
    for endpoint in endpoints(GROUPS):
        route = endpoint.route
        operation = anyone.documented.operation(route.method, route.path)
        assert operation is not None
        taken = {one["name"]: one for one in operation["parameters"]}
        assert (PREFER in taken) == bool(endpoint.prefers), route
        told = operation["responses"][str(endpoint.status)]["headers"]
        assert (APPLIED in told) == bool(endpoint.prefers), route
        assert (totals.TOTAL in told) == (route.counts is not None), route
        if prefer.RETURN in endpoint.prefers:
            assert {"204", "201"} & set(operation["responses"]), route
        for name in endpoint.prefers:
            assert prefer.DESCRIPTIONS[name] in taken[PREFER]["description"]
        writes = route.method != "GET" and not route.policy.public and route.keeps_answer
        assert (prefer.TX in endpoint.prefers) == writes, route
        if route.entries:
            assert (prefer.RETURN in endpoint.prefers) == (route.entries == "all"), route
