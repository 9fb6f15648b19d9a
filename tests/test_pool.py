"""Tests of the pool: what it hands out and takes back, its bounds, and what it says when the server is lost."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from slimy_dal.engine import driver
from slimy_dal.engine.deadline import deadline
from slimy_dal.engine.errors import (
    AlreadyExists,
    CheckViolated,
    ConcurrentUse,
    ConnectionLost,
    DeadlineExceeded,
    InvalidValue,
    OutcomeUnknown,
    PoolTimeout,
    SchemaMismatch,
    SlimyError,
    Unavailable,
    UnreadableValue,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings, SettingsError
from slimy_dal.engine.transaction import Transaction
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
from tests.faults import Proxy
from tests.matrix.lateness import Lateness

PUT = writes("INSERT INTO things (id) VALUES ($1) RETURNING id", "bigint")
COUNT = reads("SELECT count(*) FROM things")
ALL = reads("SELECT id FROM things")


@pytest.fixture
async def url(database: str) -> str:
    await script(
        database,
        "DROP TABLE IF EXISTS things, more; CREATE TABLE things (id bigint PRIMARY KEY, note text)",
    )
    return database


@pytest.fixture
async def pool(url: str) -> AsyncIterator[Pool]:
    async with Pool.open(url, settings()) as opened:
        yield opened


def state(pool: Pool) -> dict[str, int]:
    return dict(pool.snapshot()["pool"])


def events(pool: Pool) -> dict[str, int]:
    return dict(pool.snapshot()["events"])


async def value(pool: Pool, statement: Any, *arguments: Any) -> Any:
    row = await pool.row(statement, *arguments)
    assert row is not None
    return row[0]


async def at_rest(pool: Pool) -> None:
    """Every connection is back, and the server works on nothing for us."""
    await until(lambda: state(pool)["in_use"] == 0 and state(pool)["opening"] == 0)
    await nobody_is_active(pool)


async def one_more_lost(pool: Pool, before: int) -> None:
    """Wait until the pool has noticed that a connection is gone."""
    await until(lambda: events(pool).get("lost", 0) > before)


async def nobody_is_active(pool: Pool) -> None:
    """The server is done with all of ours soon: some things take it a moment longer than to say so."""
    async with asyncio.timeout(10):
        while await value(pool, OTHERS_ACTIVE):  # noqa: ASYNC110 -- the server tells nobody
            await asyncio.sleep(0.01)


async def fill(pool: Pool, size: int) -> None:
    """Have so many connections open, however long each of them takes to come about."""
    async with AsyncExitStack() as stack:
        for _ in range(size):
            await stack.enter_async_context(pool.transaction())
    assert state(pool)["idle"] == size


# -- taking and giving back ---------------------------------------------------------------------


async def test_a_call_costs_one_message_and_the_last_used_connection_comes_first(url: str) -> None:
    alone = settings(pool_min=3, look_around=3600)  # the pool itself asks something now and then
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, alone) as pool:
        await until(lambda: state(pool)["idle"] == 3)
        first = await value(pool, PID)
        await value(pool, ONE, 1)
        before = proxy.sent
        for _ in range(20):
            await value(pool, ONE, 1)
        assert proxy.sent - before == 20
        assert await value(pool, PID) == first


async def test_connections_are_opened_when_they_are_needed_and_no_more_than_allowed(
    pool: Pool,
) -> None:
    assert state(pool)["size"] == 1
    await asyncio.gather(*(pool.row(SLEEP, 0.05) for _ in range(3)))
    await until(lambda: state(pool)["size"] == 3)
    await asyncio.gather(*(pool.row(SLEEP, 0.02) for _ in range(20)))
    await until(lambda: state(pool)["size"] == 4)


async def test_those_who_wait_are_served_in_order(url: str) -> None:
    async with Pool.open(url, settings(pool_size=1)) as pool:
        served: list[int] = []

        async def call(number: int) -> None:
            await pool.row(ONE, number)
            served.append(number)

        await asyncio.gather(*(call(number) for number in range(50)))
        assert served == list(range(50))


async def test_a_call_that_was_prepared_and_not_run_leaves_its_session_to_the_next(
    url: str,
) -> None:
    async with Pool.open(url, settings(pool_size=1)) as pool:
        with pytest.raises(SlimyError):
            await pool.row(ONE, "not a number")
        await at_rest(pool)
        other = await asyncpg.connect(url)
        async with other.transaction():
            await other.execute("LOCK TABLE things IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(DeadlineExceeded), deadline(0.2):
                await pool.row(COUNT)
        await other.close()
        await at_rest(pool)
        assert await value(pool, COUNT) == 0
        assert events(pool)["connected"] == 1


@pytest.mark.fault("D6", "D7")
async def test_waiting_ends_in_time_and_too_many_may_not_wait_at_all(url: str) -> None:
    bounds = settings(pool_size=1, acquire_timeout=0.5, max_waiting=3)
    async with Pool.open(url, bounds) as pool, Lateness() as late:
        async with pool.transaction():
            begin = time.monotonic()
            calls = [asyncio.create_task(pool.row(ONE, 1)) for _ in range(3)]
            while state(pool)["waiting"] < 3:  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(0)
            with pytest.raises(PoolTimeout, match="SLIMY_MAX_WAITING"):
                await pool.row(ONE, 1)
            assert time.monotonic() - begin < 0.1 + late.worst
            for result in await asyncio.gather(*calls, return_exceptions=True):
                assert isinstance(result, PoolTimeout)
                assert result.retryable
            assert 0.5 <= time.monotonic() - begin < 0.7 + late.worst
        assert await value(pool, ONE, 1) == 1
        assert events(pool)["acquire_timeout"] == 3
        assert events(pool)["refused_waiting"] == 1


@pytest.mark.fault("D10")
async def test_thousands_of_cancellations_at_any_moment_leak_nothing(pool: Pool) -> None:
    dice = random.Random(7)

    async def call(number: int) -> None:
        kind = number % 4
        if kind == 0:
            await pool.row(ONE, number)
        elif kind == 1:
            await pool.row(SLEEP, 0.003)
        elif kind == 2:
            await pool.execute(PUT, number)
        else:
            async with pool.transaction() as tx:
                await tx.row(ONE, number)
                await tx.row(SLEEP, 0.001)

    ended = 0
    for start in range(0, 3000, 100):
        tasks = [asyncio.create_task(call(start + n)) for n in range(100)]
        for task in dice.sample(tasks, 80):
            asyncio.get_running_loop().call_later(dice.uniform(0, 0.03), task.cancel)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        ended += sum(isinstance(result, asyncio.CancelledError) for result in results)
        assert all(
            result is None or isinstance(result, asyncio.CancelledError | PoolTimeout)
            for result in results
        )
    assert ended > 1000
    await at_rest(pool)
    assert state(pool)["idle"] == state(pool)["size"] <= 4
    assert [await value(pool, ONE, n) for n in range(20)] == list(range(20))


async def test_a_cancelled_call_is_cancelled_on_the_server_and_its_connection_is_clean(
    url: str,
) -> None:
    async with Pool.open(url, settings(cancel_grace=5)) as pool:
        task = asyncio.create_task(pool.row(SLEEP, 30.0))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await at_rest(pool)
        assert events(pool) == {"connected": state(pool)["size"]}


async def test_idle_and_old_connections_are_replaced(url: str) -> None:
    async with Pool.open(url, settings(max_idle=0.2, pool_min=1)) as pool:
        async with pool.transaction(), pool.transaction(), pool.transaction():
            assert state(pool)["size"] >= 3
        await until(lambda: state(pool)["size"] == 1)
    async with Pool.open(url, settings(max_lifetime=1.0)) as pool:
        first = await value(pool, PID)
        async with pool.transaction() as tx:  # one in use is replaced when it comes back
            row = await tx.row(PID)
            assert row is not None
            assert row[0] == first
            await asyncio.sleep(1.1)
        assert await value(pool, PID) != first
        await until(lambda: events(pool).get("dropped_retired", 0) >= 2)


async def test_closing_lets_running_calls_end_and_refuses_new_ones(url: str) -> None:
    async with Pool.open(url, settings()) as pool:
        running = asyncio.create_task(pool.row(SLEEP, 0.2))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match="closed"):
            await pool.row(ONE, 1)
        await closing
        assert running.done()
        assert await running is not None
    assert state(pool)["size"] == 0


async def test_closing_refuses_new_calls_where_a_connection_is_free_too(url: str) -> None:
    async with Pool.open(url, settings(pool_size=2, pool_min=2)) as pool:
        await until(lambda: state(pool)["idle"] == 2)
        running = asyncio.create_task(pool.row(SLEEP, 0.2))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match="closed"):
            await pool.row(ONE, 1)
        await closing
        assert await running is not None
    assert state(pool)["size"] == 0


async def test_closing_with_no_patience_left_cancels_on_the_server(url: str) -> None:
    async with Pool.open(url, settings()) as pool, Pool.open(url, settings()) as other:
        running = asyncio.create_task(pool.row(SLEEP, 30.0))
        await asyncio.sleep(0.05)
        await pool.close(patience=0.05)
        with pytest.raises(SlimyError):
            await running
        await nobody_is_active(other)


async def test_a_pool_serves_the_event_loop_that_it_was_opened_in(pool: Pool) -> None:
    """From another one, or a forked process, the write would be kept and reported as failed."""

    async def write() -> None:
        await pool.execute(PUT, 1)

    async def write_in_a_transaction() -> None:
        async with pool.transaction() as tx:
            await tx.execute(PUT, 2)

    for work in (write, write_in_a_transaction):
        with pytest.raises(ConcurrentUse, match="another event loop or process"):
            await asyncio.to_thread(lambda work=work: asyncio.run(work()))  # type: ignore[misc]
    assert await pool.rows(ALL) == []
    await write()
    assert await pool.rows(ALL) == [(1,)]


# -- deadlines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["call", "statement", "settings", "deadline", "nested"])
async def test_the_nearest_of_all_limits_ends_a_call(url: str, where: str) -> None:
    bounds = settings(statement_timeout=0.15 if where == "settings" else 10)
    statement = reads(
        "SELECT pg_sleep($1)", "double precision", timeout=0.15 if where == "statement" else None
    )
    async with Pool.open(url, bounds) as pool, Lateness() as late:
        await pool.row(statement, 0.0)
        begin = time.monotonic()
        with pytest.raises(DeadlineExceeded, match="ad_hoc") as caught:
            if where == "call":
                await pool.row(statement, 30.0, timeout=0.15)
            elif where == "deadline":
                with deadline(0.15):
                    await pool.row(statement, 30.0, timeout=5)
            elif where == "nested":
                with deadline(0.15), deadline(7):
                    await pool.row(statement, 30.0)
            else:
                await pool.row(statement, 30.0)
        assert 0.14 < time.monotonic() - begin < 0.4 + late.worst
        assert caught.value.query == "test.ad_hoc"
        await at_rest(pool)
        # A server that is late to hear of a cancellation costs the connection.
        assert events(pool)["connected"] == state(pool)["size"] or late.worst > 0.1


async def test_a_deadline_that_is_over_lets_nothing_begin(pool: Pool) -> None:
    with deadline(0.0), pytest.raises(DeadlineExceeded, match="no time left"):
        await pool.execute(PUT, 1)
    with pytest.raises(DeadlineExceeded):
        await pool.execute(PUT, 1, timeout=-1)
    assert await value(pool, COUNT) == 0


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), True, "1"])
async def test_a_timeout_must_end(pool: Pool, seconds: Any) -> None:
    with pytest.raises(InvalidValue, match="finite"):
        await pool.row(ONE, 1, timeout=seconds)


@pytest.mark.fault("B2")
async def test_deadlines_are_kept_when_the_server_hangs(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings(pool_size=2)) as pool:
        await pool.row(ONE, 1)
        await pool.execute(PUT, 1)
        proxy.freeze()

        late = Lateness()

        async def outcome(statement: Any, argument: Any) -> tuple[type, float]:
            begin = time.monotonic()
            try:
                await pool.row(statement, argument, timeout=0.3)
            except SlimyError as error:
                return type(error), time.monotonic() - begin
            return object, 0.0

        async with late:
            read = await outcome(ONE, 1)
            write = await outcome(PUT, 2)
            waiting = await asyncio.gather(*(outcome(ONE, 1) for _ in range(6)))
        assert read[0] is DeadlineExceeded
        assert write[0] in {OutcomeUnknown, PoolTimeout}
        for kind, seconds in (read, write, *waiting):
            assert kind is not object
            assert seconds < 0.3 + 0.25 + late.worst
        proxy.thaw()
        assert await value(pool, ONE, 5) == 5


async def test_preparing_is_within_the_deadline_too(url: str) -> None:
    fresh = [writes(f"DELETE FROM things WHERE id = {number}") for number in range(3)]
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool, Lateness() as late:

        async def inside() -> None:
            async with pool.transaction() as tx:
                proxy.freeze()
                await tx.execute(fresh[0], timeout=0.2)

        for call in (
            lambda: pool.execute(fresh[1], timeout=0.2),
            lambda: pool.batch(fresh[2], [()], timeout=0.2),
            inside,
        ):
            await pool.row(ONE, 1)
            if call is not inside:
                proxy.freeze()
            begin = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                await call()
            assert time.monotonic() - begin < 0.2 + 0.4 + late.worst
            proxy.thaw()


async def test_a_write_that_was_faster_than_its_cancellation_is_reported_as_done(url: str) -> None:
    """The deadline passes while the answer is under way: what was kept is not called a failure."""
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings(cancel_grace=1.0)) as pool:
        await pool.execute(PUT, 1)
        proxy.freeze()
        task = asyncio.create_task(pool.row(PUT, 2, timeout=0.1))
        await asyncio.sleep(0.15)
        proxy.thaw()
        try:
            row = await task
        except DeadlineExceeded:
            row = None
        stored = {row[0] for row in await pool.rows(ALL)}
        assert (2 in stored) is (row is not None)


# -- losing the server --------------------------------------------------------------------------


async def test_a_read_survives_a_terminated_session_and_an_idle_one_is_noticed(pool: Pool) -> None:
    await fill(pool, 4)
    await pool.rows(reads(TERMINATE_OTHERS))
    assert await asyncio.gather(*(value(pool, ONE, n) for n in range(8))) == list(range(8))
    # What was idle as long as the one that a read found dead is not asked any more.
    await until(lambda: sum(events(pool).get(k, 0) for k in ("lost", "dropped_silent")) == 3)


async def test_a_read_is_repeated_once_and_not_twice(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        await value(pool, ONE, 1)
        answers = 0

        def lose(data: bytes) -> bool:
            nonlocal answers
            # The first bytes of a Bind message: an answer to a call, not to connecting or preparing.
            answers += data[:1] == b"B"
            return data[:1] == b"B" and answers <= allowed

        allowed, proxy.lose_answer_to = 1, lose
        assert await value(pool, ONE, 2) == 2
        assert events(pool)["retried"] == 1
        allowed, answers = 2, 0
        with pytest.raises(ConnectionLost):
            await value(pool, ONE, 3)


@pytest.mark.parametrize("how", ["rows", "batch", "transaction"])
async def test_fresh_connections_that_break_are_not_used_up_without_end_nor_pause(
    url: str, how: str
) -> None:
    async def call(pool: Pool) -> None:
        if how == "rows":
            await pool.rows(ONE, 1, timeout=1.0)
        elif how == "batch":
            await pool.batch(ONE, [(1,)], timeout=1.0)
        else:
            async with pool.transaction(timeout=1.0):
                pass

    async with Proxy(url) as proxy:
        for size, most in ((2, 5), (200, 25)):
            proxy.lose_answer_to = None
            async with Pool.open(proxy.dsn, settings(pool_size=size)) as pool:
                proxy.lose_answer_to = lambda data: b"$1::bigint" in data or b"BEGIN" in data
                with pytest.raises((ConnectionLost, DeadlineExceeded, PoolTimeout)):
                    await call(pool)
                assert events(pool)["connected"] <= most


@pytest.mark.fault("B1")
async def test_a_write_whose_answer_is_lost_is_unknown_and_not_repeated(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        await pool.execute(PUT, 1)
        proxy.lose_answer_to = lambda data: data[:1] == b"B"
        for number in (2, 3):
            with pytest.raises(OutcomeUnknown, match="read the data back") as caught:
                await pool.execute(PUT, number)
            assert not caught.value.retryable
        proxy.lose_answer_to = None
        assert await value(pool, COUNT) == 3
        assert events(pool)["outcome_unknown"] == 2
        assert "retried" not in events(pool)


async def test_a_write_on_a_connection_known_to_be_dead_goes_to_another(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        await pool.execute(PUT, 1)
        for number in range(2, 8):
            lost = events(pool).get("lost", 0)
            proxy.cut()
            await one_more_lost(pool, lost)
            await pool.execute(PUT, number)
        assert await value(pool, COUNT) == 7


def bound(data: bytes) -> bool:
    """A Bind message with our insert's parameter: not the first call, which is a Parse."""
    return data[:1] == b"B"


