"""Row level security under the service: with its own rules taken out, nobody gets anything of others by any route."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import sql

from service.app import GROUPS, endpoints
from service.principals import ACTING, Acting, Service, Visitor
from service.routes import Route
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.audit_logs import NewAuditLog
from slimy_dal.domain.club_members import ObservedMember
from slimy_dal.domain.database import Database
from tests.service.conftest import Answer, Caller, Documented, People
from tests.service.test_access import NEEDED
from tests.service.test_bad_input import GOOD, filled

pytestmark = pytest.mark.slow

ROUTES = {
    endpoint.route.operation_id: endpoint.route
    for endpoint in endpoints(GROUPS)
    if not endpoint.route.policy.public
}

BEYOND = {
    "discord_put_member": "makes or looks up somebody who is in none of a key's guilds yet",
    "memberships_add_many": "looks up and adds who is in none of a key's guilds yet",
}
"""Writes that are made by the service's own right: what keeps callers apart in them are its rules alone."""

THEIRS = "Hushed"
"""Stands in every text of those whom the intruder must not see."""

INTRUDERS = ("a stranger", "a key of another guild", "a key of another guild for a stranger")
OWN_GUILD = 7001


@pytest.fixture
async def hushed(db: Database, people: People) -> People:
    """The people of the guild, of whom all that can be read says so; and a stranger who has a guild of their own."""
    for number, user_id in enumerate(people.ids.values(), start=1):
        await db.users.find_or_create(1000 + number, username=THEIRS, email=f"{THEIRS}{number}@b")
        await db.user_preferences.update(user_id, chat_personality="hushed")
    member, guild_id = people.ids["member"], people.guild_id
    await db.guilds.update(guild_id, name=THEIRS)
    await db.guilds.merge_settings(guild_id, {"a": THEIRS})
    await db.guild_settings.update(guild_id, notes=THEIRS)
    await db.guild_personalities.update(guild_id, system_prompt=THEIRS)
    await db.guild_feature_flags.update(guild_id, color_primary="#484848")
    seen = [ObservedMember("nelly", THEIRS, 10, 20)]
    await db.club_members.ingest(guild_id, seen, datetime(2026, 2, 1, tzinfo=UTC))
    await db.stats.record(THEIRS, 1, guild_id=guild_id)
    await db.audit_logs.record(NewAuditLog("user.delete", "user", resource_id=THEIRS))
    things = people.things
    await db.chat_messages.update(things["message_id"], text=THEIRS)
    await db.chat_messages.create(member, THEIRS, conversation_id=things["conversation_id"])
    await db.conversations.update(things["conversation_id"], title=THEIRS)
    await db.club_analyses.update(things["analysis_id"], title=THEIRS)
    for one in ("screenshot_id", "other_id"):
        await db.screenshot_analyses.update(things[one], title=THEIRS)
    stranger = people.ids["stranger"]
    await db.users.find_or_create(1005, username="stranger", email=None)
    await db.guilds.create(OWN_GUILD, name="Open", owner_id=stranger)
    await db.memberships.add(OWN_GUILD, stranger, roles=["owner"])
    return people


class Undocumented(Documented):
    """Takes any answer: what happens without the rules is documented nowhere."""

    def check(self, method: str, path: str, answer: Answer) -> None:
        pass


async def intruder(anyone: Caller, db: Database, people: People, kind: str) -> Caller:
    anyone = replace(anyone, documented=Undocumented({"paths": {}, "components": {}}))
    if kind == "a stranger":
        return anyone.bearing(people.tokens["stranger"])
    made = await db.api_keys.create(kind, [*SCOPES], guild_ids=[OWN_GUILD])
    caller = anyone.bearing(made.key)
    if kind != "a key of another guild":
        caller.extra[ACTING] = str(people.ids["stranger"])
    return caller


@pytest.fixture
def unruled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the service's rules out: any caller may call any route, about anything."""

    async def let_in(*_: Any) -> None:
        pass

    monkeypatch.setattr("service.endpoint.authorise", let_in)
    monkeypatch.setattr("service.memberships.refuse_higher_roles", let_in)


