"""What holds for every request, whatever it asks for."""

import asyncio
import io
import json
import logging
import socket
import struct
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import psycopg
import pytest

from service.accesslog import AccessLog
from service.app import STATE, create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine import embedded
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.schema import migrator
from tests.conftest import MIGRATIONS
from tests.service.conftest import Caller, People, judge


async def test_aiohttps_own_refusals_are_problems_too(anyone: Caller) -> None:
    for method, path, status, code in (
        ("GET", "/v1/nothing", 404, "no_such_route"),
        ("GET", "/", 404, "no_such_route"),
        ("GET", "/v1/users/", 404, "no_such_route"),
        ("POST", "/v1/users", 405, "method_not_allowed"),
        ("PATCH", "/v1/users/by-email", 405, "method_not_allowed"),
        ("OPTIONS", "/v1/users", 405, "method_not_allowed"),
        ("TRACE", "/v1/users", 405, "method_not_allowed"),
        ("BREW", "/v1/users", 400, "bad_request"),
    ):
        answer = await anyone.call(method, path)
        assert (answer.status, answer.code) == (status, code), (method, path)
        assert answer.json["status"] == status
        assert answer.json["type"] == f"/problems/{code}"
        if status == 405:
            assert "GET" in answer.headers["Allow"]


async def test_a_request_for_no_path_at_all_is_answered_with_a_problem(service: Caller) -> None:
    host, port = service.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 404")
    assert b"application/problem+json" in head
    assert json.loads(body)["requestId"] in head.decode()


async def test_head_answers_like_get_without_a_body(service: Caller) -> None:
    answer = await service.call("HEAD", "/health/live")
    assert (answer.status, answer.content) == (200, b"")


async def test_a_request_id_is_taken_over_or_made(anyone: Caller) -> None:
    given = await anyone.get("/v1/users", headers={"X-Request-Id": "caller-7.0_x"})
    assert given.headers["X-Request-Id"] == "caller-7.0_x"
    assert given.json["requestId"] == "caller-7.0_x"
    assert given.json["instance"] == "urn:slimy:request:caller-7.0_x"
    for bad in ("short", "x" * 129, "with space", "ü" * 10, '"quoted-id"'):
        made = (await anyone.get("/v1/users", headers={"X-Request-Id": bad})).headers[
            "X-Request-Id"
        ]
        assert made != bad
        assert len(made) == 32


async def test_every_response_carries_the_security_headers(anyone: Caller) -> None:
    for path in ("/health/live", "/v1/nothing", "/v1/users", "/docs", "/metrics", "/openapi.json"):
        headers = (await anyone.get(path)).headers
        assert headers["Server"] == "slimy"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer slimy_x",
        "Bearer " + "a" * 600,
        "Bearer a\u00e9",
        "Bearer x y",
    ],
)
async def test_without_good_credentials_the_answer_is_how_to_send_them(
    anyone: Caller, authorization: str
) -> None:
    answer = await anyone.get("/v1/users", headers={"Authorization": authorization})
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="slimy"'


async def test_a_right_key_with_a_wrong_secret_is_refused(service: Caller) -> None:
    assert service.token is not None
    wrong = service.token[:-1] + ("A" if service.token[-1] != "A" else "B")
    assert (await service.bearing(wrong).get("/v1/users")).status == 401


async def test_the_access_log_has_one_line_per_request_and_no_secrets(
    service: Caller, people: People, db: Database, settings: Settings
) -> None:
    stream = io.BytesIO()
    log = AccessLog(stream)
    app = create_app(settings, db, access_log=log)
    async with listening(app, settings) as address:
        caller = Caller(address, service.session, service.documented, service.token)
        await caller.get("/v1/users?search=private-search", headers={"X-Request-Id": "request-1"})
        await caller.put("/v1/users/by-discord/5", {"email": "private@mail", "username": 5})
        await caller.get("/v1/private-address")
        await caller.bearing("private-token").get("/v1/users")
    log.flush()
    text = stream.getvalue().decode()
    assert "private" not in text
    assert str(service.token) not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["method"], line["route"], line["status"], line["code"]) for line in lines] == [
        ("GET", "/v1/users", 200, None),
        ("PUT", "/v1/users/by-discord/{discord_id}", 422, "validation_failed"),
        ("GET", "unmatched", 404, "no_such_route"),
        ("GET", "/v1/users", 401, "unauthenticated"),
    ]
    assert lines[0]["requestId"] == "request-1"
    assert lines[0]["caller"].startswith("key:")
    assert lines[3]["caller"] is None


