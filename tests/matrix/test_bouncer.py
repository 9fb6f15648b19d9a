"""Tests through a real PgBouncer in transaction mode: what it shares, refuses and forgets, and what its end leaves."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import asyncpg
import pytest

from slimy_dal.engine.errors import (
    DeadlineExceeded,
    InternalError,
    InvalidValue,
    LoginRefused,
    OutcomeUnknown,
    PoolTimeout,
    SchemaMismatch,
    SlimyError,
    TooManyConnections,
    Unavailable,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.pooler import Pooler
from slimy_dal.engine.transaction import Transaction
from slimy_dal.testing import Bouncer, BouncerError, Databases, FailoverPair, Node
from slimy_dal.testing.bouncer import PORT, program
from tests.ad_hoc import ONE, OTHERS_ACTIVE, PID, SLEEP, reads, script, settings, writes
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import ALL, INSERT, TABLE, Ledger
from tests.matrix.ledger import writes as as_many

try:
    program()
except BouncerError as missing:
    pytestmark = pytest.mark.skip(reason=str(missing))

PUT = writes("INSERT INTO things (id) VALUES ($1) RETURNING id", "bigint")
COUNT = reads("SELECT count(*) FROM things")
THINGS = "CREATE TABLE things (id bigint PRIMARY KEY, note text, size int DEFAULT 7)"
SLOWLY = writes("INSERT INTO public.kept (id) SELECT $1 FROM pg_sleep(0.02)", "bigint")
SLACK = 0.25


@pytest.fixture(params=["prepared", "plain"])
def mode(request: pytest.FixtureRequest) -> Pooler:
    """What PgBouncer does about prepared statements, and what the pool is told of it."""
    chosen: Pooler = request.param
    return chosen


@pytest.fixture
async def url(slimy_databases: Databases) -> AsyncIterator[str]:
    with slimy_databases.clone() as dsn:
        await script(dsn, THINGS)
        yield dsn


@pytest.fixture
def bouncer(url: str, mode: Pooler) -> Iterator[Bouncer]:
    with Bouncer(url, prepared=kept(mode)) as running:
        yield running


@pytest.fixture
async def pool(bouncer: Bouncer, mode: Pooler) -> AsyncIterator[Pool]:
    async with Pool.open(bouncer.dsn(), settings(pgbouncer=mode)) as opened:
        yield opened


def kept(mode: Pooler) -> int:
    return 200 if mode == "prepared" else 0


async def value(pool: Pool | Transaction, statement: Any, *arguments: Any, **more: Any) -> Any:
    row = await pool.row(statement, *arguments, **more)
    assert row is not None
    return row[0]


@contextlib.asynccontextmanager
async def holding(pool: Pool, count: int = 1) -> AsyncIterator[None]:
    """Hold sessions of the server in open transactions."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            tx = await stack.enter_async_context(pool.transaction())
            await tx.row(ONE, 1)
        yield


# -- sharing ------------------------------------------------------------------------------------


async def test_two_sessions_of_the_server_do_for_a_crowd(url: str, mode: Pooler) -> None:
    with Bouncer(url, prepared=kept(mode), settings={"default_pool_size": 2}) as bouncer:
        bounds = settings(pgbouncer=mode, pool_size=8)
        async with Pool.open(bouncer.dsn(), bounds) as pool, Pool.open(url, settings()) as direct:

            async def work(number: int) -> None:
                assert await value(pool, ONE, number) == number
                async with pool.transaction() as tx:
                    await tx.execute(PUT, number)
                    with contextlib.suppress(SlimyError):
                        async with tx.transaction() as inner:
                            await inner.execute(PUT, number)
                    assert await value(tx, reads("SELECT txid_current() - txid_current()")) == 0

            await asyncio.gather(*(work(number) for number in range(60)))
            await pool.batch(PUT, [(number,) for number in range(100, 150)])
            pair = writes("", "bigint")
            copied = ((number,) for number in range(200, 400))
            assert await pool.copy(pair, ("public", "things"), ("id",), copied) == 200
            every = reads("SELECT id FROM things ORDER BY id")
            found = [row[0] async for row in pool.stream(every, prefetch=50)]
            assert found == [*range(60), *range(100, 150), *range(200, 400)]
            pids = {await value(pool, PID) for _ in range(20)}
            assert len(pids) <= 2
            names = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'PGBOUNCER%'"
            assert (await value(pool, reads(names)) > 0) == (mode == "prepared")
            assert await value(direct, COUNT) == 310