@pytest.fixture
def untenanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what is under them out as well."""
    for kind in (Service, Visitor, Acting):
        monkeypatch.setattr(kind, "tenant", None)


def path_of(route: Route, people: People) -> str:
    """About the guild, and what belongs to its member."""
    about = {
        **people.things,
        "user_id": people.ids["member"],
        "guild_id": people.guild_id,
        "discord_id": 1004,
        "session_id": people.ids["member"],
        "permission": "manage_guild",
    }
    return route.path.format(**about)


async def read(caller: Caller, people: People) -> set[str]:
    """The routes whose answers tell the caller something of others."""
    told = set()
    for name, route in ROUTES.items():
        if route.method != "GET":
            continue
        path = path_of(route, people) + NEEDED.get(route.path, "").replace(
            "email=a%40b", f"email={THEIRS}4%40b"
        )
        answer = await caller.call("GET", path, headers=caller.extra)
        text = answer.content.decode().lower()
        if answer.status == 200 and (THEIRS.lower() in text or str(people.guild_id) in text):
            told.add(name)
    return told


@pytest.mark.usefixtures("unruled")
@pytest.mark.parametrize("kind", INTRUDERS)
@pytest.mark.fault("S4")
async def test_without_the_rules_nothing_of_others_can_be_read(
    anyone: Caller, db: Database, hushed: People, kind: str
) -> None:
    assert await read(await intruder(anyone, db, hushed, kind), hushed) == set()


@pytest.mark.usefixtures("unruled", "untenanted")
@pytest.mark.fault("S4")
async def test_without_row_level_security_either_nearly_everything_could_be(
    anyone: Caller, db: Database, hushed: People
) -> None:
    told = await read(await intruder(anyone, db, hushed, "a stranger"), hushed)
    assert len(told) >= 40, sorted(told)


def rows_of(url: str) -> dict[str, set[str]]:
    """All rows, as text. Those that the service makes by its own right about every caller are left out."""
    own = {"audit_logs", "audit_log_deltas", "idempotency_keys", "api_keys"}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'slimy'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        ).fetchall()
        found = {}
        for (table,) in tables:
            if table not in own:
                query = sql.SQL("SELECT t::text FROM slimy.{} AS t").format(sql.Identifier(table))
                found[table] = {row[0] for row in connection.execute(query)}
    return found


async def written(caller: Caller, people: People, route: Route, url: str) -> bool:
    """Whether a call to a route changed, removed or added anything of others."""
    before = rows_of(url)
    body = GOOD.get(route.operation_id)
    sent = None if body is None else filled(body, people)
    await caller.call(route.method, path_of(route, people), sent, headers=caller.extra)
    after, mine = rows_of(url), str(people.ids["stranger"])
    gone = [row for table in before for row in before[table] - after[table] if mine not in row]
    new = [row for table in before for row in after[table] - before[table]]
    own = re.compile(rf"{mine}|\b{OWN_GUILD}\b")
    theirs = [
        row for row in new if not own.search(row) or re.search(rf"\b{people.guild_id}\b", row)
    ]
    return bool(gone or theirs)


WRITES = sorted(name for name, route in ROUTES.items() if route.method != "GET")


@pytest.mark.usefixtures("unruled")
@pytest.mark.parametrize("kind", INTRUDERS)
@pytest.mark.fault("S4")
async def test_without_the_rules_nothing_of_others_can_be_changed(
    anyone: Caller, db: Database, hushed: People, database_url: str, kind: str
) -> None:
    caller = await intruder(anyone, db, hushed, kind)
    done = set()
    for name in WRITES:
        if name not in BEYOND and await written(caller, hushed, ROUTES[name], database_url):
            done.add(name)
    assert done == set()


@pytest.mark.usefixtures("unruled")
async def test_what_is_written_by_the_services_own_right_is_listed_here(
    anyone: Caller, db: Database, hushed: People, database_url: str
) -> None:
    caller = await intruder(anyone, db, hushed, "a stranger")
    for name in BEYOND:
        assert await written(caller, hushed, ROUTES[name], database_url), name


@pytest.mark.usefixtures("unruled", "untenanted")
@pytest.mark.parametrize(
    "operation",
    ["guild_settings_change", "chat_messages_remove", "club_metrics_replace", "guilds_remove"],
)
async def test_without_row_level_security_either_it_would_be(
    anyone: Caller, db: Database, hushed: People, database_url: str, operation: str
) -> None:
    caller = await intruder(anyone, db, hushed, "a stranger")
    assert await written(caller, hushed, ROUTES[operation], database_url)


SEARCHES = ("/v1/guilds/{}/members", "/v1/guilds/{}/analyses")


async def test_words_are_found_within_ones_own_guilds(anyone: Caller, hushed: People) -> None:
    member = anyone.bearing(hushed.tokens["member"])
    stranger = anyone.bearing(hushed.tokens["stranger"])
    for path in SEARCHES:
        found = await member.get(f"{path.format(hushed.guild_id)}?search=hush")
        assert found.json["data"], path
        refused = await stranger.get(f"{path.format(hushed.guild_id)}?search=hush")
        assert refused.status == 404, path


async def test_a_key_bound_to_a_guild_still_adds_whom_it_does_not_reach(
    anyone: Caller, db: Database, people: People
) -> None:
    made = await db.api_keys.create("bound", ["members:write"], guild_ids=[people.guild_id])
    key, newcomer = anyone.bearing(made.key), people.ids["stranger"]
    entries = {"entries": [{"userId": str(newcomer), "roles": ["member"]}]}
    answer = await key.post(f"/v1/guilds/{people.guild_id}/members:add", entries)
    assert [one["ok"] for one in answer.json["results"]] == [True]
    known = await db.memberships.get(people.guild_id, newcomer)
    assert known.roles == ["member"]


async def test_an_audited_change_and_its_record_are_one_though_two_rights_make_them(
    anyone: Caller, db: Database, people: People, database_url: str
) -> None:
    owner = anyone.bearing(people.tokens["owner"])
    path = f"/v1/guilds/{people.guild_id}"
    headers = {"X-Request-Id": "tenant-audit-1"}
    answer = await owner.patch(path, {"name": "Renamed"}, headers=headers)
    assert answer.status == 200, answer.content
    rows = (await db.audit_logs.list_of_request("tenant-audit-1")).items
    assert [row.user_id for row in rows] == [people.ids["owner"]]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "ALTER TABLE slimy.audit_logs ADD CHECK (request_id != 'tenant-audit-2')"
        )
    failed = await owner.patch(path, {"name": "Lost"}, headers={"X-Request-Id": "tenant-audit-2"})
    assert failed.status >= 400
    assert (await db.guilds.get(people.guild_id)).name == "Renamed"
