"""Several processes on one port: none of their callers notices how many there are, when one dies, or when all end."""

import asyncio
import json
import os
import re
import resource
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from tests.logins import signed_in
from tests.service.load import Tally, answer, hammer
from tests.service.processes import process, refused
from tests.service.test_pipeline import waiting

pytestmark = pytest.mark.slow

LIST = "/v1/guilds?limit=1"


def serving(
    database_url: str, workers: int = 2, **variables: str
) -> AbstractAsyncContextManager[tuple[asyncio.subprocess.Process, str]]:
    """Workers that write no log, which nobody here would read, and do not wait for balancers."""
    return process(
        **{
            "DATABASE_URL": signed_in(database_url),
            "SLIMY_WORKERS": str(workers),
            "SLIMY_ACCESS_LOG": "0",
            "SLIMY_DRAIN_DELAY": "0",
            **variables,
        }
    )


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def there_is(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def metrics(address: str) -> dict[str, float]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/metrics") as answer,
    ):
        text = await answer.text()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if not line.startswith("#")
    }


async def until(
    true: Callable[[], Awaitable[bool]], seconds: float = 60, every: float = 0.1
) -> None:
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, "it does not become true"
        await asyncio.sleep(every)


async def many(tally: Tally, answers: int) -> bool:
    return tally.answered.total() >= answers


async def one_tells(address: str) -> bool:
    return (await metrics(address))["slimy_workers_answering"] == 1


async def are_waiting(database_url: str, statements: int) -> bool:
    return waiting(database_url) >= statements


async def logged(running: asyncio.subprocess.Process) -> list[dict[str, Any]]:
    assert running.stdout is not None
    return [json.loads(line) for line in (await running.stdout.read()).splitlines()]


@pytest.mark.fault("E1")
async def test_the_end_of_all_workers_loses_no_request_and_refuses_none_before_it_is_announced(
    database_url: str, key: str
) -> None:
    async with serving(database_url, SLIMY_DRAIN_DELAY="1", SLIMY_ACCESS_LOG="1") as (
        running,
        address,
    ):
        tally = Tally()
        callers = [
            asyncio.create_task(hammer(address, LIST, tally, key=key, keep=number % 2 == 0))
            for number in range(12)
        ]
        # Read from the beginning: who finds nobody to read his log cannot write it.
        log = asyncio.create_task(logged(running))
        await until(lambda: many(tally, 200))
        running.terminate()
        asked = time.monotonic()
        await asyncio.gather(*callers)
        assert await asyncio.wait_for(running.wait(), 15) == 0
        lines = await log
    assert tally.complete, tally
    assert set(tally.answered) == {200}
    assert tally.refused is not None
    assert tally.refused > asked + 1
    # Every line is whole: the workers write to one stream.
    assert sum(line["route"] == "/v1/guilds" for line in lines) == tally.sent


@pytest.mark.fault("E1")
async def test_what_is_killed_does_lose_requests_so_the_count_above_says_something(
    database_url: str, key: str
) -> None:
    async with serving(database_url) as (
        running,
        address,
    ):
        tally = Tally()
        callers = [
            asyncio.create_task(hammer(address, LIST, tally, key=key, keep=True, requests=40))
            for _ in range(8)
        ]
        with psycopg.connect(database_url) as connection:
            connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
            await until(lambda: are_waiting(database_url, 4))
            await asyncio.sleep(0.5)
            os.kill(children(running.pid)[0], signal.SIGKILL)
            await asyncio.sleep(0.2)
        await asyncio.gather(*callers)
    assert tally.lost
    assert not tally.complete


@pytest.mark.fault("E3")
async def test_the_end_of_one_worker_loses_nothing_and_it_is_started_again(
    database_url: str, key: str
) -> None:
    async with serving(database_url, SLIMY_DRAIN_DELAY="1") as (
        running,
        address,
    ):
        tally = Tally()
        callers = [
            asyncio.create_task(
                hammer(address, LIST, tally, key=key, keep=number % 2 == 0, requests=250)
            )
            for number in range(8)
        ]
        await until(lambda: many(tally, 100))
        first, second = children(running.pid)
        os.kill(first, signal.SIGTERM)
        await asyncio.gather(*callers)
        assert tally.complete, tally
        assert tally.answered == {200: 8 * 250}
        assert tally.refused is None

        async def there_are_two() -> bool:
            found = set(children(running.pid))
            return len(found) == 2 and second in found and first not in found

        await until(there_are_two)

        async def both_answer() -> bool:
            return (await metrics(address))["slimy_workers_answering"] == 2

        await until(both_answer)
        running.terminate()
        assert await asyncio.wait_for(running.wait(), 15) == 0


