"""A running service on a database of its own, and callers who hold every answer against the document."""

import io
import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from multidict import CIMultiDictProxy
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from service.app import STATE, create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.analysis_entries import (
    NewDataPoint,
    NewImage,
    NewInsight,
    NewMetric,
    NewRecommendation,
    NewTag,
)
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.club_members import ObservedMember
from slimy_dal.domain.database import Database
from slimy_dal.engine.secrets import Keyring
from tests import make
from tests.service.leaks import leaks

KEYS = "test:" + "A" * 43 + "="


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The problem's code."""
        assert self.headers["Content-Type"] == "application/problem+json", self.content
        code: str = self.json["code"]
        return code

    @property
    def pointers(self) -> list[str]:
        return [error.get("pointer", error.get("name")) for error in self.json["errors"]]


class Documented:
    """The OpenAPI document, as a judge of answers."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:document", resource)
        self._validators: dict[str, Draft202012Validator] = {}
        # Fixed words before parameters: `/users/by-email` is not `/users/{user_id}`.
        templates = sorted(document["paths"], key=lambda path: path.count("{"))
        self._paths = [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in templates]

    def operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        for expression, template in self._paths:
            if expression.fullmatch(path):
                found: Mapping[str, Any] | None = self.document["paths"][template].get(
                    method.lower()
                )
                return found
        return None

    def resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in value:
            value = self._registry.resolver("urn:document").lookup(value["$ref"]).contents
        return value

    def check(self, method: str, path: str, answer: Answer) -> None:
        operation = self.operation("GET" if method == "HEAD" else method, path)
        if operation is None:
            assert answer.code in {"no_such_route", "method_not_allowed", "bad_request"}
            return
        if answer.status == 405:
            assert method not in {"GET", "HEAD"}, (method, path)
            return
        assert str(answer.status) in operation["responses"], (method, path, answer)
        if method == "HEAD":
            assert answer.content == b""
            return
        response = self.resolved(operation["responses"][str(answer.status)])
        minimal = "return=minimal" in answer.headers.get("Preference-Applied", "")
        if minimal or answer.status in {204, 304}:
            assert answer.content == b""
            return
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert kind in response["content"], (method, path, kind)
        if kind in {"application/json", "application/problem+json"}:
            self._validate(response["content"][kind]["schema"], answer.json)
        if kind.startswith("application/problem"):
            assert answer.code in response["x-codes"], (method, path, answer.code)

    def _validate(self, schema: Mapping[str, Any], value: Any) -> None:
        text = json.dumps(schema).replace('"#/', '"urn:document#/')
        if text not in self._validators:
            self._validators[text] = Draft202012Validator(
                json.loads(text),
                registry=self._registry,
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
        self._validators[text].validate(value)


@dataclass
class Caller:
    """Someone who calls the service, with their credentials."""

    address: str
    session: aiohttp.ClientSession
    documented: Documented
    token: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    def bearing(self, token: str | None) -> "Caller":
        return Caller(self.address, self.session, self.documented, token)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        data: bytes | AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        sent.update(headers or {})
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        if isinstance(data, bytes):
            sent["Content-Length"] = str(len(data))
        async with self.session.request(
            method,
            self.address + path,
            data=io.BytesIO(data) if isinstance(data, bytes) else data,
            headers=sent,
        ) as response:
            answer = Answer(response.status, response.headers, await response.read())
        self.documented.check(method, path.partition("?")[0], answer)
        if answer.status >= 400 and answer.content:
            assert not leaks(answer.content.decode()), answer.content
        return answer

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.call("GET", path, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.call("PUT", path, body, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.call("POST", path, body, **options)

    async def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.call("PATCH", path, body, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.call("DELETE", path, **options)


@pytest.fixture
async def db(app_url: str) -> AsyncIterator[Database]:
    """The database behind the service, as the service has it, for what HTTP does not show."""
    async with Database.open(app_url, keyring=Keyring.parse(KEYS)) as opened:
        yield opened


@pytest.fixture
def settings(app_url: str) -> Settings:
    # Patient, because the machine may be busy; refusing for want of a turn has tests of its own.
    return Settings(
        database_url=app_url,
        port=0,
        access_log=False,
        key_cache_seconds=0,
        queue_patience=30,
    )


@pytest.fixture
async def app(db: Database, settings: Settings) -> web.Application:
    return create_app(settings, db)


@cache
def judge(document: bytes) -> Documented:
    """The judge by a document: to make one, with its validators, takes longer than most tests."""
    return Documented(json.loads(document))


@pytest.fixture
async def anyone(app: web.Application, settings: Settings) -> AsyncIterator[Caller]:
    """A caller without credentials."""
    documented = judge(app[STATE].document)
    async with listening(app, settings) as address, aiohttp.ClientSession() as session:
        yield Caller(address, session, documented)


@pytest.fixture
async def key(db: Database) -> str:
    """An API key that has every scope."""
    return (await db.api_keys.create("all", SCOPES)).key


@pytest.fixture
async def service(anyone: Caller, key: str) -> Caller:
    """A caller with an API key that has every scope."""
    return anyone.bearing(key)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def at(hours: float) -> datetime:
    """A moment of the last days, whose months are there to keep it: hours after a midnight."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=3) + timedelta(hours=hours)