@pytest.mark.fault("A3")
async def test_a_write_is_done_even_if_its_connection_breaks_at_its_release(url: str) -> None:
    async with Proxy(url) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        await pool.execute(PUT, 0)
        proxy.cut_after_answer_to = bound
        for number in range(1, 6):
            lost = events(pool).get("lost", 0)
            assert await value(pool, PUT, number) == number
            await one_more_lost(pool, lost)
        proxy.cut_after_answer_to = None
        assert await value(pool, COUNT) == 6


@pytest.mark.fault("A3")
async def test_the_drivers_own_pool_reports_such_a_write_as_failed(url: str) -> None:
    """Positive control of the test before: without our release, the fault is seen."""
    async with Proxy(url) as proxy, asyncpg.create_pool(proxy.dsn, min_size=1, max_size=4) as naive:
        sql = "INSERT INTO things (id) VALUES ($1) RETURNING id"
        await naive.fetchval(sql, 0)
        proxy.cut_after_answer_to = bound
        failed = 0
        for number in range(1, 6):
            try:
                async with naive.acquire() as connection:
                    await connection.fetchval(sql, number)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                failed += 1
            await asyncio.sleep(0.02)
        proxy.cut_after_answer_to = None
        assert await naive.fetchval("SELECT count(*) FROM things") == 6
        assert failed > 0


