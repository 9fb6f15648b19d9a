"""Every example of the document is sent to a running service, as it stands there and through the typed client.

The answers are the document's examples of answers; `WRITE_EXAMPLES=1` keeps them anew.
"""

import json
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from inspect import isfunction, signature
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from pytest_postgresql.janitor import DatabaseJanitor

from service import examples, prefer, replicas, totals
from service.app import STATE, create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.client import Client, shapes
from slimy_dal.client.lines import Lines
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.domain.database import Database
from slimy_dal.engine.secrets import Keyring
from tests.logins import signed_in
from tests.service import example_world
from tests.service.conftest import KEYS, Answer, Caller, judge

in_one_loop = pytest.mark.asyncio(loop_scope="module")

FILE = Path(examples.__file__).parent / "examples.json"
WRITE = bool(os.environ.get("WRITE_EXAMPLES"))

WHERE_PREFERRED = {prefer.APPLIED, totals.TOTAL, totals.TOTAL_IS}
"""Headers that come where the request has a `Prefer`, which an example has not."""

WHERE_REPLICATED = {replicas.HEADER}
"""Headers that come where the database has replicas, which this one has not."""

NOT_KEPT = {"docs_openapi": "it would be a document in itself"}

AROUND = {
    "api_keys.find_by_public_id",
    "sessions.find_by_token",
    "audit_logs.record",
    "health.list_standbys",
    "health.measure",
}
"""Queries around calls: who is calling, what is kept of it, and what is measured for whoever asks next."""

ENCODER = msgspec.json.Encoder(decimal_format="number")

GENERAL = {
    *("server", "date", "connection", "transfer-encoding", "vary", "cache-control"),
    *("content-type", "content-length", "content-encoding", "content-disposition"),
    *("x-content-type-options", "referrer-policy", "content-security-policy"),
}
"""Headers that mean here what they mean everywhere."""

NOT_CALLS = {"text/html", "text/css", "text/javascript"}
"""What is for people to look at, and no method of the client."""

KNOWN = {value for value in vars(examples).values() if isinstance(value, str)}
NEW_ID = "01945f8e-7000-7000-8000-{:012d}"
NEW_TIME = "2026-01-31T12:00:00.123456Z"
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
SETTLED = {
    "key": (re.compile(r"slimy_[a-z0-9]{12}_[\w-]{43}"), f"slimy_{'f' * 12}_{'g' * 43}"),
    "publicId": (re.compile(r"(?!d{12}|a{12})[a-z0-9]{12}"), "f" * 12),
    "token": (re.compile(r"[\w-]{43}"), "h" * 43),
    "requestId": (re.compile(r"[0-9a-f]{32}"), "5cd3804b60ef4098ab8f3f820d8ba805"),
    "serverVersion": (re.compile(r"[\d.]+.*"), "18.1"),
}
"""Fields whose values are other ones each time, and what is kept in their place."""


