"""Calls of all forms cancelled at random moments: nothing of them is left, here or on the server (row D10)."""

import asyncio
import gc
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from slimy_dal.engine import driver
from slimy_dal.engine.bound import Bound
from slimy_dal.engine.errors import ConnectionLost, DeadlineExceeded, OutcomeUnknown, PoolTimeout
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.tenant import ROLE, Tenant
from slimy_dal.testing import Databases, FaultProxy, Latency
from tests.ad_hoc import ONE, SLEEP, reads, script, settings, until
from tests.matrix.chance import seeded
from tests.matrix.ledger import ALL, INSERT, TABLE, Ledger, writes

Record = Callable[[str, object], None]

LOAD = Statement("kept.load", "", (Parameter("id", "bigint"),), writes=True)
SERIES = reads("SELECT generate_series(1, 50)")
GUILD = Tenant(guild_ids=frozenset({1}))

LEFT = """
SELECT
    (SELECT count(*) FROM pg_stat_activity AS a
     WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
       AND a.backend_type = 'client backend' AND a.state <> 'idle'),
    (SELECT count(*) FROM pg_locks AS l WHERE l.pid <> pg_backend_pid()
       AND l.pid IN (SELECT a.pid FROM pg_stat_activity AS a WHERE a.datname = current_database()
                     AND a.backend_type = 'client backend')),
    (SELECT count(*) FROM pg_prepared_xacts AS p WHERE p.database = current_database())
"""
"""Sessions that are not idle, locks, and transactions, of others."""


@pytest.fixture
async def url(slimy_databases: Databases) -> AsyncIterator[str]:
    with slimy_databases.clone() as dsn:
        await script(dsn, f"{TABLE}; GRANT ALL ON public.kept TO PUBLIC")
        await script(
            dsn,
            f"DO $$ BEGIN CREATE ROLE {ROLE}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
        )
        yield dsn


def forms(pool: Pool) -> list[Callable[[int], Awaitable[object]]]:
    """One call of each form; what writes, writes its number."""

    async def transaction(number: int) -> None:
        async with pool.transaction() as tx:
            await tx.execute(INSERT, number)
            async with tx.transaction() as part:
                await part.row(SLEEP, 0.001)

    async def stream(_: int) -> None:
        async for _row in pool.stream(SERIES, prefetch=10):
            await asyncio.sleep(0)

    async def later(number: int) -> AsyncIterator[tuple[int]]:
        await asyncio.sleep(0.001)
        yield (number,)

    return [
        lambda number: pool.row(ONE, number),
        lambda _: pool.row(SLEEP, 0.003),
        lambda number: pool.execute(INSERT, number),
        lambda number: pool.batch(INSERT, [(number,)]),
        lambda number: pool.copy(LOAD, ("public", "kept"), ("id",), [(number,)]),
        lambda number: pool.copy(LOAD, ("public", "kept"), ("id",), later(number)),
        transaction,
        lambda number: pool.run(lambda tx: tx.execute(INSERT, number)),
        stream,
        lambda number: Bound(pool, GUILD).execute(INSERT, number),
        lambda number: pool.row(reads(f"SELECT {number % 50}, 1")),
        lambda _: pool.row(SLEEP, 1.0, timeout=0.002),
    ]


EXPECTED = (ConnectionLost, DeadlineExceeded, OutcomeUnknown, PoolTimeout)
READING = {0, 1, 8, 10, 11}
"""Numbers of the forms that write nothing."""