@pytest.mark.fault("A3", "A5")
async def test_no_kept_write_is_called_failed_in_a_storm_of_terminations(url: str) -> None:
    done: set[int] = set()
    failed: dict[int, SlimyError] = {}
    unknown: set[int] = set()
    end = time.monotonic() + 2.0

    def over() -> bool:
        left = end - time.monotonic()
        return left < -30 or (left < 0 and len(done) > 10 and bool(unknown))

    async def worker(pool: Pool, number: int) -> None:
        while not over():
            number += 100
            try:
                await pool.row(PUT, number)
            except OutcomeUnknown:
                unknown.add(number)
            except SlimyError as error:
                failed[number] = error
            else:
                done.add(number)

    async def storm() -> None:
        async with await driver.connect(url) as killer:
            while not over():
                await killer.execute(TERMINATE_OTHERS)
                # Where connecting takes longer than that, nothing would ever be written.
                await asyncio.sleep(0.02 if time.monotonic() < end else 0.3)

    async with Pool.open(url, settings(pool_size=8)) as pool:
        await asyncio.gather(storm(), *(worker(pool, number) for number in range(16)))
        stored = {row[0] for row in await pool.rows(ALL)}
    assert len(done) > 10
    assert done <= stored, "an acknowledged write is missing"
    assert not failed.keys() & stored, "a kept write was called a failure"
    assert stored <= done | unknown
    # The control: called failures, the unknown ones would be wrong about what was kept.
    assert unknown, "the storm hit no write: it proves nothing"