@pytest.mark.parametrize("names", ["of their own", "the same"])
async def test_where_pgbouncer_is_thought_to_keep_names_nobody_runs_a_statement_of_others(
    url: str, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if names == "the same":  # the control: as two processes would have them that only count
        monkeypatch.setattr(secrets, "token_hex", lambda _: "0")
    answers: list[bool] = []

    async def ask(pool: Pool, number: int) -> None:
        wanted = number % 7
        slow = reads(f"SELECT {wanted} + 0 * $1::int FROM pg_sleep(0.002)", "integer")
        try:
            answers.append(await value(pool, slow, 0) == wanted)
        except SlimyError:
            answers.append(False)

    with Bouncer(url, prepared=0, settings={"default_pool_size": 3}) as bouncer:
        wrong = settings(pgbouncer="prepared")
        async with contextlib.AsyncExitStack() as stack:
            pools = [
                await stack.enter_async_context(Pool.open(bouncer.dsn(), wrong)) for _ in range(3)
            ]
            await asyncio.gather(*(ask(pool, number) for number in range(60) for pool in pools))
    assert all(answers) == (names == "of their own")


async def test_an_argument_that_the_driver_refuses_holds_no_session(url: str, mode: Pooler) -> None:
    odd = reads("SELECT $1::point", "point")
    with Bouncer(url, prepared=kept(mode), settings={"default_pool_size": 1}) as bouncer:
        async with (
            Pool.open(bouncer.dsn(), settings(pgbouncer=mode)) as pool,
            Pool.open(bouncer.dsn(), settings(pgbouncer=mode)) as other,
        ):
            with pytest.raises(InvalidValue):
                await pool.row(odd, "no point")
            assert await value(other, ONE, 1, timeout=5.0) == 1


# -- what it refuses ----------------------------------------------------------------------------


async def test_a_pool_that_was_not_told_of_pgbouncer_says_how(url: str) -> None:
    with Bouncer(url) as bouncer:
        with pytest.raises(InternalError, match="set SLIMY_PGBOUNCER"):
            async with Pool.open(bouncer.dsn(), settings()):
                pass
        with pytest.raises(LoginRefused, match="does not know this user"):
            async with Pool.open(bouncer.dsn(user="nobody"), settings(pgbouncer="prepared")):
                pass
        with pytest.raises(SchemaMismatch, match="does not exist"):
            async with Pool.open(bouncer.dsn("nowhere"), settings(pgbouncer="prepared")):
                pass


@pytest.mark.fault("P3")
async def test_a_write_that_got_no_session_of_the_server_is_known_not_to_be_made(
    url: str, mode: Pooler, record_property: Callable[[str, object], None]
) -> None:
    bounds = {"default_pool_size": 1, "query_wait_timeout": 0.3}
    with Bouncer(url, prepared=kept(mode), settings=bounds) as bouncer:
        async with Pool.open(bouncer.dsn(), settings(pgbouncer=mode)) as pool:
            await asyncio.gather(*(pool.row(ONE, 1) for _ in range(2)))
            async with holding(pool):
                began = time.monotonic()
                for call in (pool.execute(PUT, 1), pool.row(ONE, 1), begun(pool)):
                    with pytest.raises(PoolTimeout, match="PgBouncer had no connection"):
                        await call
                spent = time.monotonic() - began
            assert await value(pool, COUNT) == 0
    record_property("figure", f"refused after {spent / 3:.1f} s, the bound being 0.3 s")


async def begun(pool: Pool) -> None:
    async with pool.transaction() as tx:
        await tx.execute(PUT, 2)


@pytest.mark.fault("P3")
async def test_a_pgbouncer_that_is_full_is_said_to_be_full(url: str) -> None:
    with Bouncer(url, settings={"max_client_conn": 2}) as bouncer:
        bounds = settings(pgbouncer="prepared", acquire_timeout=0.5)
        async with Pool.open(bouncer.dsn(), bounds) as pool:
            # The second place is taken now and then by the console.
            async with holding(pool), pool.transaction():
                with pytest.raises(TooManyConnections, match="takes no more clients"):
                    await pool.execute(PUT, 1)
            assert await value(pool, COUNT) == 0


# -- deadlines ----------------------------------------------------------------------------------


@pytest.mark.fault("P6")
async def test_a_cancelled_call_ends_on_the_server_and_hits_nobody_else(
    url: str, mode: Pooler
) -> None:
    with Bouncer(url, prepared=kept(mode), settings={"default_pool_size": 4}) as bouncer:
        bounds = settings(pgbouncer=mode, pool_size=12)
        async with Pool.open(bouncer.dsn(), bounds) as pool, Pool.open(url, settings()) as direct:

            async def late() -> None:
                with pytest.raises(DeadlineExceeded):
                    await pool.row(SLEEP, 30.0, timeout=0.15)

            async def neighbour(number: int) -> None:
                for step in range(25):
                    assert await value(pool, ONE, number * step) == number * step
                    await pool.row(SLEEP, 0.002)

            async with Lateness() as late_by:
                began = time.monotonic()
                await asyncio.gather(*(late() for _ in range(2)), *map(neighbour, range(6)))
                # A call that waits for a session of the server while its time ends loses its line.
                await asyncio.gather(*(late() for _ in range(3)))
                took = time.monotonic() - began
            assert took < 10 + late_by.worst
            async with asyncio.timeout(15):
                while await value(direct, OTHERS_ACTIVE):  # noqa: ASYNC110 -- the server tells nobody
                    await asyncio.sleep(0.02)


@pytest.mark.fault("P4")
async def test_a_pgbouncer_that_hangs_costs_a_deadline_and_no_more(
    pool: Pool, bouncer: Bouncer, record_property: Callable[[str, object], None]
) -> None:
    assert await value(pool, ONE, 1) == 1
    await asyncio.to_thread(bouncer.pause)
    ends = []
    async with Lateness() as late:
        for statement in (PUT, ONE):
            began = time.monotonic()
            with pytest.raises((Unavailable, DeadlineExceeded)):
                await pool.row(statement, 1, timeout=0.3)
            ends.append(time.monotonic() - began)
    assert max(ends) <= 0.3 + SLACK + late.worst
    await asyncio.to_thread(bouncer.resume)
    began = time.monotonic()
    assert await value(pool, ONE, 1) == 1
    record_property(
        "figure",
        f"over {max(ends) - 0.3:.2f} s late at most; {time.monotonic() - began:.2f} s after it goes on",
    )


# -- migrations ---------------------------------------------------------------------------------


@pytest.mark.fault("P5")
async def test_plans_that_a_migration_made_void_are_made_anew_behind_pgbouncer(
    url: str, mode: Pooler
) -> None:
    star, size = reads("SELECT * FROM things"), reads("SELECT size FROM things")

    async def work(tx: Transaction) -> Any:
        assert await value(tx, ONE, 1) == 1
        return await value(tx, size)

    async def everywhere(bouncer: Bouncer, pool: Pool, expected: object) -> None:
        for _ in range(3):
            found = await asyncio.gather(*(value(pool, size) for _ in range(4)))
            assert [(type(one), one) for one in found] == [(type(expected), expected)] * 4
        assert await pool.run(work) == expected
        assert len(await pool.rows(star)) == 1
        # A connection that begins only now meets the plans that PgBouncer still keeps.
        async with Pool.open(bouncer.dsn(), settings(pgbouncer=mode)) as fresh:
            assert await value(fresh, size) == expected
            assert await fresh.run(work) == expected

    # With more sessions of the server a change of type may not be noticed in one mode: see the next test.
    sessions = {"default_pool_size": 1 if mode == "prepared" else 4}
    with Bouncer(url, prepared=kept(mode), settings=sessions) as bouncer:
        async with Pool.open(bouncer.dsn(), settings(pgbouncer=mode)) as pool:
            await pool.execute(PUT, 1)
            await everywhere(bouncer, pool, 7)
            for change, expected in (
                ("ADD COLUMN extra int DEFAULT 5", 7),
                ("ALTER COLUMN size TYPE real USING size / 2.0", 3.5),  # as wide as it was
                ("ALTER COLUMN size TYPE text USING size || ' cm'", "3.5 cm"),
            ):
                await script(url, f"ALTER TABLE things {change}")
                await everywhere(bouncer, pool, expected)


@pytest.mark.fault("P5")
async def test_a_type_as_wide_as_the_old_one_is_misread_where_pgbouncer_keeps_statements(
    url: str, mode: Pooler
) -> None:
    """The limit that the documentation names; where this fails, it is gone, and so should the warning be."""
    size = reads("SELECT size FROM things")
    with Bouncer(url, prepared=kept(mode), settings={"default_pool_size": 2}) as bouncer:
        bounds = settings(pgbouncer=mode, pool_size=1)
        async with (
            Pool.open(bouncer.dsn(), bounds) as pool,
            Pool.open(bouncer.dsn(), bounds) as other,
        ):
            await pool.execute(PUT, 1)
            assert await value(pool, size) == 7
            await script(url, "ALTER TABLE things ALTER COLUMN size TYPE real USING size / 2.0")
            async with holding(other):  # on the session that knows the statement
                found = await value(pool, size)
    assert (found == 3.5) == (mode == "plain")


# -- when it, or the server behind it, ends -----------------------------------------------------


@contextlib.asynccontextmanager
async def under_load(
    dsn: str, mode: Pooler, ledger: Ledger, count: int
) -> AsyncIterator[asyncio.Task[None]]:
    """Write by eight tasks until `count` writes were acknowledged; half of them in transactions."""
    bounds = settings(pgbouncer=mode, pool_size=8, statement_timeout=5, acquire_timeout=5)
    async with Pool.open(dsn, bounds) as pool:

        async def add(number: int) -> None:
            if number % 2:
                await pool.execute(INSERT, number)
                return
            async with pool.transaction() as tx:
                await tx.execute(INSERT, number)

        yield asyncio.create_task(
            ledger.writers(add, count=8, until=lambda: len(ledger.done) >= count)
        )


async def went_on(writing: asyncio.Task[None], ledger: Ledger, seconds: float) -> list[float]:
    """Let it write for so long, and return after how many seconds the first write was acknowledged, if any was."""
    back = time.monotonic()
    await asyncio.wait([writing], timeout=seconds)
    try:
        return [ledger.first_success_after(back)]
    except ValueError:
        return []


async def kept_in(dsn: str) -> list[int]:
    async with Pool.open(dsn, settings()) as pool:
        return [row[0] for row in await pool.rows(ALL)]


@pytest.mark.slow
@pytest.mark.fault("P1")
async def test_a_pgbouncer_that_is_killed_again_and_again_loses_and_denies_nothing(
    url: str, mode: Pooler, record_property: Callable[[str, object], None]
) -> None:
    await script(url, TABLE)
    ledger, pauses = Ledger(), list[float]()
    with Bouncer(url, prepared=kept(mode)) as bouncer:
        load = under_load(bouncer.dsn(), mode, ledger, as_many(6000))
        async with Lateness() as late, load as writing:
            while not writing.done():
                await asyncio.sleep(0.4)
                await asyncio.to_thread(bouncer.kill)
                await asyncio.to_thread(bouncer.start)
                pauses += await went_on(writing, ledger, 0.6)
            await writing
    verdict = ledger.verdict(await kept_in(url))
    assert verdict.clean, verdict
    assert len(ledger.unknown) > 0
    assert ledger.longest <= 10 + SLACK + late.worst
    assert sorted(pauses)[len(pauses) // 2] <= 1 + late.worst
    record_property("figure", f"{verdict.summary}; {len(pauses)} kills")
    record_property("figure", f"first success {max(pauses):.2f} s after it is back, at most")


@pytest.mark.slow
@pytest.mark.fault("P1")
async def test_the_driver_alone_denies_writes_that_were_kept_when_pgbouncer_is_killed(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    """The control: what the ledger must be able to see."""
    await script(url, TABLE)
    ledger = Ledger()
    with Bouncer(url, prepared=0) as bouncer:

        async def add(number: int) -> None:
            connection = None
            try:
                connection = await asyncpg.connect(bouncer.dsn(), statement_cache_size=0)
                await connection.execute(SLOWLY.sql.replace("$1", str(number)))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise Unavailable("as many callers read it") from error
            finally:
                if connection is not None:
                    connection.terminate()

        stop = asyncio.Event()
        writing = asyncio.create_task(ledger.writers(add, count=8, until=stop.is_set))
        for _ in range(5):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(bouncer.kill)
            await asyncio.to_thread(bouncer.start)
        stop.set()
        await writing
    await asyncio.sleep(0.2)
    verdict = ledger.verdict(await kept_in(url))
    assert verdict.lied
    record_property("figure", f"control: {len(verdict.lied)} writes denied that were kept")


@pytest.mark.slow
@pytest.mark.fault("P2")
@pytest.mark.parametrize("end", ["crash", "restart"])
async def test_a_server_that_ends_behind_pgbouncer_loses_and_denies_nothing(
    mode: Pooler, end: str, record_property: Callable[[str, object], None]
) -> None:
    ledger, pauses = Ledger(), list[float]()
    with Node() as node, Bouncer(node.dsn(), prepared=kept(mode)) as bouncer:
        await script(node.dsn(), TABLE)
        # So many that a fast machine has not made all of them before the server ends.
        load = under_load(bouncer.dsn(), mode, ledger, as_many(20_000))
        async with Lateness() as late, load as writing:
            for _ in range(2):
                await asyncio.sleep(0.5)
                if end == "crash":
                    await asyncio.to_thread(node.crash)
                else:
                    await asyncio.to_thread(node.stop, "fast")
                await asyncio.sleep(0.7)
                await asyncio.to_thread(node.start)
                pauses += await went_on(writing, ledger, 2.5)
            await writing
        verdict = ledger.verdict(await kept_in(node.dsn()))
    assert verdict.clean, verdict
    assert ledger.longest <= 10 + SLACK + late.worst
    assert max(pauses) <= 2 + late.worst
    record_property("figure", f"{end}: {verdict.summary}")
    record_property("figure", f"first success {max(pauses):.2f} s after it is back, at most")


@pytest.mark.slow
@pytest.mark.fault("P2")
async def test_a_server_that_is_read_only_for_a_while_is_found_again_behind_pgbouncer(
    mode: Pooler, record_property: Callable[[str, object], None]
) -> None:
    with Node() as node, Bouncer(node.dsn(), prepared=kept(mode)) as bouncer:
        await script(node.dsn(), THINGS)
        async with Pool.open(bouncer.dsn(), settings(pgbouncer=mode, acquire_timeout=0.5)) as pool:
            await pool.execute(PUT, 1)
            await asyncio.to_thread(node.configure, default_transaction_read_only="on")
            with pytest.raises(Unavailable):
                await pool.execute(PUT, 2)
            assert not isinstance(await failure(pool), OutcomeUnknown)
            await asyncio.to_thread(node.configure, default_transaction_read_only="off")
            back = time.monotonic()
            async with Lateness() as late:
                while await failure(pool, number=4) is not None:  # noqa: ASYNC110 -- as above
                    await asyncio.sleep(0.02)
            took = time.monotonic() - back
            assert took <= 1.5 + late.worst
    record_property("figure", f"writes again {took:.2f} s after the server takes them")


async def failure(pool: Pool, number: int = 3) -> SlimyError | None:
    try:
        await pool.execute(PUT, number)
    except SlimyError as error:
        return error
    return None


@pytest.mark.slow
@pytest.mark.fault("P2")
async def test_of_several_pgbouncers_each_is_asked_what_server_it_has(
    mode: Pooler, record_property: Callable[[str, object], None]
) -> None:
    with (
        FailoverPair.open() as pair,
        Bouncer(pair.standby.dsn(), prepared=kept(mode)) as one,
        Bouncer(pair.primary.dsn(), prepared=kept(mode)) as two,
    ):
        await script(pair.primary.dsn(), THINGS)
        await asyncio.to_thread(pair.catch_up)
        places = f"host={one.root},{two.root}&port={PORT}"
        bounds = settings(pgbouncer=mode, acquire_timeout=5)
        async with Pool.open(f"postgresql://postgres@/postgres?{places}", bounds) as pool:
            await pool.execute(PUT, 1)
            await asyncio.to_thread(pair.switch)
            began, number = time.monotonic(), 2
            while await failure(pool, number) is not None:
                number += 1
                assert time.monotonic() < began + 15
            took = time.monotonic() - began
            assert await value(pool, reads("SELECT pg_is_in_recovery()")) is False
    record_property("figure", f"first write {took:.2f} s after a switch behind two PgBouncers")