async def test_an_unexpected_failure_says_nothing_about_itself(
    service: Caller, monkeypatch: pytest.MonkeyPatch, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret".upper())

    monkeypatch.setattr(type(db.guilds), "list", fail)
    with caplog.at_level(logging.ERROR, logger="service"):
        answer = await service.get("/v1/guilds", headers={"X-Request-Id": "request-1"})
    assert (answer.status, answer.code) == (500, "internal")
    assert b"SECRET" not in answer.content
    assert "request-1" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "SECRET" not in caplog.text


async def test_too_many_requests_at_once_are_refused_but_health_is_not(
    service: Caller, db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()
    listed = type(db.guilds).list

    async def slow(self: Any, **options: Any) -> Any:
        await release.wait()
        return await listed(self, **options)

    monkeypatch.setattr(type(db.guilds), "list", slow)
    app = create_app(settings.model_copy(update={"max_in_flight": 2}), db)
    async with listening(app, settings) as address:
        caller = Caller(address, service.session, service.documented, service.token)
        running = [asyncio.create_task(caller.get("/v1/guilds")) for _ in range(2)]
        while app[STATE].in_flight < 2:  # noqa: ASYNC110 -- the service tells nobody
            await asyncio.sleep(0.01)
        shed = await caller.get("/v1/users")
        assert (shed.status, shed.code) == (503, "overloaded")
        assert 1 <= int(shed.headers["Retry-After"]) <= 3
        assert (await caller.get("/health/live")).status == 200
        assert (await caller.get("/health/ready")).status == 200
        text = (await caller.get("/metrics")).content
        assert b'slimy_http_requests_shed_total{priority="list",reason="in_flight"} 1' in text
        release.set()
        assert [answer.status for answer in await asyncio.gather(*running)] == [200, 200]


@pytest.fixture
async def locked(database_url: str) -> AsyncIterator[None]:
    """The guilds are locked by somebody else."""
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
        yield


async def test_a_request_that_takes_too_long_is_given_up_and_cancelled_in_the_database(
    service: Caller, db: Database, settings: Settings, locked: None, database_url: str
) -> None:
    app = create_app(settings.model_copy(update={"request_timeout": 0.3}), db)
    async with listening(app, settings) as address:
        caller = Caller(address, service.session, service.documented, service.token)
        for answer in (
            await caller.get("/v1/guilds"),
            await caller.put("/v1/guilds/5", {"name": "a"}),
        ):
            assert (answer.status, answer.code) == (504, "deadline_exceeded")
        assert await nobody_waits(database_url), "the statement goes on although it was given up"


async def nobody_waits(database_url: str, seconds: float = 10) -> bool:
    """Say whether no statement waits any more, soon: the statements themselves would wait for good."""
    end = time.monotonic() + seconds
    while waiting(database_url):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True


def waiting(database_url: str) -> int:
    """Return how many statements wait for a lock, or sleep, in this database."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND state = 'active'"
            " AND (wait_event_type = 'Lock' OR wait_event = 'PgSleep')"
        ).fetchone()
    assert row is not None
    return int(row[0])


async def hung_up(
    caller: Caller, method: str, path: str, body: bytes, database_url: str, *, reset: bool = True
) -> None:
    """Send a request, wait until the database works on it, and hang up: for good, or perhaps one side only."""
    host, port = caller.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    while waiting(database_url) == 0:  # noqa: ASYNC110 -- the database tells nobody
        await asyncio.sleep(0.02)
    if reset:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.fault("D11")
async def test_hanging_up_ends_a_read_in_the_database(
    service: Caller, locked: None, database_url: str, *, reset: bool
) -> None:
    await hung_up(service, "GET", "/v1/guilds", b"", database_url, reset=reset)
    assert await nobody_waits(database_url), "the statement goes on although nobody waits for it"


@pytest.mark.fault("D11")
async def test_hanging_up_does_not_end_a_write(
    service: Caller, db: Database, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
        await hung_up(service, "PUT", "/v1/guilds/5", b'{"name": "kept"}', database_url)
        await asyncio.sleep(0.2)
    for _ in range(500):
        page = await db.guilds.list()
        if page.items:
            assert page.items[0].name == "kept"
            return
        await asyncio.sleep(0.02)
    pytest.fail("the write was given up with its caller")


async def test_a_database_that_is_gone_is_unavailable_and_not_ready(settings: Settings) -> None:
    pool = PoolSettings(connect_timeout=10, host_timeout=10, acquire_timeout=1)
    remembering = settings.model_copy(update={"key_cache_seconds": 60.0})
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), MIGRATIONS)
        async with (
            Database.open(server.dsn(), settings=pool) as db,
            aiohttp.ClientSession() as session,
        ):
            key = (await db.api_keys.create("a", ["guilds:read"])).key
            app = create_app(remembering, db)
            documented = judge(app[STATE].document)
            async with listening(app, settings) as address:
                caller = Caller(address, session, documented, key)
                assert (await caller.get("/v1/guilds")).status == 200
                assert (await caller.get("/health/ready")).json["status"] == "ready"
                await asyncio.to_thread(embedded.stop, server)
                answer = await caller.get("/v1/guilds")
                assert (answer.status, answer.code) == (503, "unavailable")
                assert answer.headers["Retry-After"] == "1"
                ready = await caller.get("/health/ready")
                assert (ready.status, ready.code) == (503, "not_ready")
                assert [error["code"] for error in ready.json["errors"]] == ["database"]
                assert (await caller.get("/health/live")).json == {"status": "ok"}


async def test_metrics_count_requests_by_route_and_queries_by_name(service: Caller) -> None:
    await service.get("/v1/users/by-discord/5")
    await service.get("/v1/users/by-discord/6")
    await service.call("LOCK", "/v1/users")
    text = (await service.get("/metrics")).content.decode()
    route = 'route="/v1/users/by-discord/{discord_id}"'
    assert f'slimy_http_requests_total{{method="GET",{route},status="404"}} 2' in text
    assert f'slimy_http_request_seconds_count{{method="GET",{route}}} 2' in text
    assert 'slimy_http_requests_total{method="other",route="unmatched",status="405"} 1' in text
    assert 'slimy_query_seconds_count{query="users.find_by_discord_id"} 2' in text
    assert "slimy_pool_size" in text
    for line in text.splitlines():
        assert line.startswith("# ") or float(line.rpartition(" ")[2]) >= 0, line


async def test_what_is_not_http_is_refused(anyone: Caller) -> None:
    host, port = anyone.address.removeprefix("http://").split(":")
    for sent in (
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /%zz HTTP/9\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection((host, int(port))) as raw:
            raw.settimeout(0)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(raw, sent)
            answer = await asyncio.wait_for(loop.sock_recv(raw, 65536), 5)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), answer
        assert b"application/problem+json" in answer
        assert b"Server: slimy" in answer