def settled(answer: Any) -> Any:
    """An answer in which nothing depends on chance and the clock."""
    seen: dict[str, str] = {}

    def text(value: str, field: str) -> str:
        if field in SETTLED and SETTLED[field][0].fullmatch(value):
            return SETTLED[field][1]
        if ID.fullmatch(value) and value not in KNOWN and not value.startswith(NEW_ID[:18]):
            return seen.setdefault(value, NEW_ID.format(len(seen) + 1))
        if TIME.fullmatch(value):
            age = abs(datetime.now(UTC) - datetime.fromisoformat(value))
            return NEW_TIME if age < timedelta(days=60) else value
        return value

    def inner(value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            return {name: inner(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [inner(one, field) for one in value]
        return text(value, field) if isinstance(value, str) else value

    return inner(answer)


@dataclass
class Example:
    """One operation of the document with its example."""

    method: str
    path: str
    operation: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.operation["operationId"])

    def given(self, place: str) -> dict[str, str]:
        """Its parameters in a place."""
        return {
            one["name"]: one["example"]
            for one in self.operation["parameters"]
            if one["in"] == place and one["required"]
        }

    @property
    def body(self) -> Any:
        sent = self.operation.get("requestBody")
        return None if sent is None else sent["content"]["application/json"]["example"]

    @property
    def body_name(self) -> str:
        """The name of its body's schema."""
        schema = self.operation["requestBody"]["content"]["application/json"]["schema"]
        return str(schema.get("$ref", "")).rpartition("/")[2]

    @property
    def address(self) -> str:
        path = {name: quote(value, safe="") for name, value in self.given("path").items()}
        query = urlencode(self.given("query"))
        return self.path.format(**path) + (f"?{query}" if query else "")

    @property
    def token(self) -> str | None:
        """What its security asks for: a key, or a session where keys are not taken."""
        schemes = {scheme for one in self.operation["security"] for scheme in one}
        if not schemes:
            return None
        by_key = "ApiKey" in schemes
        return example_world.CALLERS_KEY if by_key else example_world.CALLERS_SESSION

    @property
    def success(self) -> tuple[str, Mapping[str, Any]]:
        return next(
            (status, response)
            for status, response in self.operation["responses"].items()
            if status.startswith("2")
        )

    @property
    def media(self) -> str:
        return str(next(iter(self.success[1].get("content", {"": None}))))


@dataclass
class Service:
    """A running service on the rows of the examples."""

    db: Database
    owners: Database
    """The same database, for who may load rows into it."""
    anyone: Caller
    is_fresh: bool = False

    @property
    def examples(self) -> Iterator[Example]:
        for path, found in self.anyone.documented.document["paths"].items():
            for method, operation in found.items():
                yield Example(method.upper(), path, operation)

    async def freshly(self, example: Example) -> None:
        """Bring the rows back to what the examples are about, where a call has changed any."""
        if not self.is_fresh:
            await example_world.fill(self.owners)
        self.is_fresh = example.method == "GET"

    def counts(self) -> dict[str, int]:
        queries: dict[str, Any] = self.db.pool.snapshot()["queries"]
        return {name: query["calls"] for name, query in queries.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> AsyncIterator[Service]:
    maker = janitor("slimy_examples", template)
    maker.drop()
    with maker:
        url = address("slimy_examples")
        app_url, keyring = signed_in(url), Keyring.parse(KEYS)
        settings = Settings(database_url=app_url, port=0, access_log=False, key_cache_seconds=0)
        async with (
            Database.open(app_url, keyring=keyring) as db,
            Database.open(url, keyring=keyring) as owners,
        ):
            app = create_app(settings, db)
            await example_world.prepare(owners)
            documented = judge(app[STATE].document)
            async with listening(app, settings) as found, aiohttp.ClientSession() as session:
                yield Service(db, owners, Caller(found, session, documented))


def shown(answer: Answer, media: str) -> Any:
    """What the document shows of an answer; None for nothing."""
    if media == "application/json":
        return settled(answer.json)
    if media == "application/x-ndjson":
        lines = [settled(json.loads(line)) for line in answer.content.splitlines()]
        return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)
    return None


@in_one_loop
async def test_every_example_succeeds_and_is_answered_as_the_document_shows(
    running: Service,
) -> None:
    kept: dict[str, Any] = {}
    for example in running.examples:
        await running.freshly(example)
        before, caller = running.counts(), running.anyone.bearing(example.token)
        # The caller holds the answer against the schema.
        answer = await caller.call(example.method, example.address, example.body)
        status, response = example.success
        assert str(answer.status) == status, (example.name, answer.content)
        unsent = {name for name in response["headers"] if name not in answer.headers}
        assert unsent <= {"Idempotency-Replayed", "Link", *WHERE_PREFERRED, *WHERE_REPLICATED}, (
            example.name
        )
        untold = {name.lower() for name in answer.headers} - GENERAL
        assert untold <= {name.lower() for name in response["headers"]}, example.name
        assert answer.headers.get("Content-Type", "").partition(";")[0] == example.media
        ran = {name for name, count in running.counts().items() if count > before.get(name, 0)}
        promised = {*example.operation["x-queries"]}
        assert ran - AROUND <= promised, (example.name, "runs more than it says")
        assert bool(ran & promised) == bool(promised), (example.name, "runs nothing it says")
        told = shown(answer, example.media)
        if told is not None and example.name not in NOT_KEPT:
            kept[example.name] = told
    text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
    if WRITE:
        FILE.write_text(text, encoding="utf-8")
    assert kept == json.loads(FILE.read_text("utf-8")), "WRITE_EXAMPLES=1 keeps these answers"


@in_one_loop
async def test_every_method_of_the_client_makes_its_example_succeed(running: Service) -> None:
    called, kept = set(), json.loads(FILE.read_text("utf-8"))
    for example in running.examples:
        if example.media in NOT_CALLS:
            continue
        await running.freshly(example)
        async with Client(running.anyone.address, example.token, attempts=1) as client:
            noun, method = method_of(client, example)
            called.add((noun, method.__name__))
            result = await awaited(method(**arguments(method, example)))
        if example.name in kept and example.name != "health_ready":
            assert settled(result) == (
                [json.loads(line) for line in kept[example.name].splitlines()[:-1]]
                if example.media == "application/x-ndjson"
                else kept[example.name]
            ), example.name
    assert called == {*methods()}


def methods() -> Iterator[tuple[str, str]]:
    """Every method of every noun of the client."""
    for noun, value in vars(Client).items():
        if isinstance(value, property):
            kind = get_type_hints(value.fget)["return"]
            assert issubclass(kind, Noun)
            yield from (
                (noun, name)
                for name, method in vars(kind).items()
                if isfunction(method) and not name.startswith("_")
            )


def method_of(client: Client, example: Example) -> tuple[str, Callable[..., Any]]:
    nouns = [name for name, value in vars(Client).items() if isinstance(value, property)]
    noun = max((one for one in nouns if example.name.startswith(f"{one}_")), key=len)
    return noun, getattr(getattr(client, noun), example.name.removeprefix(f"{noun}_"))


def arguments(method: Callable[..., Any], example: Example) -> dict[str, Any]:
    """The example as the method takes it: names of Python, values of their types."""
    names, hints = [*signature(method).parameters], get_type_hints(method)
    given = example.given("path") | {
        next(name for name in names if camel(name) == published): value
        for published, value in example.given("query").items()
    }
    found = {
        name: msgspec.convert(value, hints[name], strict=False) for name, value in given.items()
    }
    if example.body is None:
        return found
    struct = getattr(shapes, example.body_name, None)
    if struct is None:
        return {**found, names[len(found)]: example.body}
    body = msgspec.convert(example.body, struct, strict=False)
    sent = {name: getattr(body, name) for name in struct.__struct_fields__}
    return found | {name: value for name, value in sent.items() if value is not msgspec.UNSET}


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


async def awaited(result: Any) -> Any:
    """A result as JSON has it: a page, or all rows."""
    if isinstance(result, Pages):
        page = await result
        assert [entry async for entry in result] == page.data
        result = page
    elif isinstance(result, Lines):
        result = [row async for row in result]
    else:
        result = await result
    return texts(json.loads(ENCODER.encode(result)))


def texts(value: Any) -> Any:
    """JSON as the wire has it: ids of Discord are strings there."""
    if isinstance(value, dict):
        return {name: texts(one) for name, one in value.items()}
    if isinstance(value, list):
        return [texts(one) for one in value]
    return str(value) if isinstance(value, int) and value > 2**53 else value