@dataclass
class People:
    """A guild with one person for each role, and a stranger; each with an open session."""

    guild_id: int
    ids: dict[str, UUID]
    tokens: dict[str, str]
    things: dict[str, Any]
    """What else is there, by the names that paths have for it; where it is somebody's, it is the member's."""


ROLES = ("owner", "admin", "moderator", "member")


@pytest.fixture
async def people(db: Database) -> People:
    return await crowd(db)


async def crowd(db: Database, number: int = 0) -> People:
    """Make people and all that they have; one number after the other, more of the same."""
    ids, tokens = {}, {}
    for place, role in enumerate((*ROLES, "stranger"), start=1):
        user = await db.users.find_or_create(1000 + 100_000 * number + place, username=role)
        ids[role] = user.id
        tokens[role] = (await db.sessions.create(user.id, expires_at=soon())).token
    guild = await db.guilds.create(7000 + number, name="Testers", owner_id=ids["owner"])
    for role in ROLES:
        await db.memberships.add(guild.id, ids[role], roles=[role])
    report = await db.code_reports.create("SLIME2024", "expired", reporter_id=ids["member"])
    seen = [ObservedMember("nelly", "Nelly", 10, 20)]
    await db.club_members.ingest(guild.id, seen, datetime(2026, 1, 1, tzinfo=UTC))
    kept = (await db.api_keys.create("kept", ["guilds:read"])).api_key
    things = {"report_id": report.id, "member_key": "nelly", "key_id": kept.id}
    things.update(await analyses(db, guild.id, ids["member"]))
    things.update(await chat(db, guild.id, ids["member"]))
    return People(guild.id, ids, tokens, things)


async def chat(db: Database, guild_id: int, user_id: UUID) -> dict[str, Any]:
    """A conversation of a user in a guild, and a message there outside of it."""
    conversation = await make.conversation(db, user_id=user_id, guild_id=guild_id)
    message = await make.message(db, user_id=user_id, guild_id=guild_id)
    return {"conversation_id": conversation.id, "message_id": message.id}


async def analyses(db: Database, guild_id: int, user_id: UUID) -> dict[str, Any]:
    """A club analysis and two screenshots of a user, with one of all that belongs to each."""
    image, metric = NewImage("https://cdn.example/1.png", "1.png", 1), NewMetric("power", 1, "size")
    analysis = await make.club_analysis(
        db, guild_id, user_id, images=[image], metrics=[metric, NewMetric("rank", 2, "size")]
    )
    other = await make.screenshot(db, user_id)
    screenshot = await make.screenshot(
        db,
        user_id,
        data=[NewDataPoint("count", 1, "number", "size")],
        tags=[NewTag("roster", "game")],
        insights=[NewInsight("growth", "low", "a", "b", 0.5)],
        recommendations=[NewRecommendation("growth", "low", "a", "b", "low", "high")],
    )
    comparison = await db.screenshot_comparisons.create(
        user_id, screenshot.id, other.id, comparison_type="progress", summary="a"
    )
    return {
        "analysis_id": analysis.id,
        "image_id": analysis.images[0].id,
        "name": "power",
        "screenshot_id": screenshot.id,
        "other_id": other.id,
        "key": "count",
        "tag": "roster",
        "insight_id": screenshot.insights[0].id,
        "recommendation_id": screenshot.recommendations[0].id,
        "comparison_id": comparison.id,
    }