async def test_connections_are_spread_evenly(database_url: str, key: str) -> None:
    async with serving(database_url) as (
        _,
        address,
    ):
        host, port = address.removeprefix("http://").split(":")
        request = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
        writers = []
        # Many, and one after the other: a worker that is held up for a moment misses a few, and gets the next ones.
        for _ in range(48):
            reader, writer = await asyncio.open_connection(host, int(port))
            writers.append(writer)
            writer.write(request.encode())
            assert await answer(reader) == (200, False)
        found: dict[str, float] = {}

        async def both_tell() -> bool:
            nonlocal found
            found = await metrics(address)
            return found["slimy_workers_answering"] == 2

        await until(both_tell)
        for writer in writers:
            writer.close()
            await writer.wait_closed()
    shares = [found[f'slimy_worker_requests_total{{worker="{number}"}}'] for number in range(2)]
    assert sum(shares) >= 48
    assert min(shares) / sum(shares) > 0.4, shares


async def test_a_scrape_gives_the_figures_of_all_workers_and_its_counters_never_fall(
    database_url: str, key: str
) -> None:
    counted = 'slimy_http_requests_total{method="GET",route="/v1/guilds",status="200"}'
    timed = 'slimy_http_request_seconds_count{method="GET",route="/v1/guilds"}'
    asked = 'slimy_query_seconds_bucket{query="guilds.list_newest",le="+Inf"}'
    async with serving(database_url, 3) as (
        running,
        address,
    ):
        tally = Tally()
        callers = [hammer(address, LIST, tally, key=key, keep=True, requests=20) for _ in range(9)]
        await asyncio.gather(*callers)
        assert tally.answered == {200: 180}
        found: dict[str, float] = {}

        async def are_answering(workers: int) -> bool:
            nonlocal found
            before, found = found, await metrics(address)
            # Also those of a worker that is gone, or too busy to tell.
            assert found[counted] >= before.get(counted, 0)
            return found["slimy_workers_answering"] == workers

        for _ in range(6):
            await until(lambda: are_answering(3))
            assert (found[counted], found[timed], found["slimy_pool_limit"]) == (180, 180, 48)
        queries = [name for name in found if name.startswith("slimy_query_seconds_count")]
        assert queries
        assert asked in found or queries
        os.kill(children(running.pid)[1], signal.SIGKILL)
        await until(lambda: are_answering(2), every=0.02)
        assert (found[counted], found[timed], found["slimy_workers"]) == (180, 180, 3)
        assert found["slimy_pool_limit"] == 32


async def test_a_worker_that_hangs_holds_up_neither_scrapes_nor_callers(
    database_url: str, key: str
) -> None:
    async with serving(database_url) as (
        running,
        address,
    ):
        before = await metrics(address)
        hung = children(running.pid)[0]
        os.kill(hung, signal.SIGSTOP)
        try:
            began = time.monotonic()
            tally = Tally()
            await asyncio.gather(
                *(hammer(address, LIST, tally, key=key, keep=False, requests=5) for _ in range(4))
            )
            found = await metrics(address)
            assert time.monotonic() - began < 20
            # The other one may be late with its figures too, for a moment.
            await until(lambda: one_tells(address))
        finally:
            os.kill(hung, signal.SIGCONT)
        assert tally.answered == {200: 20}
        assert found["slimy_workers_answering"] <= 1
        assert all(
            value <= found.get(name, 0) for name, value in before.items() if "_total" in name
        )


async def test_pages_of_one_worker_go_on_at_another(database_url: str, key: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO slimy.guilds (id, name) SELECT n, 'g' FROM generate_series(1, 60) AS n"
        )
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    async with (
        serving(database_url) as (_, url),
        aiohttp.ClientSession(headers=headers) as session,
    ):
        cursor: str | None = ""
        seen = 0
        while cursor is not None:
            query = f"&cursor={cursor}" if cursor else ""
            async with session.get(f"{url}/v1/guilds?limit=3{query}") as answer:
                assert answer.status == 200
                page = await answer.json()
            seen, cursor = seen + len(page["data"]), page["nextCursor"]
        found = await metrics(url)
    assert seen == 60
    assert all(found[f'slimy_worker_requests_total{{worker="{n}"}}'] > 1 for n in range(2))


