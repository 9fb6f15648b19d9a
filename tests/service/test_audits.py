"""Audited writes: what changes authority, settings or keys, or deletes, is kept with who did it (SPEC D10)."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.app import GROUPS, endpoints
from service.audits import clean
from service.idempotency_keys import HEADER, REPLAYED
from service.principals import ACTING
from slimy_dal.domain.audit_logs import DOTTED, AuditLog, AuditLogFilter
from slimy_dal.domain.database import Database
from slimy_dal.engine.isolation import on_behalf_of
from tests.service.conftest import Caller, People, soon

GUILD = "/v1/guilds/7000"
ID = "X-Request-Id"

PARTS = "a part is removed, its analysis stays"
CONTENT = "it adds or corrects content, and says itself whose it is"
OWN = "a person's own taste or whereabouts: nothing of anybody else hangs on it"
PROFILE = "what Discord tells about a person; no authority comes with it"
NOT_AUDITED = {
    "audit_logs_record": "it is an audit row",
    "chat_messages_change": CONTENT,
    "chat_messages_create_in_conversation": CONTENT,
    "chat_messages_create_in_guild": CONTENT,
    "chat_messages_create_many": CONTENT,
    "club_analyses_change": CONTENT,
    "club_analyses_create": CONTENT,
    "club_analysis_images_add_many": CONTENT,
    "club_analysis_images_remove": PARTS,
    "club_members_ingest": CONTENT,
    "club_metrics_put": CONTENT,
    "club_metrics_remove": PARTS,
    "club_metrics_replace": CONTENT,
    "code_reports_create": CONTENT,
    "conversations_change": CONTENT,
    "conversations_create": CONTENT,
    "discord_put_user": PROFILE,
    "screenshot_analyses_change": CONTENT,
    "screenshot_analyses_create": CONTENT,
    "screenshot_comparisons_create": CONTENT,
    "screenshot_data_put": CONTENT,
    "screenshot_data_put_many": CONTENT,
    "screenshot_data_remove": PARTS,
    "screenshot_insights_add_many": CONTENT,
    "screenshot_insights_remove": PARTS,
    "screenshot_recommendations_add_many": CONTENT,
    "screenshot_recommendations_remove": PARTS,
    "screenshot_tags_put": CONTENT,
    "screenshot_tags_remove": PARTS,
    "sessions_purge_expired": "what it removes is over already, in batches each its own transaction",
    "stats_record": CONTENT,
    "stats_record_many": CONTENT,
    "user_preferences_change": OWN,
    "user_preferences_replace": OWN,
    "user_preferences_reset": OWN,
    "users_change": PROFILE,
    "users_put_by_discord": PROFILE,
    "users_set_last_active_guild": OWN,
}


def test_every_write_is_audited_or_has_a_reason_not_to_be() -> None:
    writes = [one.route for one in endpoints(GROUPS) if one.route.method != "GET"]
    without = {one.operation_id for one in writes if not one.audit and not one.policy.public}
    assert without == set(NOT_AUDITED)
    for route in writes:
        if route.audit:
            assert DOTTED.fullmatch(route.audit), route.audit
            assert "." in route.audit, route.audit


def test_what_is_read_is_not_audited() -> None:
    assert not [one for one in endpoints(GROUPS) if one.route.method == "GET" and one.route.audit]


async def rows(db: Database, request: str) -> list[AuditLog]:
    return (await db.audit_logs.list_of_request(request)).items


async def the_row(db: Database, request: str) -> AuditLog:
    """Return the one row of a request; that of a refusal comes a little after the answer."""
    for _ in range(100):
        if found := await rows(db, request):
            assert len(found) == 1
            return found[0]
        await asyncio.sleep(0.05)
    pytest.fail("there is no audit row")


def sent(**more: str) -> dict[str, str]:
    return {ID: f"test-{uuid4().hex}", "User-Agent": "tests/1", **more}


async def test_the_row_says_who_did_what_to_what_from_where(
    anyone: Caller, people: People, db: Database
) -> None:
    admin, headers = anyone.bearing(people.tokens["admin"]), sent()
    answer = await admin.patch(
        f"{GUILD}/settings", {"language": "en", "gone": None}, headers=headers
    )
    assert answer.status == 200
    row = await the_row(db, headers[ID])
    assert (row.action, row.resource_type) == ("guild.settings.update", "guild.settings")
    assert (row.resource_id, row.user_id) == ("7000", people.ids["admin"])
    trace = answer.headers["traceparent"].split("-")[1]
    assert row.details == {"guildId": "7000", "traceId": trace, "fields": ["gone", "language"]}
    assert (str(row.ip_address), row.user_agent) == ("127.0.0.1", "tests/1")
    (open_session,) = (await db.sessions.list(people.ids["admin"])).items
    assert row.session_id == open_session.id
    assert (row.success, row.error_message) == (True, None)


async def test_a_service_is_named_by_its_key_and_the_user_it_acts_for(
    service: Caller, people: People, db: Database
) -> None:
    plain, acting = sent(), sent(**{ACTING: str(people.ids["owner"])})
    for headers in (plain, acting):
        assert (await service.patch(GUILD, {"name": "a"}, headers=headers)).status == 200
    alone, for_owner = await the_row(db, plain[ID]), await the_row(db, acting[ID])
    assert (alone.user_id, for_owner.user_id) == (None, people.ids["owner"])
    assert alone.details["apiKeyId"] == for_owner.details["apiKeyId"]
    assert alone.details["fields"] == ["name"]


async def test_a_user_who_is_none_of_ours_stands_in_the_details(
    service: Caller, db: Database
) -> None:
    nobody = str(uuid4())
    headers = sent(**{ACTING: nobody})
    assert (await service.delete(f"/v1/users/{nobody}/sessions", headers=headers)).status == 200
    row = await the_row(db, headers[ID])
    assert (row.user_id, row.details["userId"]) == (None, nobody)


async def test_a_repeated_request_is_logged_once(service: Caller, db: Database) -> None:
    headers = sent(**{HEADER: str(uuid4())})
    body = {"id": "5", "name": "a"}
    first = await service.post("/v1/guilds", body, headers=headers)
    again = await service.post("/v1/guilds", body, headers=headers)
    assert (first.status, again.status, again.headers[REPLAYED]) == (201, 201, "true")
    row = await the_row(db, headers[ID])
    assert (row.action, row.resource_id) == ("guild.create", "5")


async def test_what_failed_is_not_logged_as_done(
    service: Caller, people: People, db: Database
) -> None:
    for key in ({}, {HEADER: str(uuid4())}):
        headers = sent(**key)
        answer = await service.post("/v1/guilds", {"id": "7000", "name": "a"}, headers=headers)
        assert answer.code == "already_exists"
        assert await rows(db, headers[ID]) == []


async def test_what_cannot_be_logged_is_not_done(
    service: Caller, people: People, db: Database, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON slimy.audit_logs"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        )
    answer = await service.patch(GUILD, {"name": "unseen"}, headers=sent())
    assert answer.code == "disk_full"
    assert (await db.guilds.get(7000)).name == "Testers"
    # A refusal is answered all the same: its row is nobody's condition.
    member = service.bearing(people.tokens["member"])
    assert (await member.patch(GUILD, {"name": "a"}, headers=sent())).code == "role_required"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("PATCH", GUILD, "role_required"),
        ("DELETE", GUILD, "service_only"),
        ("PUT", f"{GUILD}/members/{{owner}}/roles", "role_required"),
    ],
)
async def test_a_refused_attempt_is_logged_as_one(
    anyone: Caller, people: People, db: Database, method: str, path: str, code: str
) -> None:
    member, headers = anyone.bearing(people.tokens["member"]), sent()
    where = path.format(owner=people.ids["owner"])
    body: Any = {"roles": ["member"]} if method == "PUT" else {"name": "a"}
    answer = await member.call(method, where, None if method == "DELETE" else body, headers=headers)
    assert (answer.status, answer.code) == (403, code)
    row = await the_row(db, headers[ID])
    assert (row.success, row.error_message) == (False, code)
    assert row.user_id == people.ids["member"]


async def test_a_refusal_inside_the_work_is_logged_though_the_work_is_undone(
    anyone: Caller, people: People, db: Database
) -> None:
    moderator, headers = anyone.bearing(people.tokens["moderator"]), sent()
    body = {"userId": str(people.ids["stranger"]), "roles": ["admin"]}
    keyed = {**headers, HEADER: str(uuid4())}
    answer = await moderator.post(f"{GUILD}/members", body, headers=keyed)
    assert answer.code == "role_required"
    row = await the_row(db, headers[ID])
    assert (row.action, row.success) == ("guild.member.add", False)


async def test_who_is_given_which_roles_is_kept(
    service: Caller, people: People, db: Database
) -> None:
    member, stranger = str(people.ids["member"]), str(people.ids["stranger"])
    one = sent()
    await service.put(f"{GUILD}/members/{member}/roles", {"roles": ["moderator"]}, headers=one)
    row = await the_row(db, one[ID])
    assert (row.resource_id, row.details["roles"]) == (member, ["moderator"])
    many = sent()
    entries = [{"userId": member, "roles": ["admin"]}, {"userId": stranger, "roles": ["admin"]}]
    await service.post(f"{GUILD}/members:set-roles", {"entries": entries}, headers=many)
    assert (await the_row(db, many[ID])).details["done"] == {"admin": [member]}


async def test_no_secret_is_kept(service: Caller, people: People, db: Database) -> None:
    made, opened, tokens = sent(), sent(), sent()
    key = await service.post("/v1/api-keys", {"name": "a", "scopes": ["guilds:read"]}, headers=made)
    session = await service.post(
        "/v1/sessions",
        {"userId": str(people.ids["member"]), "expiresAt": soon().isoformat()},
        headers=opened,
    )
    discord = f"/v1/users/{people.ids['member']}/discord-tokens"
    put = await service.put(discord, {"accessToken": "very-secret"}, headers=tokens)
    assert (key.status, session.status, put.status) == (201, 201, 204)
    kept = [await the_row(db, one[ID]) for one in (made, opened, tokens)]
    assert [row.resource_id for row in kept] == [
        key.json["apiKey"]["id"],
        session.json["session"]["id"],
        str(people.ids["member"]),
    ]
    for secret in (key.json["key"], session.json["token"], "very-secret"):
        assert secret not in repr(kept)


async def test_a_guild_that_is_removed_for_good_is_logged_and_gone(
    service: Caller, people: People, db: Database
) -> None:
    headers = sent()
    assert (await service.delete(f"{GUILD}?permanent=true", headers=headers)).status == 204
    assert (await the_row(db, headers[ID])).details["permanent"] is True
    assert (await service.post("/v1/guilds", {"id": "7000", "name": "a"})).status == 201


async def test_rows_of_an_action_are_found(service: Caller, people: People, db: Database) -> None:
    await service.delete(f"/v1/api-keys/{people.things['key_id']}")
    found = (await db.audit_logs.list(AuditLogFilter(action="api_key.revoke"))).items
    assert [row.resource_id for row in found] == [str(people.things["key_id"])]


async def test_the_server_shows_the_request_while_its_transaction_is_open(
    service: Caller, people: People, database_url: str
) -> None:
    request = f"seen-{uuid4().hex}"
    shown = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    with (
        psycopg.connect(database_url) as holder,
        psycopg.connect(database_url, autocommit=True) as watcher,
    ):
        holder.execute("SELECT 1 FROM slimy.guilds WHERE id = 7000 FOR UPDATE")
        task = asyncio.create_task(service.patch(GUILD, {"name": "a"}, headers={ID: request}))
        end = time.monotonic() + 30
        while watcher.execute(shown, [f"slimy_dal:{request}"]).fetchone() != (1,):
            assert time.monotonic() < end, "the request is not to be seen"
            await asyncio.sleep(0.02)
        holder.rollback()
        assert (await task).status == 200
        assert watcher.execute(shown, [f"slimy_dal:{request}"]).fetchone() == (0,)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("abc.DEF_1-2", "slimy_dal:abc.DEF_1-2"),
        ("a" * 128, "slimy_dal:" + "a" * 53),
        ("a'; DROP TABLE x; --", "slimy_dal"),
        ("", "slimy_dal"),
    ],
)
async def test_a_transaction_bears_the_name_of_its_request_alone(
    db: Database, database_url: str, given: str, shown: str
) -> None:
    query = (
        "SELECT application_name FROM pg_stat_activity"
        " WHERE state = 'idle in transaction' AND datname = current_database()"
    )
    with psycopg.connect(database_url, autocommit=True) as watcher, on_behalf_of(given):
        async with db.transaction() as inside:
            await inside.users.find_by_discord_id(1)
            assert watcher.execute(query).fetchall() == [(shown,)]
        every = (
            "SELECT DISTINCT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name ~ 'slimy'"
        )
        assert watcher.execute(every).fetchall() == [("slimy_dal",)]


def test_what_the_caller_says_of_itself_is_made_fit_to_be_kept() -> None:
    assert clean("a\0b\udcffc", 10) == "a?b?c"
    assert clean("a" * 2000, 1024) == "a" * 1024


async def test_the_refusal_of_who_is_erased_in_the_same_moment_is_logged_of_nobody(
    service: Caller, people: People, db: Database, database_url: str
) -> None:
    stranger = service.bearing(people.tokens["member"])
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE slimy.audit_logs IN EXCLUSIVE MODE")
        answer = await stranger.patch(GUILD, {"name": "x"}, headers=sent())
        assert answer.code == "role_required"
        # The row waits for the lock; meanwhile the one whom it names goes.
        connection.execute("DELETE FROM slimy.users WHERE id = %s", (people.ids["member"],))
    row = await the_row(db, answer.headers[ID])
    assert (row.success, row.error_message, row.user_id) == (False, "role_required", None)