def memory() -> float:
    """This process's memory in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


async def left(url: str) -> list[int]:
    """What others still do in the database: sessions at work, locks, transactions."""
    async with await driver.connect(url) as connection:
        return list((await connection.fetch(LEFT))[0])


async def cancelled(task: "asyncio.Task[object]", dice: random.Random) -> None:
    """Cancel a task after some turns of the loop, or after some milliseconds."""
    if dice.random() < 0.5:
        for _ in range(dice.randrange(12)):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep(dice.uniform(0, 0.012))
    task.cancel()


async def storm(pool: Pool, ledger: Ledger, outcomes: Counter[str], count: int, seed: int) -> None:
    """Run so many calls, 40 at a time, and cancel four of five."""
    dice = seeded(seed)
    kinds = forms(pool)
    limit = asyncio.Semaphore(40)

    async def one(number: int) -> None:
        kind = dice.randrange(len(kinds))
        call = kinds[kind]

        async def work() -> object:
            if kind in READING:
                return await call(number)
            return await ledger.write(call)

        async with limit:
            task: asyncio.Task[object] = asyncio.create_task(work())
            if dice.random() < 0.8:
                await cancelled(task, dice)
            [result] = await asyncio.gather(task, return_exceptions=True)
        outcomes["done" if not isinstance(result, BaseException) else type(result).__name__] += 1
        if isinstance(result, Exception) and not isinstance(result, EXPECTED):
            raise result

    for start in range(0, count, 2000):
        await asyncio.gather(*(one(number) for number in range(start, min(start + 2000, count))))


async def rest(pool: Pool) -> None:
    await until(lambda: pool.snapshot()["pool"]["in_use"] == 0 and not pool.supply.opening.running)


@pytest.mark.fault("D10")
async def test_calls_cancelled_at_any_moment_leave_nothing_behind(
    url: str, record_property: Record
) -> None:
    count = writes(2000)
    ledger, outcomes = Ledger(), Counter[str]()
    tasks = len(asyncio.all_tasks())
    async with Pool.open(url, settings(pool_size=8, max_waiting=100, look_around=3600)) as pool:
        own = len(asyncio.all_tasks())
        await storm(pool, ledger, outcomes, count // 4, 1)
        await rest(pool)
        gc.collect()
        before = memory()
        began = time.monotonic()
        await storm(pool, ledger, outcomes, count - count // 4, 2)
        rate = (count - count // 4) / (time.monotonic() - began)
        await rest(pool)
        gc.collect()
        grown = memory() - before
        state = pool.snapshot()["pool"]
        assert (state["in_use"], state["waiting"], state["idle"]) == (0, 0, state["size"])
        assert state["size"] <= 8
        await until(lambda: len(asyncio.all_tasks()) <= own)
        end = time.monotonic() + 10.0
        while any(found := await left(url)):
            assert time.monotonic() < end, f"sessions at work, locks, transactions: {found}"
            await asyncio.sleep(0.02)
        assert [await pool.row(ONE, n) for n in range(20)] == [(n,) for n in range(20)]
        verdict = ledger.verdict([row[0] for row in await pool.rows(ALL)])
    assert len(asyncio.all_tasks()) == tasks
    assert verdict.clean, verdict
    assert outcomes["CancelledError"] > count / 4
    assert not outcomes["ConnectionLost"]
    assert grown < 20, f"{grown:.1f} MB more"
    record_property(
        "figure",
        f"{outcomes['CancelledError']:,} of {count:,} cancelled, {rate:.0f}/s: 0 connections, tasks, locks left,"
        f" {grown:+.1f} MB; writes: {verdict.summary}",
    )


@pytest.mark.slow
@pytest.mark.fault("D10", "B1")
async def test_calls_cancelled_while_their_lines_break_leave_nothing_behind(
    url: str, record_property: Record
) -> None:
    count = writes(4000) // 4
    ledger, outcomes, dice = Ledger(), Counter[str](), seeded(3)
    async with FaultProxy(url) as proxy:
        tasks = len(asyncio.all_tasks())
        async with Pool.open(
            proxy.dsn, settings(pool_size=8, max_waiting=100, look_around=3600)
        ) as pool:

            async def weather() -> None:
                while True:
                    await asyncio.sleep(dice.uniform(0.02, 0.1))
                    if dice.random() < 0.5:
                        proxy.cut(reset=dice.random() < 0.5)
                    else:
                        with proxy.toxic(Latency(0.02, jitter=0.02)):
                            await asyncio.sleep(0.05)

            bad = asyncio.create_task(weather())
            await storm(pool, ledger, outcomes, count, 4)
            bad.cancel()
            await rest(pool)
            state = pool.snapshot()["pool"]
            assert (state["in_use"], state["waiting"], state["idle"]) == (0, 0, state["size"])
            assert [await pool.row(ONE, n) for n in range(20)] == [(n,) for n in range(20)]
            end = time.monotonic() + 10.0
            while any(found := await left(url)):
                assert time.monotonic() < end, f"sessions at work, locks, transactions: {found}"
            verdict = ledger.verdict([row[0] for row in await pool.rows(ALL)])
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert verdict.clean, verdict
    assert outcomes["CancelledError"] > count / 4
    assert outcomes["ConnectionLost"], "no line broke under a call: the test shows nothing"
    record_property("figure", f"{dict(outcomes)}; writes: {verdict.summary}")


async def test_what_is_left_behind_is_seen(url: str) -> None:
    """The control of the test above."""
    async with Pool.open(url, settings()) as pool:
        tx = await pool.transaction().__aenter__()
        await tx.execute(INSERT, 1)
        [sessions, locks, _] = await left(url)
        assert sessions == 1
        assert locks > 0
        assert pool.snapshot()["pool"]["in_use"] == 1
        await tx.__aexit__(None, None, None)
        end = time.monotonic() + 10.0
        while any(found := await left(url)):
            assert time.monotonic() < end, found
            await asyncio.sleep(0.02)
