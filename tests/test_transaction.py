"""Tests of transactions: what is kept, savepoints, one user at a time, deadlines, unknown commits, repetition."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest

from slimy_dal.engine import driver, embedded
from slimy_dal.engine.deadline import deadline
from slimy_dal.engine.errors import (
    AlreadyExists,
    ConcurrentUse,
    ConnectionLost,
    DeadlineExceeded,
    InvalidValue,
    OutcomeUnknown,
    SchemaMismatch,
    SerializationConflict,
    SlimyError,
    TransactionFailed,
)
from slimy_dal.engine.isolation import Isolation
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.transaction import Transaction
from slimy_dal.testing import FaultProxy
from tests.ad_hoc import ONE, OTHERS_ACTIVE, SLEEP, reads, script, settings, until, writes
from tests.faults import Proxy
from tests.matrix.lateness import Lateness

PUT = writes("INSERT INTO things (id) VALUES ($1)", "bigint")
ALL = reads("SELECT id FROM things ORDER BY id")
SETTING = reads("SELECT current_setting($1)", "text")


@pytest.fixture
async def url(database: str) -> str:
    await script(
        database,
        "DROP TABLE IF EXISTS things; CREATE TABLE things (id bigint PRIMARY KEY"
        " CONSTRAINT things_id_check CHECK (id < 1000), twin bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)",
    )
    return database


@pytest.fixture
async def pool(url: str) -> AsyncIterator[Pool]:
    # Patient with a server that is late to hear of a cancellation, because its machine is busy.
    async with Pool.open(url, settings(cancel_grace=3.0)) as opened:
        yield opened


async def stored(pool: Pool) -> list[int]:
    return [row[0] for row in await pool.rows(ALL)]


async def at_rest(pool: Pool) -> None:
    await until(lambda: pool.snapshot()["pool"]["in_use"] == 0)
    async with asyncio.timeout(10):
        # Some things take the server a moment longer than to say so.
        while (await pool.rows(OTHERS_ACTIVE))[0][0]:  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.01)


async def one_more_lost(pool: Pool, before: int) -> None:
    """Wait until the pool has noticed that a connection is gone."""
    await until(lambda: pool.snapshot()["events"].get("lost", 0) > before)


class Stop(Exception):
    """Leaves a block."""


# -- what is kept -------------------------------------------------------------------------------


async def test_a_transaction_is_kept_as_a_whole_or_not_at_all(pool: Pool) -> None:
    async with pool.transaction() as tx:
        await tx.execute(PUT, 1)
        await tx.execute(PUT, 2)
        assert await stored(pool) == []
    assert await stored(pool) == [1, 2]
    with pytest.raises(Stop):
        async with pool.transaction() as tx:
            await tx.execute(PUT, 3)
            raise Stop
    assert await stored(pool) == [1, 2]
    await at_rest(pool)


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
async def test_a_transaction_has_the_properties_asked_for(pool: Pool, isolation: Isolation) -> None:
    async with pool.transaction(isolation=isolation, readonly=True, deferrable=True) as tx:
        shown = {
            name: (await tx.rows(SETTING, f"transaction_{name}"))[0][0]
            for name in ("isolation", "read_only", "deferrable")
        }
    assert shown == {"isolation": isolation, "read_only": "on", "deferrable": "on"}


async def test_a_savepoint_is_rolled_back_alone(pool: Pool) -> None:
    async with pool.transaction() as tx:
        await tx.execute(PUT, 1)
        with pytest.raises(AlreadyExists):
            async with tx.transaction() as inner:
                await inner.execute(PUT, 2)
                await inner.execute(PUT, 1)
        async with tx.transaction() as inner:
            await inner.execute(PUT, 3)
            with pytest.raises(Stop):
                async with inner.transaction() as third:
                    await third.execute(PUT, 4)
                    raise Stop
            await inner.execute(PUT, 5)
        await tx.execute(PUT, 6)
    assert await stored(pool) == [1, 3, 5, 6]


async def test_an_error_that_is_caught_inside_the_block_does_not_pass_for_a_commit(
    pool: Pool,
) -> None:
    with pytest.raises(TransactionFailed, match=r"nothing was kept: test.ad_hoc"):
        async with pool.transaction() as tx:
            await tx.execute(PUT, 1)
            with pytest.raises(AlreadyExists):
                await tx.execute(PUT, 1)
            with pytest.raises(TransactionFailed, match="failed in this transaction before"):
                await tx.execute(PUT, 2)
    async with pool.transaction() as tx:
        await tx.execute(PUT, 3)
        with pytest.raises(TransactionFailed, match="the nested transaction kept nothing"):
            async with tx.transaction() as inner:
                with pytest.raises(AlreadyExists):
                    await inner.execute(PUT, 3)
        await tx.execute(PUT, 4)
    assert await stored(pool) == [3, 4]


async def test_a_constraint_that_is_checked_at_commit_is_reported_by_it(pool: Pool) -> None:
    twin = writes("INSERT INTO things (id, twin) VALUES ($1, 7)", "bigint")
    with pytest.raises(AlreadyExists) as caught:
        async with pool.transaction() as tx:
            await tx.execute(twin, 1)
            await tx.execute(twin, 2)
    assert caught.value.fields == ("twin",)
    assert await stored(pool) == []
    await at_rest(pool)


async def test_a_transaction_runs_every_kind_of_statement(pool: Pool) -> None:
    async with pool.transaction() as tx:
        await tx.batch(PUT, [(n,) for n in range(5)])
        assert await tx.copy(PUT, ("public", "things"), ("id",), [(n,) for n in range(5, 9)]) == 4
        assert [row[0] async for row in tx.stream(ALL, prefetch=2)] == list(range(9))
        assert await tx.row(reads("SELECT 1 WHERE false")) is None
        assert len(await tx.rows(ALL)) == 9
    assert await stored(pool) == list(range(9))


async def test_a_transaction_that_is_over_or_not_begun_is_refused(pool: Pool) -> None:
    tx = pool.transaction()
    with pytest.raises(TransactionFailed, match="async with"):
        await tx.row(ONE, 1)
    async with tx:
        await tx.row(ONE, 1)
    with pytest.raises(TransactionFailed, match="is over"):
        await tx.row(ONE, 1)
    with pytest.raises(ConcurrentUse, match="entered already"):
        async with tx:
            pass


# -- one at a time ------------------------------------------------------------------------------


@pytest.mark.fault("D9")
async def test_a_second_use_at_the_same_time_is_refused_and_both_places_are_named(
    pool: Pool,
) -> None:
    async with pool.transaction() as tx:

        async def first() -> None:
            await tx.row(SLEEP, 0.3)

        async def second() -> None:
            await asyncio.sleep(0)
            async with tx.transaction() as inner:
                await inner.row(ONE, 1)

        one = asyncio.create_task(first(), name="one")
        two = asyncio.create_task(second(), name="two")
        with pytest.raises(ConcurrentUse) as caught:
            await two
        await one
        text = str(caught.value)
        assert "one at test_transaction.py:" in text
        assert "two at test_transaction.py:" in text
        row = await tx.row(ONE, 5)  # the transaction itself is unharmed
        assert row is not None
        assert row[0] == 5


async def test_a_call_that_is_refused_before_it_begins_leaves_the_transaction_usable(
    pool: Pool,
) -> None:
    async with pool.transaction() as tx:
        await tx.execute(PUT, 1)
        with pytest.raises(InvalidValue, match="finite"):
            await tx.execute(PUT, 2, timeout=float("inf"))
        with pytest.raises(DeadlineExceeded):
            await tx.execute(PUT, 2, timeout=0)
        with deadline(0.0), pytest.raises(DeadlineExceeded):
            await tx.execute(PUT, 2)
        with pytest.raises(InvalidValue, match="integer"):
            await tx.execute(PUT, "2")
        await tx.execute(PUT, 3)
    assert await stored(pool) == [1, 3]


@pytest.mark.fault("D9")
async def test_leaving_the_block_while_a_task_still_uses_it_keeps_nothing(pool: Pool) -> None:
    tasks = []
    with pytest.raises(ConcurrentUse, match="COMMIT"):
        async with pool.transaction() as tx:
            await tx.execute(PUT, 1)
            tasks.append(asyncio.create_task(tx.row(SLEEP, 5.0)))
            await asyncio.sleep(0.02)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], SlimyError)
    assert await stored(pool) == []
    await at_rest(pool)


@pytest.mark.parametrize("depth", [1, 2])
async def test_a_savepoint_that_cannot_be_rolled_back_takes_the_transaction_with_it(
    pool: Pool, depth: int
) -> None:
    tasks = []

    async def fail(tx: Transaction, left: int) -> None:
        async with tx.transaction() as inner:
            await inner.execute(PUT, left)
            if left > 1:
                await fail(inner, left - 1)
            tasks.append(asyncio.create_task(inner.row(SLEEP, 0.3)))
            await asyncio.sleep(0)
            raise Stop

    with pytest.raises(TransactionFailed, match="nested"):
        async with pool.transaction() as tx:
            with pytest.raises(Stop):
                await fail(tx, depth)
            await tasks[0]
            await tx.execute(PUT, 7)
    assert await stored(pool) == []
    await at_rest(pool)


async def test_a_savepoint_that_cannot_be_released_is_not_kept_and_can_be_undone_with_its_outer_one(
    pool: Pool,
) -> None:
    tasks = []
    async with pool.transaction() as tx:
        await tx.execute(PUT, 1)
        with pytest.raises(TransactionFailed, match="nested"):
            async with tx.transaction() as outer:
                with pytest.raises(ConcurrentUse):
                    async with outer.transaction() as inner:
                        await inner.execute(PUT, 2)
                        tasks.append(asyncio.create_task(inner.row(SLEEP, 0.3)))
                        await asyncio.sleep(0)
                await tasks[0]
                await outer.execute(PUT, 3)
        await tx.execute(PUT, 4)
    assert await stored(pool) == [1, 4]


async def test_a_savepoint_whose_time_is_over_is_still_rolled_back(pool: Pool) -> None:
    async with pool.transaction() as tx:
        with pytest.raises(Stop):
            async with tx.transaction(timeout=0.5) as inner:
                await inner.execute(PUT, 1)
                await asyncio.sleep(0.6)
                raise Stop
        await tx.execute(PUT, 2)
    assert await stored(pool) == [2]


async def test_a_savepoint_on_a_server_that_hangs_is_given_up_in_time(url: str) -> None:
    async with FaultProxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        await pool.row(ONE, 1)
        began = time.monotonic()
        async with Lateness() as late:
            with pytest.raises((Stop, DeadlineExceeded)):
                async with pool.transaction(timeout=0.1) as tx, tx.transaction() as inner:
                    await inner.execute(PUT, 1)
                    proxy.freeze()
                    raise Stop
            took = time.monotonic() - began
        proxy.thaw()
        assert took <= 0.1 + 0.25 + late.worst
        assert await stored(pool) == []


# -- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["transaction", "statement", "deadline"])
async def test_a_transaction_ends_in_time_and_keeps_nothing(pool: Pool, where: str) -> None:
    async with Lateness() as late:
        begin = time.monotonic()
        with pytest.raises(DeadlineExceeded), deadline(0.15 if where == "deadline" else 9):
            async with pool.transaction(timeout=0.15 if where == "transaction" else 9) as tx:
                await tx.execute(PUT, 1)
                await tx.row(SLEEP, 5.0, timeout=0.15 if where == "statement" else 9)
        took = time.monotonic() - begin
    assert 0.14 < took < 0.4 + 3 * late.worst
    await at_rest(pool)
    assert await stored(pool) == []


async def test_a_commit_after_the_deadline_is_not_sent(pool: Pool) -> None:
    with pytest.raises(DeadlineExceeded, match="nothing was kept"):
        async with pool.transaction(timeout=0.5) as tx:
            await tx.execute(PUT, 1)
            await asyncio.sleep(0.6)
    assert await stored(pool) == []


async def test_what_ran_out_of_time_in_a_savepoint_does_not_end_the_transaction(pool: Pool) -> None:
    async with pool.transaction() as tx:
        await tx.execute(PUT, 1)
        with pytest.raises(DeadlineExceeded):
            async with tx.transaction() as inner:
                await inner.execute(PUT, 2)
                await inner.row(SLEEP, 5.0, timeout=0.05)
        await tx.execute(PUT, 3)
    assert await stored(pool) == [1, 3]


async def test_a_cancellation_that_was_too_late_spares_what_comes_next(pool: Pool) -> None:
    for number in range(10):
        async with pool.transaction() as tx:
            await tx.execute(PUT, number)
            assert tx._connection is not None  # noqa: SLF001 -- what the watch sees in the turn of the answer
            tx._connection.expire()  # noqa: SLF001
            assert await tx.row(SLEEP, 0.02) is not None
    assert await stored(pool) == list(range(10))
    await at_rest(pool)


async def test_a_cancelled_transaction_is_rolled_back_and_its_connection_is_clean(
    pool: Pool,
) -> None:
    async def work() -> None:
        async with pool.transaction() as tx:
            await tx.execute(PUT, 1)
            await tx.row(SLEEP, 30.0)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await at_rest(pool)
    assert await stored(pool) == []
    assert pool.snapshot()["events"] == {"connected": pool.snapshot()["pool"]["size"]}


# -- unknown commits ----------------------------------------------------------------------------


@pytest.mark.fault("A4")
async def test_a_commit_whose_answer_is_lost_is_unknown_and_never_repeated(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        proxy.lose_answer_to = lambda data: b"COMMIT" in data
        runs = 0

        async def work(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.execute(PUT, runs)

        with pytest.raises(OutcomeUnknown, match="COMMIT") as caught:
            await pool.run(work)
        assert not caught.value.retryable
        assert runs == 1
        proxy.lose_answer_to = None
        await until(lambda: pool.snapshot()["pool"]["in_use"] == 0)
        assert await stored(pool) == [1]
        assert pool.snapshot()["events"]["outcome_unknown"] == 1


async def test_a_commit_is_done_even_if_its_connection_breaks_at_its_release(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        proxy.cut_after_answer_to = lambda data: b"COMMIT" in data
        for number in range(5):
            lost = pool.snapshot()["events"].get("lost", 0)
            async with pool.transaction() as tx:
                await tx.execute(PUT, number)
            await one_more_lost(pool, lost)
        proxy.cut_after_answer_to = None
        assert await stored(pool) == list(range(5))


async def test_a_lost_connection_before_the_commit_kept_nothing_and_says_so(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        with pytest.raises(ConnectionLost):
            async with pool.transaction() as tx:
                await tx.execute(PUT, 1)
                proxy.cut()
                for _ in range(20):  # rounds of the loop, in which it sees what came meanwhile
                    await asyncio.sleep(0.001)
        proxy.lose_answer_to = lambda data: data[:1] == b"B"
        with pytest.raises(ConnectionLost):
            async with pool.transaction() as tx:
                await tx.execute(PUT, 2)
                await tx.execute(PUT, 3)
        proxy.lose_answer_to = None
        assert await stored(pool) == []


@pytest.mark.fault("C11")
async def test_a_commit_that_no_standby_confirmed_is_unknown() -> None:
    durable = {"synchronous_commit": "on", "fsync": "on"}
    with embedded.temporary(18, durable) as server:
        await script(server.dsn(), "CREATE TABLE things (id bigint)")
        async with await driver.connect(server.dsn()) as admin:
            await admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            await admin.execute("SELECT pg_reload_conf()")
        async with Pool.open(server.dsn(), settings(cancel_grace=1.0)) as pool:
            with pytest.raises(OutcomeUnknown, match="standby"):
                await pool.execute(PUT, 1, timeout=1.0)
            with pytest.raises(OutcomeUnknown, match="standby"):
                async with pool.transaction(timeout=1.0) as tx:
                    await tx.execute(PUT, 2)
            assert await stored(pool) == [1, 2]
            await script(
                server.dsn(),
                "ALTER SYSTEM RESET synchronous_standby_names",
            )
            await script(server.dsn(), "SELECT pg_reload_conf()")
            await asyncio.sleep(0.1)
            await pool.execute(PUT, 3)  # the doubt does not stick to the connection


# -- repetition ---------------------------------------------------------------------------------


@pytest.mark.fault("D3")
async def test_competing_transactions_are_run_again_until_each_has_counted(pool: Pool) -> None:
    await pool.execute(writes("INSERT INTO things VALUES (1, 0)"))
    read = reads("SELECT twin FROM things WHERE id = 1")
    write = writes("UPDATE things SET twin = $1 WHERE id = 1", "bigint")
    runs, both_have_read = 0, asyncio.Barrier(2)

    async def count(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        first_two = runs <= 2
        row = await tx.row(read)
        assert row is not None
        if first_two:  # or a machine that runs them one after the other would prove nothing
            await both_have_read.wait()
        await tx.execute(write, row[0] + 1)

    await asyncio.gather(
        *(pool.run(count, isolation="serializable", attempts=50) for _ in range(12))
    )
    row = await pool.row(read)
    assert row is not None
    assert row[0] == 12
    assert runs > 12, "nothing competed: it proves nothing"
    assert pool.snapshot()["events"]["retried"] == runs - 12


async def test_repetition_ends_with_the_attempts_and_with_the_time(pool: Pool) -> None:
    fail = writes("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.execute(fail)

    with pytest.raises(SerializationConflict):
        await pool.run(work, attempts=3)
    assert runs == 3
    async with Lateness() as late:
        begin = time.monotonic()
        with pytest.raises((SerializationConflict, DeadlineExceeded)):
            await pool.run(work, attempts=100_000, timeout=0.3)
        took = time.monotonic() - begin
    assert took < 0.6 + 3 * late.worst


async def test_work_whose_time_is_over_is_not_repeated(pool: Pool) -> None:
    tried = 0

    async def work(_: Transaction) -> None:
        nonlocal tried
        tried += 1
        await asyncio.sleep(0.15)
        raise SerializationConflict("undone", sqlstate="40001")

    # That of the last attempt, and not what a further one would have met without any time.
    with pytest.raises(SerializationConflict):
        await pool.run(work, timeout=0.1)
    assert tried == 1


async def test_what_is_not_safe_to_repeat_is_run_once(pool: Pool) -> None:
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.execute(PUT, 1)
        await tx.execute(PUT, 1)

    with pytest.raises(AlreadyExists):
        await pool.run(work)
    assert runs == 1


async def test_a_void_plan_and_a_lost_connection_are_repeated(pool: Pool, url: str) -> None:
    star = reads("SELECT * FROM things")
    killed = False

    async def work(tx: Transaction) -> int:
        nonlocal killed
        rows = await tx.rows(star)
        if not killed:
            killed = True
            await pool.rows(
                reads(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE state = 'idle in transaction' AND datname = current_database()"
                )
            )
            await asyncio.sleep(0.02)
        await tx.execute(PUT, len(rows))
        return len(rows)

    assert await pool.run(work) == 0
    await script(url, "ALTER TABLE things ADD COLUMN extra int")
    assert await pool.run(work) == 1
    with pytest.raises(SchemaMismatch):
        await pool.run(lambda tx: tx.rows(reads("SELECT * FROM nowhere")))


# -- after the commit ---------------------------------------------------------------------------


async def test_hooks_run_after_the_outermost_commit_and_only_then(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    async def later() -> None:
        seen.append(f"async {await stored(pool)}")

    def broken() -> None:
        raise RuntimeError("a hook")

    async with pool.transaction() as tx:
        tx.after_commit(lambda: seen.append("outer"))
        async with tx.transaction() as inner:
            inner.after_commit(lambda: seen.append("inner"))
            await inner.execute(PUT, 1)
        with pytest.raises(Stop):
            async with tx.transaction() as inner:
                inner.after_commit(lambda: seen.append("rolled back"))
                raise Stop
        tx.after_commit(broken)
        tx.after_commit(later)
        assert seen == []
    assert seen == ["outer", "inner", "async [1]"]
    assert pool.snapshot()["events"]["hook_failed"] == 1
    # A busy machine may add a warning of a slow call.
    told = [record.levelno for record in caplog.records if record.levelno > logging.WARNING]
    assert told == [logging.ERROR]
    with pytest.raises(Stop):
        async with pool.transaction() as tx:
            tx.after_commit(lambda: seen.append("never"))
            raise Stop
    assert "never" not in seen
