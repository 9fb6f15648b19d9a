"""What operators see of requests that fail, and of those whose callers are slow or gone."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from service.app import STATE, create_app
from service.logs import JsonFormatter
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine import errors
from slimy_dal.engine.settings import PoolSettings
from tests.logins import signed_in
from tests.service.conftest import Caller
from tests.service.processes import process
from tests.service.test_pipeline import hung_up, waiting


@asynccontextmanager
async def served(
    service: Caller, settings: Settings, db: Database, **changes: object
) -> AsyncIterator[Caller]:
    """The same service with other settings."""
    changed = settings.model_copy(update=changes)
    async with listening(create_app(changed, db), changed) as address:
        yield Caller(address, service.session, service.documented, service.token)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The service's own lines: on a busy machine the engine may tell of slow calls in between."""
    records = [one for one in caplog.records if one.name.partition(".")[0] == "service"]
    written = [JsonFormatter().format(record) for record in records]
    assert not [line for line in written if "\n" in line]
    return [json.loads(line) for line in written]


@pytest.mark.parametrize(
    ("error", "level", "code"),
    [
        (errors.ConnectionLost("gone"), "warning", "unavailable"),
        (errors.PoolTimeout("none free"), "warning", "overloaded"),
        (errors.PermissionDenied("no right"), "error", "permission_denied"),
        (errors.OutcomeUnknown("broke"), "error", "outcome_unknown"),
        # Worth repeating for the caller, and nothing that mends itself.
        (errors.LoginRefused("no login"), "error", "unavailable"),
    ],
)
async def test_an_expected_failure_is_one_line_without_places(
    service: Caller,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: errors.SlimyError,
    level: str,
    code: str,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(type(db.guilds), "upsert", fail)
    with caplog.at_level(logging.INFO, logger="service"):
        answer = await service.put(
            "/v1/guilds/5", {"name": "a"}, headers={"X-Request-Id": "r-123456"}
        )
    assert answer.code == code
    (line,) = lines(caplog)
    assert (line["level"], line["code"], line["requestId"]) == (level, code, "r-123456")
    assert "frames" not in line
    assert error.message in line["message"]


async def test_a_defect_is_one_line_with_its_places(
    service: Caller, db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret".upper())

    monkeypatch.setattr(type(db.guilds), "upsert", fail)
    with caplog.at_level(logging.INFO, logger="service"):
        await service.put("/v1/guilds/5", {"name": "a"})
    (line,) = lines(caplog)
    assert line["frames"][-1].endswith(" fail")
    assert "SECRET" not in json.dumps(line)


@pytest.mark.fault("D11")
async def test_a_write_whose_caller_left_keeps_its_place_and_records_its_end(
    service: Caller,
    settings: Settings,
    db: Database,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    changed = settings.model_copy(update={"max_in_flight": 1})
    app = create_app(changed, db)
    with caplog.at_level(logging.INFO, logger="service"):
        async with listening(app, changed) as address:
            caller = Caller(address, service.session, service.documented, service.token)
            with psycopg.connect(database_url) as connection:
                connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
                await hung_up(caller, "PUT", "/v1/guilds/5", b'{"name": "kept"}', database_url)
                await asyncio.sleep(0.1)
                assert app[STATE].in_flight == 1
                assert (await caller.get("/v1/users")).code == "overloaded"
            while app[STATE].in_flight:  # noqa: ASYNC110 -- the service tells nobody
                await asyncio.sleep(0.01)
            assert (await caller.get("/v1/users")).status == 200
    ended = [line for line in lines(caplog) if "after its caller had left" in line["message"]]
    assert [(line["route"], line["status"], line["code"]) for line in ended] == [
        ("/v1/guilds/{guild_id}", 200, None)
    ]
    assert len(ended[0]["requestId"]) == 32


async def received(address: str, sent: bytes) -> bytes:
    """Send bytes, and return all that comes until the service hangs up."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


@pytest.mark.parametrize("earlier", [0, 1])
async def test_half_a_head_does_not_keep_a_connection(
    service: Caller, settings: Settings, db: Database, earlier: int
) -> None:
    async with served(service, settings, db, header_timeout=0.2) as caller:
        host, port = caller.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in range(earlier):
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b'{"status":"ok"}')
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-A")
        got = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        assert got.startswith(b"HTTP/1.1 408 Request Timeout")
        assert json.loads(got.rpartition(b"\r\n\r\n")[2])["code"] == "request_timeout"


async def test_a_connection_on_which_nothing_comes_is_closed(
    service: Caller, settings: Settings, db: Database
) -> None:
    async with served(service, settings, db, header_timeout=0.2) as caller:
        assert await received(caller.address, b"") == b""


async def test_a_connection_that_is_kept_alive_may_rest_longer_than_a_head_may_take(
    service: Caller, settings: Settings, db: Database
) -> None:
    async with served(service, settings, db, header_timeout=0.2) as caller:
        host, port = caller.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in range(2):
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await reader.readuntil(b'{"status":"ok"}')
            await asyncio.sleep(0.5)
        writer.close()


@pytest.mark.fault("V8")
async def test_a_body_that_comes_too_slowly_is_the_callers_matter(
    service: Caller, settings: Settings, db: Database
) -> None:
    async with served(service, settings, db, request_timeout=0.2) as caller:
        head = (
            f"PUT /v1/guilds/5 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        host, port = caller.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode())
        got = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.close()
    assert got.startswith(b"HTTP/1.1 408")
    assert b"Connection: close" in got


@pytest.mark.parametrize("encoding", ["br", "zstd", "x-nothing", "gzip, gzip"])
async def test_a_body_in_an_encoding_not_known_here_is_not_read(
    service: Caller, encoding: str
) -> None:
    answer = await service.put(
        "/v1/guilds/5", {"name": "a"}, headers={"Content-Encoding": encoding}
    )
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


async def test_a_body_that_is_not_gzip_leaves_no_traceback(database_url: str, key: str) -> None:
    body = b"this is not gzip at all"
    head = (
        f"PUT /v1/guilds/5 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    async with process(DATABASE_URL=signed_in(database_url), SLIMY_DRAIN_DELAY="0") as (
        running,
        address,
    ):
        got = await received(address, head.encode() + body)
        running.terminate()
        _, said = await running.communicate()
    assert got.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in got
    assert all(json.loads(line) for line in said.splitlines())
    assert b"Traceback" not in said
    assert b"frames" not in said


@pytest.mark.parametrize("query", ["search=%FF", "search=a%C3", "limit=5&search=%ED%A0%80"])
async def test_a_query_that_is_not_text_is_refused(service: Caller, query: str) -> None:
    got = await received(
        service.address,
        f"GET /v1/users?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: Bearer {service.token}\r\n\r\n".encode(),
    )
    assert got.startswith(b"HTTP/1.1 400")
    problem = json.loads(got.rpartition(b"\r\n\r\n")[2])
    assert problem["code"] == "invalid_parameter"
    assert problem["errors"][0]["name"] == "search"


@pytest.mark.fault("D6")
async def test_a_busy_pool_is_an_overload_and_no_reason_to_be_unready(
    service: Caller, settings: Settings, database_url: str
) -> None:
    pool = PoolSettings(pool_size=1, acquire_timeout=0.5)
    async with (
        Database.open(signed_in(database_url), settings=pool) as narrow,
        served(service, settings, narrow, ready_timeout=1.5) as caller,
    ):
        ready = await caller.get("/health/ready")
        assert ready.json["pool"] == "free"
        async with narrow.transaction():
            answer = await caller.get("/v1/guilds")
            assert (answer.status, answer.code) == (503, "overloaded")
            assert answer.headers["Retry-After"] == "1"
            ready = await caller.get("/health/ready")
            assert (ready.status, ready.json["pool"]) == (200, "busy")
            assert ready.json["serverVersion"] is None
    assert waiting(database_url) == 0