async def test_after_a_restart_of_the_line_the_pool_serves_at_once(url: str) -> None:
    async with (
        Proxy(url) as proxy,
        Pool.open(proxy.dsn, settings(acquire_timeout=5.0)) as pool,
        Lateness() as late,
    ):
        await fill(pool, 4)
        await proxy.refuse()
        proxy.cut()
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(value(pool, ONE, 7))
        await asyncio.sleep(0.3)
        await proxy.listen()
        back = time.monotonic()
        assert await waiting == 7
        assert time.monotonic() - back < 1.0 + 2 * late.worst
        assert events(pool)["connect_failed"] > 0


async def test_while_the_server_is_away_calls_fail_with_its_reason_and_later_at_once(
    url: str,
) -> None:
    async with (
        Proxy(url) as proxy,
        Pool.open(proxy.dsn, settings(acquire_timeout=0.3)) as pool,
        Lateness() as late,
    ):
        await proxy.refuse()
        proxy.cut()
        await asyncio.sleep(0.05)
        with pytest.raises(Unavailable, match="nothing listens"):
            await pool.row(ONE, 1)
        await asyncio.sleep(0.1)
        begin = time.monotonic()
        with pytest.raises(Unavailable, match="nothing listens"):
            await pool.row(ONE, 1)
        assert time.monotonic() - begin < 0.05 + late.worst
        await proxy.listen()
        await until(lambda: state(pool)["size"] == 1)
        assert await value(pool, ONE, 1) == 1


