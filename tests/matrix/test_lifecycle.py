"""The service as a process: without its database, ended twice, blocked, short of descriptors and of memory."""

import asyncio
import itertools
import logging
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web

from service.app import STATE, create_app
from service.server import listening
from service.settings import Settings
from service.watchdog import Stalls, watching
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.domain.guilds import Guilds
from slimy_dal.schema import migrator
from slimy_dal.testing import Node
from tests.logins import SERVICE, make_login, signed_in
from tests.matrix.lateness import Lateness
from tests.service.processes import process

MIGRATIONS = Path(__file__).parent.parent.parent / "sql" / "migrations"
Record = Callable[[str, object], None]


async def status(session: aiohttp.ClientSession, url: str, seconds: float = 4) -> int:
    """Return the status of an answer; 0 where there was none."""
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=seconds)) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def size(pid: int) -> int:
    """Return the bytes of a process's address space."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


@pytest.fixture
async def key(app_url: str) -> str:
    """An API key that has every scope."""
    async with Database.open(app_url) as db:
        return (await db.api_keys.create("all", SCOPES)).key


@pytest.mark.slow
@pytest.mark.fault("E4")
async def test_a_service_that_starts_without_its_database_lives_and_is_ready_soon_after_it(
    record_property: Record,
) -> None:
    with Node() as node:
        await asyncio.to_thread(migrator.apply, node.dsn(), MIGRATIONS)
        make_login(node.dsn(), SERVICE, "slimy_app")
        dsn = signed_in(node.dsn())
        await asyncio.to_thread(node.stop)
        async with (
            process(DATABASE_URL=dsn, SLIMY_DRAIN_DELAY="0") as (running, address),
            aiohttp.ClientSession() as session,
        ):
            assert await status(session, f"{address}/health/live") == 200
            assert await status(session, f"{address}/health/ready") == 503
            assert await status(session, f"{address}/v1/guilds") in {401, 503}
            await asyncio.sleep(1)
            async with Lateness() as late:
                await asyncio.to_thread(node.start)
                there = time.monotonic()
                while await status(session, f"{address}/health/ready") != 200:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                took = time.monotonic() - there
            # The server is there for whoever asks a little before pg_ctl says so.
            assert took <= 1.5 + late.worst
            record_property("figure", f"ready {took:.2f} s after the database")
            running.terminate()
            assert await asyncio.wait_for(running.wait(), 15) == 0


@pytest.mark.slow
@pytest.mark.fault("E4", "E5")
async def test_a_database_that_comes_later_and_is_another_one_ends_the_service() -> None:
    with Node() as node:
        await asyncio.to_thread(migrator.apply, node.dsn(), MIGRATIONS)
        make_login(node.dsn(), SERVICE, "slimy_app")
        dsn = signed_in(node.dsn())
        await asyncio.to_thread(node.sql, "ALTER TABLE slimy.users RENAME avatar TO picture")
        await asyncio.to_thread(node.stop)
        async with process(DATABASE_URL=dsn, SLIMY_DRAIN_DELAY="0") as (running, _):
            await asyncio.to_thread(node.start)
            _, said = await asyncio.wait_for(running.communicate(), 30)
            assert running.returncode == 1
            assert b"slimy.users.avatar does not exist" in said.splitlines()[-1]


def left(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """How many sessions of the service are at work in this database."""
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = %s AND state <> 'idle' AND datname = current_database()",
        (SERVICE,),
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.slow
@pytest.mark.fault("E2")
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGKILL])
async def test_whatever_a_process_that_was_ended_twice_had_acknowledged_is_kept_once(
    database_url: str, key: str, second: signal.Signals, record_property: Record
) -> None:
    done: set[str] = set()
    asked = 0
    variables = {"DATABASE_URL": signed_in(database_url), "SLIMY_ACCESS_LOG": "0"}
    async with (
        process(**variables, SLIMY_DRAIN_DELAY="0.2") as (running, address),
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
    ):

        async def caller(name: int) -> None:
            nonlocal asked
            for number in range(10_000):
                asked += 1
                body = {"code": f"TWICE{name}-{number}", "reason": "expired"}
                async with session.post(f"{address}/v1/code-reports", json=body) as answer:
                    if answer.status == 201:
                        done.add(body["code"])

        callers = [asyncio.create_task(caller(name)) for name in range(8)]
        async with asyncio.timeout(60):
            while len(done) <= 100:  # noqa: ASYNC110 -- the callers tell nobody
                await asyncio.sleep(0.05)
        running.terminate()
        await asyncio.sleep(0.1)
        running.send_signal(second)
        ended = time.monotonic()
        await asyncio.wait_for(running.wait(), 15)
        took = time.monotonic() - ended
        await asyncio.gather(*callers, return_exceptions=True)
    with psycopg.connect(database_url) as connection:
        connection.autocommit = True
        end = time.monotonic() + 15
        while left(connection):
            assert time.monotonic() < end, "a session of the process that ended goes on"
            await asyncio.sleep(0.05)
        rows = connection.execute("SELECT code FROM slimy.code_reports").fetchall()
    kept = [code for (code,) in rows]
    assert len(done) > 20
    assert done <= set(kept)
    assert len(kept) == len(set(kept)) <= asked
    record_property(
        "figure",
        f"{second.name}: {len(done)} acknowledged, all kept; {len(kept) - len(done)} kept whose "
        f"answer was lost; ended in {took:.2f} s",
    )


async def _blocks_the_loop(*_: object, **__: object) -> None:
    time.sleep(0.9)  # noqa: ASYNC251 -- that is the fault


@pytest.mark.fault("E6")
async def test_who_blocks_the_event_loop_is_named_and_others_only_wait(
    app_url: str,
    key: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Guilds, "get", _blocks_the_loop)
    settings = Settings(database_url=app_url, port=0, access_log=False)
    async with Database.open(app_url) as db:
        app: web.Application = create_app(settings, db)
        stalls = app[STATE].stalls
        async with (
            listening(app, settings) as address,
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        ):
            assert await status(session, f"{address}/v1/guilds") == 200
            with watching(stalls), caplog.at_level(logging.WARNING):
                calls = [status(session, f"{address}/v1/guilds") for _ in range(30)]
                blocking = asyncio.create_task(status(session, f"{address}/v1/guilds/1"))
                found = await asyncio.gather(*calls)
                await blocking
                await asyncio.sleep(0.3)
            assert set(found) == {200}
            async with session.get(f"{address}/metrics") as answer:
                text = (await answer.text()).splitlines()
                assert f"slimy_loop_stalls_total {stalls.count}" in text
    # A machine that serves nobody for a while blocks it once more.
    assert stalls.count >= 1
    assert 0.5 < stalls.seconds < 3 * stalls.count
    told = [one for one in caplog.records if "event loop was blocked" in one.getMessage()]
    assert len(told) == stalls.count
    places = [place for one in told for place in getattr(one, "fields", {})["places"][-1:]]
    assert any("_blocks_the_loop" in place for place in places), places


async def test_a_loop_that_is_only_busy_is_not_called_blocked() -> None:
    """The control: the same work in small pieces."""
    stalls, worst = Stalls(), 0.0
    with watching(stalls):
        for _ in range(60):
            began = time.monotonic()
            time.sleep(0.01)  # noqa: ASYNC251 -- as above
            worst = max(worst, time.monotonic() - began)
            await asyncio.sleep(0)
    # A machine that serves nobody for a while does block it.
    assert stalls.count == 0 or worst > 0.1


@pytest.mark.slow
@pytest.mark.fault("E7")
async def test_a_process_without_descriptors_serves_again_when_it_has_some(
    database_url: str, key: str
) -> None:
    variables = {"DATABASE_URL": signed_in(database_url), "SLIMY_ACCESS_LOG": "0"}
    async with (
        process(**variables, SLIMY_DRAIN_DELAY="0") as (running, address),
        aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {key}"}, connector=aiohttp.TCPConnector(limit=0)
        ) as session,
    ):
        taken = descriptors(running.pid)
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (taken + 6, taken + 200))
        found = await asyncio.gather(
            *(status(session, f"{address}/v1/guilds") for _ in range(60)),
            *(status(session, f"{address}/health/live") for _ in range(20)),
        )
        assert found.count(200) >= 6
        assert set(found) <= {200, 503, 0}
        await session.connector.close()  # type: ignore[union-attr]
        assert running.returncode is None
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as again:
            for _ in range(100):
                if await status(again, f"{address}/v1/guilds") == 200:
                    break
                await asyncio.sleep(0.05)
            assert await status(again, f"{address}/v1/guilds") == 200
        running.terminate()
        assert await asyncio.wait_for(running.wait(), 15) == 0


@pytest.mark.slow
@pytest.mark.fault("E8")
async def test_a_process_at_its_limit_of_memory_refuses_and_lives_and_serves_when_it_has_some(
    database_url: str, key: str, record_property: Record
) -> None:
    variables = {"DATABASE_URL": signed_in(database_url), "SLIMY_ACCESS_LOG": "0"}
    body = b'{"stats": [' + b",".join([b'{"type": "' + b"a" * 90 + b'"}'] * 9000) + b"]}"
    found: Counter[int] = Counter()
    took, numbers = 0.0, itertools.count()
    async with (
        process(**variables, SLIMY_DRAIN_DELAY="0") as (running, address),
        aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
        ) as session,
    ):
        drained = asyncio.create_task(_drained(running))

        async def sent(path: str, body: bytes) -> int:
            try:
                async with session.post(f"{address}{path}", data=body) as answer:
                    await answer.read()
                    return answer.status
            except (aiohttp.ClientError, TimeoutError):
                return 0

        def small() -> bytes:
            return b'{"code": "SHORT%d", "reason": "expired"}' % next(numbers)

        assert await sent("/v1/code-reports", small()) == 201
        for spare in (24, 8, 2):
            limit = size(running.pid) + spare * 2**20
            resource.prlimit(running.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
            found.update(
                await asyncio.gather(
                    *(sent("/v1/stats:batch", body) for _ in range(30)),
                    *(sent("/v1/code-reports", small()) for _ in range(5)),
                    *(status(session, f"{address}/v1/guilds", 30) for _ in range(5)),
                )
            )
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            assert running.returncode is None
            resource.prlimit(running.pid, resource.RLIMIT_AS, unlimited)
            async with Lateness() as late:
                there = time.monotonic()
                while await sent("/v1/code-reports", small()) != 201:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                took = max(took, time.monotonic() - there - late.worst)
            assert await status(session, f"{address}/v1/guilds", 30) == 200
        assert took <= 3
        assert set(found) <= {0, 200, 201, 422, 500, 503}
        assert found[503] > 0
        running.terminate()
        assert await asyncio.wait_for(running.wait(), 30) == 0
        await drained
    record_property("figure", f"served {took:.2f} s after the memory was back")
    record_property("figure", f"answers {dict(sorted(found.items()))} with 24, 8 and 2 MB to spare")


async def _drained(running: asyncio.subprocess.Process) -> None:
    """Take what a process says: it would wait for ever for a pipe that nobody reads."""
    assert running.stderr is not None
    while await running.stderr.read(65536):
        pass
