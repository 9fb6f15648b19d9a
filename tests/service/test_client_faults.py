"""The client when things go wrong: real servers that refuse, cut, wait and lie; and what is never done twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from service.app import create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.client import (
    CallFailed,
    Client,
    DeadlinePassed,
    Lines,
    Lost,
    RateLimited,
    Unavailable,
    Unreadable,
)
from slimy_dal.client.request import Operation
from slimy_dal.domain.database import Database
from tests.matrix.lateness import Lateness
from tests.service.conftest import Caller

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Step = Callable[[web.Request], Awaitable[web.StreamResponse | None]]

GUILD: dict[str, Any] = {
    "id": "5",
    "name": "a",
    "icon": None,
    "ownerId": None,
    "settings": {},
    "memberCount": 0,
    "messageCount": 0,
    "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
}


def problem(status: int, code: str, *, retryable: bool = True, wait: str | None = None) -> Step:
    """A refusal like the service's."""

    async def refuse(request: web.Request) -> web.Response:
        document = {
            "type": f"/problems/{code}",
            "title": code,
            "status": status,
            "detail": code,
            "instance": "urn:x",
            "code": code,
            "requestId": request.headers["X-Request-Id"],
            "retryable": retryable,
            "errors": [],
        }
        headers = {} if wait is None else {"Retry-After": wait}
        return web.json_response(
            document, status=status, headers=headers, content_type="application/problem+json"
        )

    return refuse


async def good(request: web.Request) -> web.Response:
    return web.json_response(GUILD, headers={"ETag": '"1.2"'})


async def cut(request: web.Request) -> web.Response:
    """Take the whole request, and hang up instead of answering."""
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_in_the_middle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"id": ')
    assert request.transport is not None
    request.transport.abort()
    return response


