"""Every code of the catalogue, provoked over HTTP on a real database: one that nobody can get would be no news."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from service.app import STATE, create_app
from service.catalogue import CATALOGUE
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.api_keys import Scope
from slimy_dal.domain.database import Database
from tests.ad_hoc import until
from tests.service.conftest import Answer, Caller, People
from tests.service.leaks import leaks
from tests.service.test_failures import received, served
from tests.service.test_sqlstates import EVERY

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
GUILD = {"id": "5", "name": "a"}
HEAD = b" HTTP/1.1\r\nHost: x\r\n"


@dataclass(frozen=True)
class World:
    """A running service, who is there, and its database."""

    service: Caller
    app: web.Application
    settings: Settings
    db: Database
    database_url: str
    people: People

    def user(self, role: str) -> Caller:
        return self.service.bearing(self.people.tokens[role])

    async def key(self, scope: Scope, guild_ids: frozenset[int] | None = None) -> Caller:
        made = await self.db.api_keys.create("a", [scope], guild_ids=guild_ids)
        return self.service.bearing(made.key)


Way = Callable[[World], Awaitable[Answer]]


def get(path: str, **headers: str) -> Way:
    """Ask as a service that may everything."""
    return lambda world: world.service.get(
        path.format(**world.people.ids),
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )


def put(data: bytes, **headers: str) -> Way:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda world: world.service.put("/v1/guilds/5", data=data, headers=named)


def as_user(role: str, method: str, path: str, body: object = None) -> Way:
    return lambda world: world.user(role).call(method, path.format(**world.people.ids), body)


async def raw(address: str, sent: bytes) -> Answer:
    """Send what no client would, and return the answer to it."""
    head, _, body = (await received(address, sent)).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers: CIMultiDict[str] = CIMultiDict()
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name] = value
    return Answer(int(first.split()[1]), CIMultiDictProxy(headers), body)


async def half_a_head(world: World) -> Answer:
    async with served(world.service, world.settings, world.db, header_timeout=0.2) as caller:
        return await raw(caller.address, b"GET / HTTP/1.1\r\nHost: x\r\nX-A")


async def without_the_scope(world: World) -> Answer:
    return await (await world.key("guilds:read")).get("/v1/users")


async def with_a_bound_key(world: World) -> Answer:
    return await (await world.key("users:read", guild_ids=frozenset({7000}))).get("/v1/users")


async def settle_twice(world: World) -> Answer:
    path = f"/v1/code-reports/{world.people.things['report_id']}/review"
    await world.service.post(path, {"status": "verified"})
    return await world.service.post(path, {"status": "rejected"})


async def remove_the_last_owner(world: World) -> Answer:
    return await world.service.delete(f"/v1/guilds/7000/members/{world.people.ids['owner']}")


def is_blocked(database_url: str) -> bool:
    """Whether a session waits for a lock."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return row is not None and row[0] > 0


async def two_at_once(world: World) -> Answer:
    headers = {"Idempotency-Key": str(uuid4())}
    with psycopg.connect(world.database_url) as connection:
        connection.execute("LOCK TABLE slimy.guilds IN EXCLUSIVE MODE")
        first = asyncio.create_task(world.service.post("/v1/guilds", GUILD, headers=headers))
        await until(partial(is_blocked, world.database_url))
        second = await world.service.post("/v1/guilds", GUILD, headers=headers)
    assert (await first).status == 201
    return second


async def another_with_the_key(world: World) -> Answer:
    headers = {"Idempotency-Key": str(uuid4())}
    await world.service.post("/v1/guilds", GUILD, headers=headers)
    return await world.service.post("/v1/guilds", {**GUILD, "name": "b"}, headers=headers)


async def more_than_wanted(world: World) -> Answer:
    two = {"userIds": [str(world.people.ids[role]) for role in ("member", "moderator")]}
    headers = {"Prefer": "max-affected=1"}
    return await world.service.post("/v1/guilds/7000/members:remove", two, headers=headers)


async def with_an_old_tag(world: World) -> Answer:
    tag = (await world.service.get("/v1/guilds/7000")).headers["ETag"]
    await world.service.patch("/v1/guilds/7000", {"name": "b"})
    return await world.service.patch("/v1/guilds/7000", {"name": "c"}, headers={"If-Match": tag})


async def too_often(world: World) -> Answer:
    async with served(world.service, world.settings, world.db, rate_read="1/60") as caller:
        await caller.get("/v1/users")
        return await caller.get("/v1/users")


