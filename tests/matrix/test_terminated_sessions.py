"""Sessions that are ended one by one, at rest and at work, and those who were using them."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from slimy_dal.engine import driver
from slimy_dal.engine.errors import ConnectionLost, OutcomeUnknown, SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.testing import FaultProxy, SlowClose
from tests.ad_hoc import (
    ONE,
    OTHERS_ACTIVE,
    PID,
    SLEEP,
    TERMINATE_OTHERS,
    reads,
    script,
    settings,
    until,
    writes,
)
from tests.matrix.lateness import Lateness
from tests.matrix.workload import Figure

PUT = writes("INSERT INTO put (id) VALUES ($1)", "bigint")
SLOW_PUT = writes("INSERT INTO put (id) SELECT $1 FROM pg_sleep(1.0)", "bigint")
COUNT = reads("SELECT count(*) FROM put")


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await script(database, "DROP TABLE IF EXISTS put; CREATE TABLE put (id bigint)")
    async with Pool.open(database, settings(pool_min=4)) as opened:
        await until(lambda: len(opened.supply.free) == 4)
        yield opened


@pytest.mark.fault("A1")
async def test_calls_after_all_idle_sessions_were_ended_do_not_notice(
    pool: Pool, database: str, record_property: Figure
) -> None:
    """Reads and writes, begun before the pool can have heard of it, and after."""
    slowest = 0.0
    async with Lateness() as late, await driver.connect(database) as killer:
        for number in range(5):
            before = set(pool.supply.everything)
            ending = asyncio.create_task(killer.execute(TERMINATE_OTHERS))
            await asyncio.sleep(0.001 * number)
            began = time.monotonic()
            rows = await asyncio.gather(*(pool.row(ONE, n) for n in range(8)))
            slowest = max(slowest, time.monotonic() - began)
            assert [row and row[0] for row in rows] == list(range(8))
            await ending
            await none_of(pool, before)
            assert await pool.execute(PUT, number) == 1
        assert slowest <= 0.5 + late.worst
    assert await pool.row(COUNT) == (5,)
    record_property(
        "figure", f"20 sessions ended, 0 errors; slowest round of 8 reads {slowest:.3f} s"
    )


async def none_of(pool: Pool, gone: set[driver.Connection]) -> None:
    """Wait until the pool has noticed that sessions ended: a server may take its time to end them."""
    await until(lambda: not gone & pool.supply.everything)


@pytest.mark.parametrize("how", ["copy", "batch", "execute", "transaction"])
async def test_a_session_that_was_given_its_notice_is_not_handed_to_the_next(
    pool: Pool, database: str, how: str
) -> None:
    """Its end is not there yet when the first call meets it; that call may fail, and no other."""

    async def first(one: Pool) -> None:
        if how == "copy":
            await one.copy(PUT, ("public", "put"), ("id",), [(1,)])
        elif how == "batch":
            await one.batch(PUT, [(1,)])
        elif how == "execute":
            await one.execute(PUT, 1)
        else:
            async with one.transaction() as tx:
                await tx.execute(PUT, 1)

    async with FaultProxy(database) as proxy, Pool.open(proxy.dsn, settings(pool_size=1)) as one:
        await first(one)
        proxy.add(SlowClose(30.0), "client")
        with proxy.recording() as seen:
            await script(database, TERMINATE_OTHERS)
            await until(lambda: any(message.sqlstate == "57P01" for message in seen))
        await asyncio.sleep(0.05)
        proxy.clear()
        kept = True
        try:
            await first(one)
        except ConnectionLost:
            kept = False
        except SlimyError as error:
            raise AssertionError(f"{how}: {error!r}") from error
        assert [await one.row(ONE, number) for number in range(3)] == [(0,), (1,), (2,)]
        assert await one.row(COUNT) == (1 + kept,)


@pytest.mark.fault("A2")
async def test_a_read_whose_session_is_ended_is_done_again_unseen_and_a_write_is_not(
    pool: Pool, database: str
) -> None:
    async with await driver.connect(database) as killer:
        reading = [asyncio.create_task(pool.row(SLEEP, 1.0)) for _ in range(3)]
        writing = asyncio.create_task(pool.execute(SLOW_PUT, 1))
        async with asyncio.timeout(30):
            while (await killer.fetch(OTHERS_ACTIVE.sql))[0][0] < 4:  # noqa: ASYNC110 -- it tells nobody
                await asyncio.sleep(0.01)
        await killer.execute(TERMINATE_OTHERS)
        assert await asyncio.gather(*reading) == [(None,)] * 3 or all(reading)
        with pytest.raises(OutcomeUnknown):
            await writing
    assert pool.metrics.events["retried"] == 3
    assert await pool.row(COUNT) == (0,)
    assert await pool.row(PID) is not None


@pytest.mark.fault("A2")
async def test_a_read_whose_sessions_are_ended_again_and_again_is_given_up(
    pool: Pool, database: str
) -> None:
    """Once more, not for ever: it may be the read that kills its session."""
    suicide = reads("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)")
    with pytest.raises(Exception, match="the server ended the connection"):
        await pool.row(suicide)
    assert pool.metrics.events["retried"] == 1
    assert await pool.row(ONE, 1) == (1,)