class Scripted:
    """A server that does one step per request, the last one for ever."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.seen: list[tuple[str, str | None, str, bytes]] = []
        self.address = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = request.headers
        body = await request.read()
        self.seen.append(
            (request.method, headers.get("Idempotency-Key"), headers["X-Request-Id"], body)
        )
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        response = await step(request)
        assert response is not None
        return response

    @property
    def tries(self) -> int:
        return len(self.seen)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site.port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def scripted(*steps: Step, **options: Any) -> AsyncIterator[tuple[Scripted, Client]]:
    server = Scripted(steps)
    async with serving(server.handle) as address, Client(address, "key", **options) as client:
        yield server, client


BUSY = problem(503, "busy")


async def test_what_is_safe_is_tried_again_until_it_is_well() -> None:
    async with scripted(BUSY, cut, cut_in_the_middle, good) as (server, client):
        guild = await client.guilds.get(5)
        assert (guild.id, guild.etag) == (5, '"1.2"')
        assert server.tries == 4
        assert len({identifier for _, _, identifier, _ in server.seen}) == 1


async def test_a_post_with_a_key_is_tried_again_with_the_same_key_and_body() -> None:
    async with scripted(BUSY, cut, good) as (server, client):
        await client.guilds.create(id=5, name="a")
        assert server.tries == 3
        assert len({(key, body) for _, key, _, body in server.seen}) == 1
        await client.guilds.create(id=5, name="a")
        assert len({key for _, key, _, _ in server.seen}) == 2
        assert None not in {key for _, key, _, _ in server.seen}


@pytest.mark.parametrize("step", [BUSY, cut, problem(429, "rate_limited", wait="0")])
async def test_a_patch_and_a_post_without_a_key_are_tried_once(step: Step) -> None:
    async with scripted(step, good) as (server, client):
        with pytest.raises(CallFailed) as failed:
            await client.guilds.change(5, name="a")
        assert (server.tries, failed.value.attempts) == (1, 1)
    async with scripted(step, good) as (server, client):
        with pytest.raises(CallFailed):
            await client.api_keys.create(name="a", scopes=["guilds:read"])
        assert server.tries == 1


async def test_what_would_fail_again_is_not_tried_again() -> None:
    for code, status in (("not_found", 404), ("internal", 500), ("outcome_unknown", 503)):
        async with scripted(problem(status, code, retryable=False), good) as (server, client):
            with pytest.raises(CallFailed):
                await client.guilds.get(5)
            assert server.tries == 1


async def test_a_change_of_one_version_is_not_repeated_when_its_answer_was_lost() -> None:
    async with scripted(cut, good) as (server, client):
        with pytest.raises(Lost):
            await client.guilds.remove(5, if_match='"1.2"')
        assert server.tries == 1
    # A refusal has done nothing, so it is.
    async with scripted(BUSY, good) as (server, client):
        await client.guilds.remove(5, if_match='"1.2"')
        assert server.tries == 2


async def test_attempts_end() -> None:
    async with scripted(BUSY, attempts=3) as (server, client):
        with pytest.raises(Unavailable) as failed:
            await client.guilds.get(5)
        assert (server.tries, failed.value.attempts, failed.value.code) == (3, 3, "busy")
    async with scripted(cut, attempts=3) as (server, client):
        with pytest.raises(Lost) as lost:
            await client.guilds.remove(5)
        assert (server.tries, lost.value.attempts) == (3, 3)


async def test_retry_after_is_waited_for() -> None:
    async with scripted(problem(429, "rate_limited", wait="1"), good) as (_, client):
        async with Lateness() as late:
            started = time.monotonic()
            await client.guilds.get(5)
            took = time.monotonic() - started
        assert 1 <= took < 3 + late.worst


async def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    async with scripted(problem(429, "rate_limited", wait="60"), deadline=5) as (server, client):
        started = time.monotonic()
        with pytest.raises(RateLimited) as failed:
            await client.guilds.get(5)
        assert time.monotonic() - started < 20
        assert (server.tries, failed.value.retry_after) == (1, 60)


async def test_a_deadline_is_for_all_tries_together() -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return await BUSY(request)  # type: ignore[return-value]

    async with scripted(slow, attempts=1000, deadline=1) as (server, client):
        async with Lateness() as late:
            started = time.monotonic()
            with pytest.raises((DeadlinePassed, Unavailable)):
                await client.guilds.get(5)
            took = time.monotonic() - started
        assert took < 1.5 + late.worst
        assert 1 < server.tries < 6 or late.worst > 0.5


async def test_silence_ends_at_the_deadline() -> None:
    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with scripted(silent) as (server, client):
        with pytest.raises(DeadlinePassed) as failed:
            await client.within(0.2).guilds.get(5)
        assert (server.tries, len(failed.value.request_id)) == (1, 32)


async def test_no_server_is_a_lost_call() -> None:
    async with serving(good) as address:
        pass
    async with Client(address, "key", attempts=2) as client:
        with pytest.raises(Lost) as failed:
            await client.guilds.get(5)
        assert failed.value.attempts == 2


async def test_what_a_proxy_says_is_not_taken_for_the_service() -> None:
    async def gateway(request: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>bad gateway</html>")

    async def liar(request: web.Request) -> web.Response:
        return web.json_response({"id": "five"})

    async with scripted(gateway, good) as (server, client):
        assert (await client.guilds.get(5)).id == 5
        assert server.tries == 2
    async with scripted(liar, good) as (server, client):
        with pytest.raises(Unreadable):
            await client.guilds.get(5)
        assert server.tries == 1


async def test_credentials_do_not_follow_redirects() -> None:
    reached = []

    async def thief(request: web.Request) -> web.Response:
        reached.append(request.headers.get("Authorization"))
        return web.json_response(GUILD)

    async with serving(thief) as elsewhere:

        async def redirect(request: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(elsewhere + request.path)

        async with scripted(redirect) as (_, client):
            with pytest.raises(Unreadable):
                await client.guilds.get(5)
    assert reached == []


async def test_a_list_that_leads_to_itself_ends() -> None:
    async def same(request: web.Request) -> web.Response:
        return web.json_response({"data": [], "nextCursor": "a", "prevCursor": None})

    async with scripted(same) as (server, client):
        with pytest.raises(Unreadable):
            async for _ in client.guilds.list_guilds():
                pass
        assert server.tries == 2


EXPORT = Operation[dict[str, Any]](
    "exports_stats", "GET", "/v1/exports/stats", dict[str, Any], media="application/x-ndjson"
)


def lines(*pieces: bytes, abort: bool = False) -> Step:
    async def send(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0.01)
        if abort and request.transport is not None:
            request.transport.abort()
        return response

    return send


async def test_an_export_gives_its_rows_and_proves_its_end() -> None:
    whole = b'{"a":1}\n{"end":true,"b":2}\n{"end":true,"rows":2}\n'
    for cut_at in range(0, len(whole), 7):
        step = lines(whole[:cut_at], whole[cut_at:])
        async with scripted(step) as (_, client):
            rows = [row async for row in Lines(client, EXPORT)]
        assert rows == [{"a": 1}, {"end": True, "b": 2}]
    async with scripted(lines(b'{"end":true,"rows":0}\n')) as (_, client):
        assert [row async for row in Lines(client, EXPORT)] == []


@pytest.mark.parametrize(
    "step",
    [
        lines(b'{"a":1}\n'),
        lines(b'{"a":1}\n', abort=True),
        lines(b'{"a":1}\n{"end":true,"ro'),
        lines(),
    ],
)
async def test_an_export_that_was_cut_off_is_not_taken_for_whole(step: Step) -> None:
    async with scripted(step) as (server, client):
        with pytest.raises(Lost):
            _ = [row async for row in Lines(client, EXPORT)]
        assert server.tries == 1


async def test_an_export_that_is_refused_is_a_problem_like_any() -> None:
    async with scripted(BUSY) as (_, client):
        with pytest.raises(Unavailable):
            _ = [row async for row in Lines(client, EXPORT)]
    async with scripted(lines(b"[]\n")) as (_, client):
        with pytest.raises(Unreadable):
            _ = [row async for row in Lines(client, EXPORT)]


async def test_a_post_whose_answer_was_lost_is_done_once(
    anyone: Caller, key: str, db: Database
) -> None:
    """The service did it, the wire between broke, and the second try gets the first one's answer."""
    replayed = []

    async def wire(request: web.Request) -> web.StreamResponse:
        sent = {name: value for name, value in request.headers.items() if name != "Host"}
        async with anyone.session.request(
            request.method, anyone.address + request.path, data=await request.read(), headers=sent
        ) as answer:
            body = await answer.read()
            replayed.append(answer.headers.get("Idempotency-Replayed"))
        if len(replayed) == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer.status, body=body, content_type=answer.content_type)

    async with serving(wire) as address, Client(address, key) as client:
        made = await client.guilds.create(id=5, name="a")
    assert replayed == [None, "true"]
    [only] = (await db.guilds.list()).items
    assert (only.id, only.name) == (made.id, "a")


async def test_rate_limits_of_the_service_are_waited_for(
    db: Database, settings: Settings, key: str
) -> None:
    limited = create_app(settings.model_copy(update={"rate_read": "2/2"}), db)
    async with listening(limited, settings) as address, Client(address, key) as client:
        started = time.monotonic()
        for _ in range(4):
            await client.guilds.list_guilds()
        assert time.monotonic() - started >= 1
        hasty = Client(address, key, attempts=1, session=client_session(client))
        with pytest.raises(RateLimited) as failed:
            for _ in range(3):
                await hasty.guilds.list_guilds()
        assert (failed.value.retry_after or 0) >= 1


def client_session(client: Client) -> aiohttp.ClientSession:
    session = client._session  # noqa: SLF001 -- one pool for both
    assert session is not None
    return session


async def test_a_session_that_was_given_stays_open() -> None:
    async with serving(good) as address, aiohttp.ClientSession() as session:
        async with Client(address, session=session) as client:
            await client.guilds.get(5)
        assert not session.closed
