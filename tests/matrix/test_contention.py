"""Many writers on the same few rows: what is repeated, what it comes to, and that our own never wait in a circle."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from slimy_dal.engine import driver
from slimy_dal.engine.budget import REGAIN, Budget
from slimy_dal.engine.errors import LockTimeout, SerializationConflict, SlimyError
from slimy_dal.engine.isolation import Isolation
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.transaction import Transaction
from tests.ad_hoc import ONE, reads, script, settings, writes
from tests.killing import WITHOUT_CHECKS, every_statement
from tests.matrix.chance import seeded
from tests.matrix.crowded_world import FILL, World
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import writes as soaked

WRITERS = 64
ALONE = {"health.analyze", "partitions.make"}
"""They change nothing that others write, and run alone."""
LOADS = ("load", "load_latest", "copy_many")
"""Streams of rows that are new, by COPY: nobody can sort those."""

ADD = writes("UPDATE counters SET n = n + 1 WHERE id = $1", "bigint")
READ = reads("SELECT n FROM counters WHERE id = $1", "bigint")
PUT = writes("UPDATE counters SET n = $2 WHERE id = $1", "bigint", "bigint")
SUM = reads("SELECT sum(n)::bigint FROM counters")
FAIL = writes("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
IN_ANY_ORDER = writes(
    "UPDATE slimy.users AS u SET username = 'x' FROM unnest($1::uuid[]) AS e (id) WHERE u.id = e.id",
    "uuid[]",
)
"""The control: a statement of many rows that takes them as they come."""


@pytest.fixture
async def url(database_url: str) -> str:
    """A database in which a circle is found at once, and not after a second."""
    await script(
        database_url,
        "CREATE TABLE counters (id bigint PRIMARY KEY, n bigint NOT NULL);"
        "INSERT INTO counters SELECT n, 0 FROM generate_series(1, 5) AS n",
    )
    await everywhere(database_url, "deadlock_timeout = '20ms'")
    return database_url


async def everywhere(url: str, setting: str) -> None:
    """Let sessions that come now have a setting."""
    async with await driver.connect(url) as session:
        [[name]] = await session.fetch("SELECT current_database()")
        await session.execute(f'ALTER DATABASE "{name}" SET {setting}')


async def deadlocks(url: str) -> int:
    """How many the server has seen in this database, in sessions that are over: the others may still keep theirs."""
    count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    async with asyncio.timeout(30), await driver.connect(url) as session:
        while (await session.fetch(others))[0][0]:  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.02)
        return int((await session.fetch(count))[0][0])


async def together(work: Callable[[int], Awaitable[object]], count: int = WRITERS) -> Counter[str]:
    """Let so many do something at a time; return how often it was done, or which error ended it."""

    async def one(number: int) -> str:
        try:
            await work(number)
        except SlimyError as error:
            return type(error).__name__
        return "done"

    return Counter(await asyncio.gather(*(one(number) for number in range(count))))


def only(outcomes: Counter[str], *allowed: str) -> bool:
    """Whether 99 of 100 were done or ended as allowed."""
    return sum(outcomes[name] for name in ("done", *allowed)) >= 0.99 * outcomes.total()


async def total(pool: Pool) -> int:
    """What all counters come to."""
    row = await pool.row(SUM)
    assert row is not None
    return int(row[0])


# -- statements of many rows --------------------------------------------------------------------


def all_writes() -> list[Statement]:
    """Every named query that writes, as the query files have them now."""
    return [
        one
        for one in every_statement()
        if one.writes and one.name not in ALONE and one.name.partition(".")[2] not in LOADS
    ]


@asynccontextmanager
async def crowd(url: str) -> AsyncIterator[tuple[Pool, driver.Connection]]:
    """A pool with a connection for each writer, in the crowded world."""
    unlimited = {"retry_share": 1.0, "retry_reserve": 100_000, "stuck_share": 1.0}
    bounds = PoolSettings(pool_size=WRITERS, slow_query=60, **unlimited)  # type: ignore[arg-type]
    async with await driver.connect(url) as session, Pool.open(url, bounds) as pool:
        await session.execute(WITHOUT_CHECKS)
        yield pool, session


@pytest.mark.slow
@pytest.mark.fault("D2")
async def test_no_write_of_ours_waits_in_a_circle_with_itself_or_any_other(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    world, statements, chance = World(1), all_writes(), seeded(1)
    async with crowd(url) as (pool, session):
        for statement in statements:
            await session.execute(FILL)

            async def storm(_: int, statement: Statement = statement) -> None:
                for _ in range(2):
                    await pool.execute(statement, *world.arguments(statement))

            outcomes = await together(storm)
            # A storm that is refused as a whole would prove nothing.
            assert outcomes["done"] or outcomes.keys() == {"AlreadyExists"}, (
                statement.name,
                outcomes,
            )
            assert pool.metrics.events["retried"] == 0, statement.name
        mixed: Counter[str] = Counter()
        for _ in range(4):
            await session.execute(FILL)

            async def anything(_: int) -> None:
                for _ in range(soaked(3200) // (4 * WRITERS)):
                    statement = chance.choice(statements)
                    try:
                        await pool.execute(statement, *world.arguments(statement))
                    except SlimyError as error:
                        mixed[type(error).__name__] += 1
                    else:
                        mixed["done"] += 1

            await together(anything)
        assert mixed["done"] > mixed.total() / 2
        assert pool.metrics.events["retried"] == 0
    assert await deadlocks(url) == 0
    record_property(
        "figure",
        f"{len(statements)} statements by {WRITERS} writers, then {mixed.total():,} of all: 0 deadlocks",
    )


@pytest.mark.fault("D2")
async def test_a_statement_that_takes_rows_as_they_come_is_found_out(url: str) -> None:
    """The control: the storm sees deadlocks where there are any."""
    world = World(2)
    async with crowd(url) as (pool, session):
        await session.execute(FILL)
        users = [row[0] for row in await session.fetch("SELECT id FROM slimy.users")]
        chance = seeded(2)

        async def storm(_: int) -> None:
            for _ in range(4):
                await pool.execute(IN_ANY_ORDER, chance.sample(users, 8))

        await together(storm, 16)
        assert pool.metrics.events["retried"] > 0
    assert await deadlocks(url) > 0
    assert len(all_writes()) > 90
    assert all(world.arguments(statement) is not None for statement in all_writes())


@pytest.mark.fault("D1")
async def test_addresses_that_change_hands_in_a_circle_end_in_success_or_a_clear_refusal(
    url: str,
) -> None:
    """The one circle that no order of locks prevents: a unique value is waited for row by row."""
    swap = writes("UPDATE slimy.users SET email = $2 WHERE discord_id = $1", "bigint", "text")
    async with crowd(url) as (pool, session):
        await session.execute(FILL)
        outcomes = await together(
            lambda n: pool.execute(swap, n % 4 + 1, f"{(n + 1) % 4}@example.com"), 32
        )
        assert only(outcomes, "AlreadyExists", "SerializationConflict"), outcomes
        assert outcomes["done"]


# -- storms -------------------------------------------------------------------------------------


async def count_up(pool: Pool, isolation: Isolation | None, first: int, second: int) -> None:
    """Read two counters and put them back by one higher, in one transaction."""

    async def work(tx: Transaction) -> None:
        for number in (first, second):
            row = await tx.row(READ, number)
            assert row is not None
            await tx.execute(PUT, number, row[0] + 1)

    await pool.run(work, isolation=isolation)


@pytest.mark.slow
@pytest.mark.fault("D3")
async def test_a_storm_of_serialization_failures_ends_in_success_or_a_conflict(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    chance, each = seeded(3), soaked(960) // 16
    async with Pool.open(url, PoolSettings()) as pool:
        done = Counter[str]()
        began = time.monotonic()

        async def storm(_: int) -> None:
            for _ in range(each):
                pair = sorted(chance.sample(range(1, 6), 2))
                try:
                    await count_up(pool, "serializable", *pair)
                except SlimyError as error:
                    done[type(error).__name__] += 1
                else:
                    done["done"] += 1

        await together(storm, 16)
        rate = done["done"] / (time.monotonic() - began)
        assert only(done, "SerializationConflict"), done
        assert await total(pool) == 2 * done["done"]
        events = pool.metrics.events
        assert events["retried"] > 0, "nothing competed: it proves nothing"
        assert events["retried"] <= 7 * done.total()
    record_property(
        "figure",
        f"{done['done']:,} of {done.total():,} done at {rate:.0f}/s, {events['retried']:,} repetitions, "
        f"{events['retry_refused']:,} refused",
    )


@pytest.mark.slow
@pytest.mark.fault("D1", "D2")
async def test_transactions_that_lock_in_any_order_all_succeed_or_conflict_and_the_sum_is_right(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    chance = seeded(4)

    async def storm(pool: Pool, *, ordered: bool) -> tuple[Counter[str], float, float]:
        took: list[float] = []

        async def add(_: int) -> None:
            pair = chance.sample(range(1, 6), 2)

            async def work(tx: Transaction) -> None:
                for number in sorted(pair) if ordered else pair:
                    await tx.execute(ADD, number)

            began = time.monotonic()
            try:
                await pool.run(work)
            finally:
                took.append(time.monotonic() - began)

        began = time.monotonic()
        outcomes = await together(add, 400)
        return outcomes, outcomes["done"] / (time.monotonic() - began), sorted(took)[-5]

    async with Pool.open(url, PoolSettings()) as pool:
        ordered, fast, _ = await storm(pool, ordered=True)
        assert ordered == {"done": 400}
    assert await deadlocks(url) == 0
    async with Pool.open(url, PoolSettings()) as pool:
        crossed, slow, late = await storm(pool, ordered=False)
        assert only(crossed, "SerializationConflict"), crossed
        assert await total(pool) == 2 * (ordered["done"] + crossed["done"])
    found = await deadlocks(url)
    assert found > 0, "no circle came about: it proves nothing"
    record_property(
        "figure",
        f"in order {fast:.0f}/s and no deadlock, crossed {slow:.0f}/s with {found}; 400 at a time, p99 {late:.1f} s",
    )


@pytest.mark.slow
@pytest.mark.fault("D4")
async def test_a_storm_on_one_lock_ends_in_success_or_lock_timeout(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    await everywhere(url, "lock_timeout = '60ms'")
    hold = reads("SELECT pg_sleep(0.1)")
    took: list[float] = []

    whole = PoolSettings(pool_size=WRITERS, pool_min=WRITERS)
    async with Pool.open(url, whole) as pool, Lateness() as late:
        # Who waits for a connection does not wait for the lock.
        while pool.snapshot()["pool"]["size"] < WRITERS:  # noqa: ASYNC110 -- no event says it
            await asyncio.sleep(0.01)

        async def add(_: int) -> None:
            began = time.monotonic()
            try:
                async with pool.transaction() as tx:
                    await tx.execute(ADD, 1)
                    await tx.row(hold)
            except LockTimeout:
                took.append(time.monotonic() - began)
                raise

        outcomes = await together(add)
        assert only(outcomes, "LockTimeout"), outcomes
        assert outcomes["done"]
        assert outcomes["LockTimeout"], "nobody waited for too long: it proves nothing"
        assert await total(pool) == outcomes["done"]
    # Opening the connections is in it, for which all of them compete.
    assert max(took) <= 1.5 + late.worst
    record_property("figure", f"{dict(outcomes)}, told within {max(took):.2f} s")


@pytest.mark.slow
@pytest.mark.fault("D18")
async def test_64_writers_who_count_in_one_place_come_to_the_exact_sum(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    each = soaked(6400) // WRITERS
    async with Pool.open(url, PoolSettings()) as pool:

        async def add(_: int) -> None:
            for _ in range(each):
                await pool.execute(ADD, 1)

        began = time.monotonic()
        assert await together(add) == {"done": WRITERS}
        rate = WRITERS * each / (time.monotonic() - began)
        assert await total(pool) == WRITERS * each
        # The control: who reads first and writes then loses what others wrote in between.
        before = await total(pool)

        async def blind(_: int) -> None:
            row = await pool.row(READ, 2)
            assert row is not None
            await pool.execute(PUT, 2, row[0] + 1)

        await together(blind)
        assert await total(pool) - before < WRITERS
    record_property("figure", f"{WRITERS * each:,} additions at {rate:.0f}/s, sum exact")


# -- the budget ---------------------------------------------------------------------------------


async def test_repetitions_are_a_share_of_the_calls_and_a_reserve(url: str) -> None:
    limits = settings(retry_share=0.1, retry_reserve=10)
    async with Pool.open(url, limits) as pool:
        began = time.monotonic()
        for _ in range(100):
            await pool.row(ONE, 1)
        with pytest.raises(SerializationConflict, match="SLIMY_RETRY_SHARE"):
            for _ in range(3):
                with pytest.raises(SerializationConflict):
                    await pool.execute(FAIL)
            await pool.execute(FAIL)
        regained = (time.monotonic() - began) / REGAIN * 10
        events = pool.metrics.events
        assert 10 <= events["retried"] <= 10 + 0.1 * 4 + regained + 1
        assert events["retry_refused"] >= 2
    async with Pool.open(url, settings(retry_share=1.0, retry_reserve=1000)) as pool:
        with pytest.raises(SerializationConflict):
            await pool.execute(FAIL)
        assert pool.metrics.events["retried"] == 7, "the control: seven for each call"


def test_a_budget_fills_with_calls_and_with_time_and_no_further_than_its_reserve() -> None:
    now, metrics = [0.0], Metrics(1.0)
    budget = Budget(metrics, 0.5, 4, lambda: now[0])

    def spent() -> int:
        return next(count for count in range(100) if not budget.spend())

    assert spent() == 4
    assert spent() == 0
    for _ in range(6):
        metrics.done(ONE, 1, 0.001)
    assert spent() == 3
    now[0] += REGAIN / 2
    assert spent() == 2
    for _ in range(1000):
        metrics.done(ONE, 1, 0.001)
    now[0] += 100 * REGAIN
    assert spent() == 4
    assert metrics.events == {"retried": 13, "retry_refused": 5}