async def without_encryption_keys(world: World) -> Answer:
    app = create_app(world.settings, world.db, keeps_tokens=False)
    body = {"accessToken": "a", "expiresAt": "2040-01-01T00:00:00Z"}
    async with listening(app, world.settings) as address:
        caller = Caller(
            address, world.service.session, world.service.documented, world.service.token
        )
        return await caller.put(f"/v1/users/{world.people.ids['member']}/discord-tokens", body)


async def more_exports_than_are_sent(world: World) -> Answer:
    async with served(world.service, world.settings, world.db, max_exports=0) as caller:
        return await caller.get("/v1/exports/stats")


async def while_it_ends(world: World) -> Answer:
    world.app[STATE].draining = True
    return await world.service.get("/health/ready")


WAYS: dict[str, Way] = {
    "malformed_json": put(b'{"name"'),
    "unacceptable_json": put(b'{"name": "a", "name": "b"}'),
    "invalid_parameter": get("/v1/users?limit=0"),
    "unknown_parameter": get("/v1/users?offset=5"),
    "invalid_cursor": get("/v1/users?cursor=AAAA"),
    "invalid_header": put(b'{"name": "a"}', X_Acting_User="nobody"),
    "bad_request": lambda world: raw(world.service.address, b"what is this\r\n\r\n"),
    "unauthenticated": lambda world: world.service.bearing("slimy_nothing").get("/v1/users"),
    "insufficient_scope": without_the_scope,
    "key_bound_to_guilds": with_a_bound_key,
    "service_only": as_user("member", "GET", "/v1/users"),
    "session_required": get("/v1/sessions/current"),
    "not_your_account": as_user("member", "GET", "/v1/users/{stranger}"),
    "role_required": as_user("member", "PATCH", "/v1/guilds/7000", {"name": "b"}),
    "not_found": get(f"/v1/users/{MISSING}"),
    "no_such_route": get("/v2"),
    "method_not_allowed": lambda world: world.service.delete("/v1/users"),
    "not_acceptable": get("/v1/exports/stats", Accept="image/png"),
    "request_timeout": half_a_head,
    "conflict": settle_twice,
    "already_exists": lambda world: world.service.post("/v1/guilds", {"id": "7000", "name": "a"}),
    "last_owner": remove_the_last_owner,
    "idempotency_in_progress": two_at_once,
    "too_many_affected": more_than_wanted,
    "stale_version": with_an_old_tag,
    "payload_too_large": put(b" " * 200_000),
    "uri_too_long": lambda world: raw(
        world.service.address, b"GET /" + b"a" * 9000 + HEAD + b"\r\n"
    ),
    "headers_too_large": lambda world: raw(
        world.service.address, b"GET /" + HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n"
    ),
    "unsupported_media_type": put(b"name: a", Content_Type="application/yaml"),
    "validation_failed": put(b'{"name": 5}'),
    "missing_reference": lambda world: world.service.post(
        "/v1/guilds", {**GUILD, "ownerId": MISSING}
    ),
    "idempotency_key_reused": another_with_the_key,
    "rate_limited": too_often,
    "tokens_not_kept": without_encryption_keys,
    "overloaded": more_exports_than_are_sent,
    "not_ready": while_it_ends,
}
"""How to get each code that is not the database's; how to get those is in the table of SQLSTATEs."""


@pytest.fixture
def world(
    service: Caller,
    app: web.Application,
    settings: Settings,
    db: Database,
    database_url: str,
    people: People,
) -> World:
    return World(service, app, settings, db, database_url, people)


@pytest.mark.parametrize("code", WAYS)
async def test_the_service_answers_with_its_problem(world: World, code: str) -> None:
    kind, answer = CATALOGUE[code], await WAYS[code](world)
    document = json.loads(answer.content)
    assert (answer.status, document["code"]) == (kind.status, code), answer.content
    assert (document["title"], document["retryable"]) == (kind.title, kind.retryable)
    assert ("Retry-After" in answer.headers) == (kind.retry == "after")
    # The example is of the same make: about the same parts of a request, with the same fields in each entry.
    assert {entry["in"] for entry in document["errors"]} == {entry["in"] for entry in kind.errors}
    for entry in document["errors"]:
        assert set(entry) == set(kind.errors[0])
    assert not leaks(answer.content.decode())


def test_every_code_of_the_catalogue_is_provoked() -> None:
    of_the_database = {case.code for case in EVERY.values()}
    assert set(WAYS) | of_the_database == set(CATALOGUE)