@pytest.mark.fault("C6")
async def test_a_server_that_became_read_only_is_left(url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    async with Pool.open(url, settings()) as pool:
        await pool.execute(PUT, 1)
        first = await value(pool, PID)
        async with await driver.connect(url) as admin:
            # Only sessions that begin from now on may write again: the old one is to be replaced.
            await pool.execute(writes("SET default_transaction_read_only = on"))
            await pool.execute(PUT, 2)
            await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        assert await value(pool, PID) != first
        assert events(pool)["retried"] == events(pool)["dropped_retired"] == 1
        assert await value(pool, COUNT) == 2


async def test_a_wrong_database_is_reported_when_opening(url: str) -> None:
    with pytest.raises(SchemaMismatch, match="does not exist"):
        async with Pool.open(url.replace("slimy_pool", "no_such_database"), settings()):
            pass
    with pytest.raises(Unavailable, match="nothing listens"):
        async with Pool.open("postgresql://x@127.0.0.1:1/x?sslmode=disable", settings()):
            pass


# -- statements ---------------------------------------------------------------------------------


@pytest.mark.fault("M10")
async def test_a_plan_made_void_by_a_migration_is_made_anew_everywhere(url: str) -> None:
    star = reads("SELECT * FROM things")
    slow_star = reads("SELECT *, pg_sleep(0.05) FROM things")
    async with Pool.open(url, settings()) as pool:
        await pool.execute(PUT, 1)
        await asyncio.gather(*(pool.rows(slow_star) for _ in range(4)))
        await asyncio.gather(*(pool.rows(star) for _ in range(4)))
        await script(url, "ALTER TABLE things ADD COLUMN extra int DEFAULT 5")
        for statement in (star, slow_star):
            found = await asyncio.gather(*(pool.rows(statement) for _ in range(8)))
            assert all(rows[0]["extra"] == 5 for rows in found)


async def test_prepared_statements_that_vanish_are_prepared_again(pool: Pool) -> None:
    await value(pool, ONE, 1)
    await pool.execute(writes("DEALLOCATE ALL"))
    assert await value(pool, ONE, 2) == 2
    assert (await pool.row(PUT, 5)) is not None
    await pool.execute(writes("DEALLOCATE ALL"))
    assert (await pool.row(PUT, 6)) is not None


async def test_behind_pgbouncer_nothing_is_left_in_the_session(url: str) -> None:
    async with Pool.open(url, settings(pgbouncer=True)) as pool:
        for number in range(3):
            assert await value(pool, ONE, number) == number
        assert await value(pool, reads("SELECT count(*) FROM pg_prepared_statements")) == 0
        assert await value(pool, reads("SHOW jit")) == await value(
            pool, reads("SELECT reset_val FROM pg_settings WHERE name = 'jit'")
        )


async def test_a_session_has_backstops_for_the_case_that_this_process_dies(pool: Pool) -> None:
    assert await value(pool, reads("SHOW client_connection_check_interval")) == "5s"
    assert await value(pool, reads("SHOW idle_in_transaction_session_timeout")) == "1min"
    assert await value(pool, reads("SHOW application_name")) == "slimy_dal"


async def test_a_write_whose_row_cannot_be_read_is_not_called_a_failure(pool: Pool) -> None:
    statement = writes(
        "INSERT INTO things (id) VALUES ($1) RETURNING '0044-03-15 BC'::date", "bigint"
    )
    with pytest.raises(OutcomeUnknown, match="cannot be read"):
        await pool.row(statement, 1)
    assert await value(pool, COUNT) == 1
    with pytest.raises(UnreadableValue, match="ad_hoc"):
        await pool.row(reads("SELECT '0044-03-15 BC'::date"))


async def test_execute_tells_how_many_rows_it_changed(pool: Pool) -> None:
    await pool.batch(PUT, [(number,) for number in range(10)])
    assert (
        await pool.execute(writes("UPDATE things SET note = 'x' WHERE id < $1", "bigint"), 4) == 4
    )
    assert await pool.execute(writes("DELETE FROM things WHERE id > 100")) == 0
    assert await pool.execute(writes("CREATE TABLE more ()")) == 0
    assert await pool.row(reads("SELECT 1 WHERE false")) is None


async def test_a_batch_is_kept_as_a_whole_or_not_at_all(pool: Pool) -> None:
    await pool.batch(PUT, ((number,) for number in range(2000)))
    assert await value(pool, COUNT) == 2000
    with pytest.raises(AlreadyExists):
        await pool.batch(PUT, [(5000,), (5001,), (7,), (5002,)])
    with pytest.raises(InvalidValue, match="item 2") as caught:
        await pool.batch(PUT, [(5000,), (5001,), (1.5,)])
    assert caught.value.field == "p1"
    await pool.batch(PUT, [])
    assert await value(pool, COUNT) == 2000
    assert events(pool) == {"connected": 1}


async def test_a_copy_is_kept_as_a_whole_or_not_at_all(pool: Pool) -> None:
    pair = writes("", "bigint", "text?")
    target = (pair, ("public", "things"), ("id", "note"))

    async def later(count: int, last: Any) -> AsyncIterator[tuple[Any, Any]]:
        for number in range(count):
            yield (number, "x")
        yield (last, None)

    assert await pool.copy(*target, [(-1, None), (-2, "ä")]) == 2
    assert await pool.copy(*target, later(1000, 1000)) == 1001
    with pytest.raises(InvalidValue, match="item 3000"):
        await pool.copy(*target, later(3000, 2.5))
    with pytest.raises(AlreadyExists):
        await pool.copy(*target, [(2000, "x"), (5, "x")])
    await at_rest(pool)
    assert await value(pool, COUNT) == 1003


@pytest.mark.parametrize("kind", [KeyError, TimeoutError, AlreadyExists])
@pytest.mark.parametrize("way", ["alone", "in a transaction", "asynchronous"])
async def test_what_the_source_of_a_copy_raises_reaches_its_caller(
    pool: Pool, kind: type[Exception], way: str
) -> None:
    """It is the caller's own error, and all that the source gave before is undone."""
    pair = writes("", "bigint", "text?")
    raised = kind("of the source")

    def now() -> Iterator[tuple[int, str]]:
        yield from ((number, "x" * 1000) for number in range(2000))
        raise raised

    async def later() -> AsyncIterator[tuple[int, str]]:
        for item in now():
            yield item

    async def load(executor: Pool | Transaction) -> None:
        source = later() if way == "asynchronous" else now()
        await executor.copy(pair, ("public", "things"), ("id", "note"), source)

    with pytest.raises(kind) as caught:
        if way == "in a transaction":
            async with pool.transaction() as tx:
                await load(tx)
        else:
            await load(pool)
    assert caught.value is raised
    await at_rest(pool)
    assert await value(pool, COUNT) == 0
    assert events(pool) == {"connected": 1}


async def test_a_stream_reads_through_a_cursor_and_gives_its_connection_back(pool: Pool) -> None:
    numbers = reads("SELECT generate_series(1, $1)", "integer")
    assert [row[0] async for row in pool.stream(numbers, 1203, prefetch=100)] == list(
        range(1, 1204)
    )
    assert [row async for row in pool.stream(numbers, 0)] == []
    seen = 0
    stream = pool.stream(numbers, 100_000, prefetch=10)
    async for _ in stream:
        seen += 1
        if seen == 25:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    await at_rest(pool)
    with pytest.raises(InvalidValue):
        pool.stream(numbers, "x")
    with pytest.raises(DeadlineExceeded):
        async for _ in pool.stream(SLEEP, 5.0, timeout=0.1):
            pass
    await at_rest(pool)


# -- settings -----------------------------------------------------------------------------------


def test_settings_come_from_the_environment_and_errors_name_the_variable() -> None:
    given = PoolSettings.from_environment(
        {"SLIMY_POOL_SIZE": "7", "SLIMY_STATEMENT_TIMEOUT": "2.5"}
    )
    assert (given.pool_size, given.statement_timeout, given.max_waiting) == (7, 2.5, 1000)
    for name, text in (
        ("SLIMY_POOL_SIZE", "0"),
        ("SLIMY_POOL_SIZE", "many"),
        ("SLIMY_ACQUIRE_TIMEOUT", "inf"),
        ("SLIMY_CONNECT_TIMEOUT", "0"),
        ("SLIMY_MAX_LIFETIME", "3600"),
    ):
        with pytest.raises(SettingsError, match=name):
            PoolSettings.from_environment({name: text})
    with pytest.raises(SettingsError, match="pool_min"):
        PoolSettings.from_environment({"SLIMY_POOL_SIZE": "2", "SLIMY_POOL_MIN": "3"})


# -- what errors tell ---------------------------------------------------------------------------

SECRET = 471147114711


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("how", ["execute", "batch", "copy", "transaction", "commit"])
async def test_no_value_hides_behind_an_error(pool: Pool, url: str, how: str) -> None:
    later = writes("INSERT INTO more (id) VALUES ($1)", "bigint")
    await script(
        url, "CREATE TABLE more (id bigint CONSTRAINT once UNIQUE DEFERRABLE INITIALLY DEFERRED)"
    )
    await pool.execute(PUT, SECRET)
    with pytest.raises(AlreadyExists) as caught:
        if how == "execute":
            await pool.execute(PUT, SECRET)
        elif how == "batch":
            await pool.batch(PUT, [(1,), (SECRET,)])
        elif how == "copy":
            await pool.copy(PUT, ("public", "things"), ("id",), [(SECRET,)])
        else:
            async with pool.transaction() as tx:
                for _ in range(2):
                    await tx.execute(PUT if how == "transaction" else later, SECRET)
    assert caught.value.fields == ("id",)
    for error in chain(caught.value):
        told = [str(error), repr(error.args), repr(vars(error)), repr(getattr(error, "detail", ""))]
        assert str(SECRET) not in "".join(told), type(error)


CHECKED = writes("INSERT INTO more (id) VALUES ($1)", "bigint")
CHECK = "CREATE TABLE more (id bigint CONSTRAINT positive CHECK (id > 0))"


class Starts:
    """Counts the sessions that are begun through a proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self.number = 0
        proxy.lose_answer_to = self._count

    def _count(self, data: bytes) -> bool:
        self.number += b"application_name" in data
        return False


async def test_all_who_need_the_columns_of_a_constraint_share_one_look(url: str) -> None:
    await script(url, CHECK)
    async with Proxy(url) as proxy:
        starts = Starts(proxy)
        async with Pool.open(proxy.dsn, settings()) as pool:
            calls = (pool.execute(CHECKED, -1) for _ in range(60))
            for error in await asyncio.gather(*calls, return_exceptions=True):
                assert isinstance(error, CheckViolated)
                assert (error.field, error.fields) == ("id", ("id",))
        assert starts.number <= 4 + 1


async def test_looking_for_columns_ends_with_the_time_of_the_call(url: str) -> None:
    await script(url, CHECK)
    async with Pool.open(url, settings(pool_size=1)) as pool, Pool.open(url, settings()) as other:
        await pool.execute(CHECKED, 1)
        async with other.transaction() as tx:
            await tx.execute(writes("LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE"))
            async with Lateness() as late:
                begin = time.monotonic()
                with pytest.raises(CheckViolated) as caught:
                    await pool.execute(CHECKED, -1, timeout=0.2)
                assert time.monotonic() - begin < 0.4 + late.worst
            assert caught.value.fields == ()
        with pytest.raises(CheckViolated) as caught:
            await pool.execute(CHECKED, -1)
        assert caught.value.fields == ("id",)


async def test_a_constraint_that_is_not_in_the_catalogue_is_looked_for_once(url: str) -> None:
    await script(
        url,
        "CREATE TABLE more (id bigint);"
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE 'no' USING ERRCODE = '23514', TABLE = 'more', CONSTRAINT = 'nowhere'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON more FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    async with Proxy(url) as proxy:
        starts = Starts(proxy)
        async with Pool.open(proxy.dsn, settings(pool_size=1)) as pool:
            for _ in range(5):
                with pytest.raises(CheckViolated):
                    await pool.execute(CHECKED, 1)
        assert starts.number == 1 + 1