async def test_what_keeps_workers_from_starting_is_said_once(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE slimy.users RENAME COLUMN avatar TO picture")
    code, said = await refused(
        DATABASE_URL=signed_in(database_url), SLIMY_PORT="0", SLIMY_WORKERS="3"
    )
    assert code == 1
    assert "slimy.users.avatar does not exist" in said
    assert said.count("apply the migrations") == 1
    assert "Traceback" not in said


async def test_a_port_in_use_is_said_with_its_number(database_url: str) -> None:
    async with process(DATABASE_URL=signed_in(database_url), SLIMY_DRAIN_DELAY="0") as (_, address):
        port = address.rpartition(":")[2]
        for workers in ("1", "2"):
            code, said = await refused(
                DATABASE_URL=signed_in(database_url), SLIMY_PORT=port, SLIMY_WORKERS=workers
            )
            assert code == 1
            assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in said


@pytest.mark.fault("E7")
async def test_a_worker_that_cannot_be_started_for_want_of_descriptors_is_when_there_are_some(
    database_url: str,
) -> None:
    async with serving(database_url) as (running, address):
        usual = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (3, usual[1]))
        first, second = children(running.pid)
        os.kill(first, signal.SIGKILL)
        assert running.stderr is not None
        said = b""
        while b"could not be started" not in said:
            said = await asyncio.wait_for(running.stderr.readline(), 30)
            assert said, "the supervisor ended"
        assert children(running.pid) == [second]
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, usual)

        async def both_answer() -> bool:
            return (await metrics(address))["slimy_workers_answering"] == 2

        await until(both_answer, 60)
        running.terminate()
        assert await asyncio.wait_for(running.wait(), 30) == 0


async def test_workers_that_die_again_and_again_end_the_service(database_url: str) -> None:
    async with serving(database_url) as (running, _):
        with psycopg.connect(database_url) as connection:
            connection.execute("ALTER TABLE slimy.users RENAME COLUMN avatar TO picture")
        os.kill(children(running.pid)[0], signal.SIGKILL)
        assert running.stderr is not None
        said = (await asyncio.wait_for(running.stderr.read(), 240)).decode()
        assert await asyncio.wait_for(running.wait(), 15) == 1
    last = [line for line in said.splitlines() if "keeps ending" in line]
    assert len(last) == 1
    assert re.search(r"worker 0 ended with code 1: it keeps ending, so the service ends", last[0])
    # One that was killed after ten seconds was no failure to start.
    assert said.count("it is started again in") in {3, 4}
    assert "Traceback" not in said


async def test_workers_end_with_their_supervisor(database_url: str, key: str) -> None:
    async with serving(database_url, SLIMY_DRAIN_DELAY="1") as (
        running,
        address,
    ):
        workers = children(running.pid)
        tally = Tally()
        callers = [
            asyncio.create_task(hammer(address, LIST, tally, key=key, keep=number % 2 == 0))
            for number in range(6)
        ]
        await asyncio.sleep(0.5)
        running.kill()
        await asyncio.gather(*callers)

        async def they_are_gone() -> bool:
            return not any(map(there_is, workers))

        await until(they_are_gone)
    assert tally.complete, tally


async def test_the_number_of_connections_to_the_database_is_said_at_the_start(
    database_url: str,
) -> None:
    heard: list[str] = []
    async with process(
        heard, DATABASE_URL=signed_in(database_url), SLIMY_WORKERS="2", SLIMY_POOL_SIZE="5"
    ) as (running, _):
        running.terminate()
    assert "2 workers open at most 10 connections to the database" in "".join(heard)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.fault("E2")
async def test_a_second_signal_ends_it_at_once(database_url: str, workers: int) -> None:
    async with serving(database_url, workers, SLIMY_DRAIN_DELAY="60") as (running, _):
        running.terminate()
        ending = asyncio.create_task(running.wait())
        for _ in range(40):
            await asyncio.wait([ending], timeout=0.5)
            if ending.done():
                break
            # A signal that comes before the one ahead of it was seen is no second one.
            with suppress(ProcessLookupError):
                running.terminate()
        assert await asyncio.wait_for(ending, 10) != 0
