"""What becomes of rate limits when their Redis dies, hangs, is slow, full, read-only or holds garbage (rows R1-R7)."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis import asyncio as driver

from service.limits import Limits, Rate
from service.problems import Refusal
from slimy_dal.engine.redis import Redis
from tests.matrix.chance import seeded
from tests.matrix.lateness import Lateness
from tests.redis_server import RedisServer, patient, running

RATE = Rate(20, 600)
FIRST, LATER = 0.05, 0.002
"""Seconds that the first call without Redis may take, and each one after it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with running(tmp_path) as started:
        yield started


@asynccontextmanager
async def limits_of(url: str) -> AsyncIterator[Limits]:
    async with Redis.open(url) as redis:
        yield Limits({"read": RATE}, redis)


@asynccontextmanager
async def patient_limits(server: RedisServer) -> AsyncIterator[tuple[Limits, driver.Redis]]:
    """Limits that await their Redis on a busy machine, too, and a client of the test's own."""
    with patient():
        async with limits_of(server.url) as limits, driver.Redis.from_url(server.url) as raw:
            yield limits, raw


async def allowed(limits: Limits, times: int, caller: str = "a") -> int:
    """How many of so many calls were let through."""
    count = 0
    for _ in range(times):
        with suppress(Refusal):
            await limits.take(caller, "read")
            count += 1
    return count


async def seconds_of(limits: Limits) -> float:
    began = time.perf_counter()
    await limits.take("b", "read")
    return time.perf_counter() - began


async def without_it_calls_are_counted_here(
    server: RedisServer,
    fault: Callable[[], object],
    record_property: Callable[[str, object], None],
) -> None:
    async with AsyncExitStack() as stack, Lateness() as late:
        with patient():
            limits = await stack.enter_async_context(limits_of(server.url))
            assert await allowed(limits, 25) == 20
        fault()
        first = await seconds_of(limits)
        later = sorted([await seconds_of(limits) for _ in range(9)])[4]
        assert limits.counts_alone
        assert await allowed(limits, 25, "c") == 20
    record_property("figure", f"first call {first * 1000:.0f} ms, then {later * 1000:.2f} ms")
    assert first <= FIRST + 0.02 + late.worst
    assert later <= LATER + late.worst


@pytest.mark.fault("R1")
async def test_a_dead_redis_costs_nothing_but_the_common_count(
    server: RedisServer, record_property: Callable[[str, object], None]
) -> None:
    def kill() -> None:
        server.process.kill()
        server.process.wait()

    await without_it_calls_are_counted_here(server, kill, record_property)


@pytest.mark.fault("R2")
async def test_a_hung_redis_is_waited_for_once_and_shortly(
    server: RedisServer, record_property: Callable[[str, object], None]
) -> None:
    def hang() -> None:
        os.kill(server.process.pid, signal.SIGSTOP)

    await without_it_calls_are_counted_here(server, hang, record_property)
    os.kill(server.process.pid, signal.SIGCONT)
    async with patient_limits(server) as (limits, _):
        assert await allowed(limits, 25) == 0, "what was counted before it hung is still there"


@asynccontextmanager
async def relay(path: str, delay: float) -> AsyncIterator[int]:
    """Listen on a port, which is given, and pass everything on to a socket, later."""
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while data := await reader.read(65536):
            await asyncio.sleep(delay)
            writer.write(data)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_unix_connection(path)
        pumps = pump(reader, downstream), pump(upstream, writer)
        await asyncio.gather(*pumps, return_exceptions=True)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]
        for writer in writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.mark.fault("R3")
async def test_a_slow_redis_is_left_alone(
    server: RedisServer, record_property: Callable[[str, object], None]
) -> None:
    async with relay(server.url.removeprefix("unix://"), 0.2) as port:
        async with limits_of(f"redis://127.0.0.1:{port}") as limits, Lateness() as late:
            first, second = await seconds_of(limits), await seconds_of(limits)
        assert limits.counts_alone
    record_property("figure", f"first call {first * 1000:.0f} ms, then {second * 1000:.2f} ms")
    assert first <= FIRST + 0.02 + late.worst
    assert second <= LATER + late.worst


GARBAGE = ["", "word", "nan", "-nan", "inf", "-inf", "1e999", "-1", "0x10", "9" * 400, "\x80\x04K."]


@pytest.mark.fault("R5")
async def test_garbage_in_redis_shuts_nobody_out_and_lets_nobody_through(
    server: RedisServer,
) -> None:
    chance = seeded(7)
    texts = [*GARBAGE, *(str(chance.getrandbits(chance.randrange(1, 600))) for _ in range(20))]
    async with patient_limits(server) as (limits, raw):
        for number, text in enumerate(texts):
            key = f"slimy:rate:read:{number}"
            await raw.set(key, text)
            await limits.give_back(str(number), "read")
            await raw.set(key, text)
            assert await allowed(limits, 25, str(number)) == 20, text
        await raw.delete("slimy:rate:read:list")
        await raw.rpush("slimy:rate:read:list", "of", "another", "kind")
        assert await allowed(limits, 25, "list") == 20
        assert not limits.counts_alone


@pytest.mark.fault("R6")
async def test_a_redis_that_is_full_lets_calls_be_counted_here(
    server: RedisServer, record_property: Callable[[str, object], None]
) -> None:
    async with patient_limits(server) as (limits, raw):
        await raw.config_set("maxmemory-policy", "noeviction")
        assert await allowed(limits, 25) == 20
        await raw.config_set("maxmemory", 1)
        assert await allowed(limits, 25, "c") == 20
        assert limits.counts_alone
        await raw.config_set("maxmemory", 0)
        await asyncio.sleep(1.05)
        assert await allowed(limits, 5) == 0, "it is asked again, and remembers"
    record_property("figure", "asked again after a second")


@pytest.mark.fault("R7")
async def test_a_redis_that_becomes_a_replica_lets_calls_be_counted_here(
    server: RedisServer,
) -> None:
    async with patient_limits(server) as (limits, raw):
        assert await allowed(limits, 25) == 20
        await raw.replicaof("127.0.0.1", 1)
        assert await allowed(limits, 25, "c") == 20
        assert limits.counts_alone
