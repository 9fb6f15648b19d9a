"""Tests of what is counted: calls, rows, errors, latencies, the pool's state, slow queries; and what it costs."""

import asyncio
import json
import logging
import timeit
from collections.abc import AsyncIterator, Callable

import pytest

from slimy_dal.engine import driver
from slimy_dal.engine.errors import AlreadyExists, DeadlineExceeded, SerializationConflict
from slimy_dal.engine.metrics import BOUNDS, Metrics
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.transaction import Transaction
from tests.ad_hoc import ONE, TERMINATE_OTHERS, settings, until

SERIES = Statement("numbers.list", "SELECT generate_series(1, $1)", (Parameter("n", "integer"),))
NAP = Statement("numbers.nap", "SELECT pg_sleep($1)", (Parameter("s", "double precision"),))
WAIT = Statement("numbers.wait", "SELECT pg_advisory_xact_lock_shared(7)")
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
PUT = Statement(
    "things.put", "INSERT INTO t VALUES ($1)", (Parameter("id", "integer"),), writes=True
)
MAKE = Statement("things.make", "CREATE TABLE t (id int PRIMARY KEY)", writes=True)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with Pool.open(database_url, settings()) as opened:
        yield opened


async def test_calls_rows_errors_and_latencies_are_counted_by_query(pool: Pool) -> None:
    await pool.rows(SERIES, 10)
    await pool.rows(SERIES, 5)
    async with pool.transaction() as tx:
        await tx.rows(SERIES, 7)
    await pool.row(NAP, 0.03)
    with pytest.raises(DeadlineExceeded):
        await pool.row(NAP, 5.0, timeout=0.06)
    await pool.execute(MAKE)
    await pool.execute(PUT, 1)
    with pytest.raises(AlreadyExists):
        await pool.execute(PUT, 1)
    with pytest.raises(AlreadyExists):
        async with pool.transaction() as tx:
            await tx.execute(PUT, 1)
    await pool.batch(PUT, [(2,), (3,)])
    await pool.copy(PUT, ("public", "t"), ("id",), [(4,), (5,)])
    queries = pool.snapshot()["queries"]
    assert (queries["numbers.list"]["calls"], queries["numbers.list"]["rows"]) == (3, 22)
    nap = queries["numbers.nap"]
    assert (nap["calls"], nap["errors"]) == (2, {"deadline_exceeded": 1})
    assert 0.09 < nap["seconds"] < 30
    assert sum(nap["buckets"]) == 2
    assert sum(nap["buckets"][: BOUNDS.index(0.025) + 1]) == 0
    assert (queries["things.put"]["calls"], queries["things.put"]["errors"]) == (
        5,
        {"already_exists": 2},
    )
    assert queries["things.put"]["rows"] == 2


async def test_the_state_of_the_pool_is_told(pool: Pool) -> None:
    tasks = [asyncio.create_task(pool.row(NAP, 0.2)) for _ in range(6)]
    await asyncio.sleep(0.1)
    state = pool.snapshot()["pool"]
    assert {key: state[key] for key in ("size", "idle", "in_use", "waiting", "limit")} == {
        "size": 4,
        "idle": 0,
        "in_use": 4,
        "waiting": 2,
        "limit": 4,
    }
    await asyncio.gather(*tasks)
    state = pool.snapshot()["pool"]
    assert (state["in_use"], state["waiting"], state["waits"]) == (0, 0, 5)
    assert sum(state["wait_buckets"]) == 5
    assert state["wait_seconds"] > 0.2
    assert pool.snapshot()["events"] == {"connected": 4}


async def test_what_runs_just_now_is_told_by_query(pool: Pool) -> None:
    over = asyncio.Event()
    async with pool.transaction(), pool.transaction(), pool.transaction():
        pass  # nobody waits for a connection to be opened afterwards

    async def within() -> None:
        async with pool.transaction() as tx:
            await tx.row(NAP, 0.3)
            await over.wait()  # it rests, and has a connection all the same

    tasks = [asyncio.create_task(pool.row(NAP, 0.8)) for _ in range(2)]
    tasks.append(asyncio.create_task(within()))
    await until(lambda: pool.snapshot()["in_flight"] == {"numbers.nap": 3})
    await until(lambda: pool.snapshot()["in_flight"] == {"numbers.nap": 2})
    over.set()
    await asyncio.gather(*tasks)
    assert pool.snapshot()["in_flight"] == {}


async def test_what_was_run_once_more_is_counted_by_query(pool: Pool, database_url: str) -> None:
    async with await driver.connect(database_url) as other:
        await other.execute("SELECT pg_advisory_lock(7)")
        running = asyncio.create_task(pool.row(WAIT))
        async with asyncio.timeout(30):
            while (await other.fetch(WAITING))[0][0] != 1:  # noqa: ASYNC110 -- the server tells nobody
                await asyncio.sleep(0.01)
        await other.execute(TERMINATE_OTHERS)
        await other.execute("SELECT pg_advisory_unlock(7)")
        await running
    assert pool.snapshot()["queries"]["numbers.wait"]["retries"] == 1
    conflicts = iter((True, True, False))

    async def work(tx: Transaction) -> None:
        await tx.row(ONE, 1)
        if next(conflicts):
            raise SerializationConflict("again", query="numbers.list")

    await pool.run(work)
    snapshot = pool.snapshot()
    assert snapshot["queries"]["numbers.list"]["retries"] == 2
    assert snapshot["events"]["retried"] == 3


async def test_the_snapshot_is_plain_data_of_its_own(pool: Pool) -> None:
    await pool.row(ONE, 1)
    first = pool.snapshot()
    copy = json.loads(json.dumps(first))
    assert copy == first
    await pool.row(ONE, 1)
    assert first == copy


async def test_slow_queries_are_told_by_name_only(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Pool.open(database_url, settings(slow_query=0.05)) as pool:
        await pool.row(NAP, 0.0)
        await pool.row(NAP, 0.07)
    assert [record.name for record in caplog.records] == ["slimy_dal.slow"]
    assert caplog.records[0].levelno == logging.WARNING
    assert "numbers.nap" in caplog.text
    assert "pg_sleep" not in caplog.text
    told: list[tuple[str, float]] = []
    hook = lambda statement, seconds: told.append((statement.name, seconds))  # noqa: E731
    async with Pool.open(database_url, settings(slow_query=0.05), on_slow=hook) as pool:
        await pool.row(NAP, 0.07)
        with pytest.raises(DeadlineExceeded):
            await pool.row(NAP, 5.0, timeout=0.06)
    assert [name for name, _ in told] == ["numbers.nap", "numbers.nap"]
    assert all(0.05 < seconds < 30 for _, seconds in told)


def test_counting_a_call_costs_what_a_few_look_ups_in_a_dictionary_cost() -> None:
    """About five; a microsecond would be twenty."""
    metrics, known = Metrics(1.0), {ONE.name: 1}

    def best(work: Callable[[], object]) -> float:
        return min(timeit.repeat(work, number=2000, repeat=20))

    counting = best(lambda: metrics.done(ONE, 1, 0.0003))
    assert counting < 15 * best(lambda: known.setdefault(ONE.name, 1))
