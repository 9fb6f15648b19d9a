"""Read replicas under faults: what was written is read, or asked of the primary; callers see a delay at most."""

import asyncio
import contextlib
import itertools
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self

import pytest

from slimy_dal.engine.deadline import deadline
from slimy_dal.engine.embedded import run_as
from slimy_dal.engine.errors import DeadlineExceeded, PoolTimeout, ReadOnly, SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.position import Position, position
from slimy_dal.engine.reading import Reading
from slimy_dal.engine.replica import Replica
from slimy_dal.engine.replicas import Replicas
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.tenant import ROLE, Tenant
from slimy_dal.testing import FailoverPair, Node
from tests.matrix.chance import seeded
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import INSERT, TABLE, writes

Record = Callable[[str, object], None]

SETTINGS = PoolSettings(pool_size=8, pool_min=4, replica_check=0.25)
FIND = Statement(
    name="kept.find",
    sql="SELECT id FROM public.kept WHERE id = $1",
    parameters=(Parameter("id", "bigint"),),
    columns=("id",),
    replica=True,
)
SLOW = Statement(
    name="kept.slow",
    sql="SELECT (SELECT count(pg_sleep($1)) FROM public.kept), pg_sleep($1)",
    parameters=(Parameter("seconds", "double precision"),),
    replica=True,
)
WHERE = Statement(name="kept.where", sql="SELECT pg_is_in_recovery()", replica=True)
ONCE = 0.05
"""Seconds that a replica which is dead or hangs may cost, once."""


@pytest.fixture(scope="module")
def shared() -> Iterator[FailoverPair]:
    # Statements on the standby wait for nothing: a conflict with its replay cancels them at once.
    with FailoverPair.open(settings={"max_standby_streaming_delay": "0"}) as opened:
        yield opened


@pytest.fixture
def pair(shared: FailoverPair) -> FailoverPair:
    """Whole again, whatever the test before did."""
    if shared.standby.pid is None:
        shared.rejoin()
    shared.resume_replay()
    shared.primary.sql(f"DROP TABLE IF EXISTS public.kept; {TABLE}")
    shared.primary.sql("CREATE INDEX ON public.kept (id)")
    shared.catch_up()
    return shared


@asynccontextmanager
async def replicated(
    pair: FailoverPair, settings: PoolSettings = SETTINGS
) -> AsyncIterator[Replicas]:
    """The replicas of a pair, watched, and one of them ready."""
    async with (
        Pool.open(pair.dsn(), settings) as pool,
        Replicas.open(pool, pair.standby.dsn()) as replicas,
    ):
        assert await until(lambda: replicas.all[0].state == "ready") is not None
        yield replicas


async def until(true: Callable[[], bool], seconds: float = 15) -> float:
    """Return after how many seconds something became true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not become true"
        await asyncio.sleep(0.005)
    return time.monotonic() - began


async def on_replica(reading: Reading) -> bool:
    row = await reading.row(WHERE)
    return row is not None and bool(row[0])


async def stale(replicas: Replicas, count: int, *, token: bool, clients: int = 4) -> int:
    """Write and read back at once, and return how often the write was not seen."""
    missed, numbers = 0, iter(range(1, count + 1))

    async def client() -> None:
        nonlocal missed
        for number in numbers:
            await replicas.primary.execute(INSERT, number)
            after = await position(replicas.primary) if token else None
            if await Reading(replicas, after).row(FIND, number) is None:
                missed += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    return missed


@pytest.mark.fault("C8")
async def test_who_read_with_a_position_never_missed_their_own_write(
    pair: FailoverPair, record_property: Record
) -> None:
    count = writes(300)
    async with replicated(pair) as replicas:
        assert await stale(replicas, count, token=True) == 0
        read, elsewhere = replicas.all[0].reads, dict(replicas.elsewhere)
        record_property(
            "figure",
            f"0 of {count:,} stale, {read:,} read on the replica, {elsewhere} on the primary",
        )
        assert read > count / 2
        await replicas.primary.execute(Statement("kept.empty", "TRUNCATE public.kept", writes=True))
        blind = await stale(replicas, count, token=False)
        record_property("figure", f"without a position {blind:,} of {count:,} stale")
        assert blind > 0


@pytest.mark.fault("C8")
async def test_a_paused_replay_costs_the_wait_once_and_nothing_stale(
    pair: FailoverPair, record_property: Record
) -> None:
    async with replicated(pair, SETTINGS.model_copy(update={"replica_check": 3.0})) as replicas:
        await asyncio.to_thread(pair.pause_replay)
        await replicas.primary.execute(INSERT, 1)
        after = await position(replicas.primary)
        assert await Reading(replicas).row(FIND, 1) is None, "it should show the past"
        took = []
        usual = await slowest_on_primary(replicas)
        async with Lateness() as late:
            for _ in range(5):
                began = time.monotonic()
                assert await Reading(replicas, after).row(FIND, 1) is not None
                took.append(time.monotonic() - began)
        record_property("figure", f"first read {took[0]:.3f} s, the next {max(took[1:]):.3f} s")
        # It may be known to be slow before the whole wait is over, but not at once.
        assert 0.1 <= took[0] <= 0.25 + usual + late.worst
        assert max(took[1:]) <= 0.05 + usual + late.worst
        await asyncio.to_thread(pair.resume_replay)
        await asyncio.to_thread(pair.catch_up)
        read = replicas.all[0].reads
        async with asyncio.timeout(15):
            # Soon it is asked again.
            while replicas.all[0].reads == read:
                await asyncio.sleep(0.1)
                assert await Reading(replicas, after).row(FIND, 1) is not None
        assert replicas.all[0].reads == read + 1


@pytest.mark.slow
@pytest.mark.fault("C8")
@pytest.mark.parametrize(
    "limit", [{"replica_max_lag": 0.5}, {"replica_max_lag_bytes": 0}], ids=["seconds", "bytes"]
)
async def test_a_replica_too_far_behind_gets_no_reads_until_it_has_caught_up(
    pair: FailoverPair, record_property: Record, limit: dict[str, Any]
) -> None:
    async with replicated(pair, SETTINGS.model_copy(update=limit)) as replicas:
        replica, reading = replicas.all[0], Reading(replicas)
        assert await on_replica(reading)
        await asyncio.to_thread(pair.pause_replay)
        await replicas.primary.execute(INSERT, 1)
        noticed = await until(lambda: replica.state == "lagging")
        assert not await on_replica(reading)
        await asyncio.to_thread(pair.resume_replay)
        back = await until(lambda: replica.state == "ready")
        assert await on_replica(reading)
        record_property("figure", f"left out after {noticed:.2f} s, back after {back:.2f} s")


@pytest.mark.slow
@pytest.mark.fault("C8")
@pytest.mark.parametrize("major", [15, 16])
async def test_older_servers_tell_their_positions_too(major: int) -> None:
    with FailoverPair.open(major=major) as older:
        older.primary.sql(TABLE)
        older.catch_up()
        async with replicated(older) as replicas:
            assert await stale(replicas, 50, token=True) == 0
            assert replicas.all[0].reads > 0
            assert not replicas.elsewhere["timeline"]


class Readers:
    """Tasks that read without an end, and note how long each read took and what failed."""

    def __init__(self, replicas: Replicas) -> None:
        self.replicas = replicas
        self.reads = 0
        self._longest = 0.0
        self._began: dict[int, float] = {}
        self.errors: list[Exception] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._read(number)) for number in range(4)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def longest(self) -> float:
        """Return the longest that a read took since this was asked last, or has taken so far."""
        now = time.monotonic()
        found = max(self._longest, *(now - began for began in self._began.values()), 0.0)
        self._longest = 0.0
        return found

    async def _read(self, number: int) -> None:
        reading = Reading(self.replicas)
        while True:
            self._began[number] = began = time.monotonic()
            try:
                await reading.row(FIND, 1)
            except Exception as error:  # noqa: BLE001 -- whatever a caller would have seen
                self.errors.append(error)
            self.reads += 1
            del self._began[number]
            self._longest = max(self._longest, time.monotonic() - began)
            await asyncio.sleep(0.002)


async def slowest_on_primary(replicas: Replicas) -> float:
    """Return the longest that a read of several takes there, which is what follows after a replica has failed it."""

    async def one() -> float:
        began = time.monotonic()
        await replicas.primary.row(FIND, 1)
        return time.monotonic() - began

    longest = 0.0
    for _ in range(10):
        longest = max(longest, *await asyncio.gather(*(one() for _ in range(4))))
    return longest


async def read_through(
    pair: FailoverPair, record_property: Record, fault: Callable[[], None], mend: Callable[[], None]
) -> None:
    async with replicated(pair) as replicas:
        replica = replicas.all[0]
        async with Readers(replicas) as readers, Lateness() as late:
            await asyncio.sleep(0.5)
            before = readers.longest() + await slowest_on_primary(replicas)
            assert replica.reads > 0
            await asyncio.to_thread(fault)
            await until(lambda: replica.state == "away", 5)
            await asyncio.sleep(0.5)
            worst, reads = readers.longest(), readers.reads
            # It is known now: nobody waits for it.
            await asyncio.sleep(0.3)
            known = readers.longest()
            await asyncio.to_thread(mend)
            back = await until(lambda: replica.state == "ready")
            seen = replica.reads
            await until(lambda: replica.reads > seen)
        assert not readers.errors, readers.errors[:3]
        assert worst <= ONCE + before + late.worst
        record_property(
            "figure",
            f"0 of {reads:,} reads failed, the longest {worst * 1000:.0f} ms ({before * 1000:.0f} before the fault,"
            f" {known * 1000:.0f} once it was known); read from again {back:.2f} s after it was back",
        )


@pytest.mark.slow
@pytest.mark.fault("C9")
async def test_a_replica_that_dies_costs_one_short_delay_and_comes_back_by_itself(
    pair: FailoverPair, record_property: Record
) -> None:
    await read_through(pair, record_property, pair.standby.crash, pair.standby.start)


@pytest.mark.fault("C9")
async def test_a_replica_that_hangs_costs_one_short_delay_and_comes_back_by_itself(
    pair: FailoverPair, record_property: Record
) -> None:
    await read_through(pair, record_property, pair.standby.pause, pair.standby.resume)


async def test_replicas_outlive_the_time_limit_within_which_they_were_opened(
    pair: FailoverPair,
) -> None:
    """As one around the start of a program is; and a read of little time says nothing about its replica."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(Pool.open(pair.dsn(), SETTINGS))
        with deadline(0.001):
            there = Replicas.open(pool, pair.standby.dsn())
            replicas = await stack.enter_async_context(there)
        await until(lambda: replicas.primary_at is not None and replicas.all[0].state == "ready")
        looking = replicas.all[0]
        with deadline(0.001):
            assert await looking.look()


@pytest.mark.slow
@pytest.mark.fault("C9")
async def test_a_database_opens_while_its_replicas_are_away(pair: FailoverPair) -> None:
    await asyncio.to_thread(pair.standby.crash)
    async with (
        Pool.open(pair.dsn(), SETTINGS) as pool,
        Replicas.open(pool, pair.standby.dsn()) as replicas,
    ):
        assert not await on_replica(Reading(replicas))
        await asyncio.to_thread(pair.standby.start)
        await until(lambda: replicas.all[0].state == "ready")
        assert await on_replica(Reading(replicas))


@pytest.mark.slow
async def test_a_slow_read_is_no_fault_of_its_replica(pair: FailoverPair) -> None:
    async with replicated(pair) as replicas:
        assert await Reading(replicas).row(SLOW, 0.6) is not None
        assert replicas.all[0].reads == 1
        assert not replicas.elsewhere


@pytest.mark.slow
@pytest.mark.fault("C10")
async def test_what_the_replay_cancels_is_read_all_the_same(
    pair: FailoverPair, record_property: Record
) -> None:
    async with replicated(pair) as replicas:
        for number in range(200):
            await replicas.primary.execute(INSERT, number)
        reading, ended = Reading(replicas), asyncio.Event()

        async def clean() -> None:
            while not ended.is_set():
                # An exclusive lock and dead rows, replayed while somebody reads them.
                await asyncio.to_thread(pair.primary.sql, "UPDATE public.kept SET id = id")
                await asyncio.to_thread(pair.primary.sql, "VACUUM public.kept")

        cleaning = asyncio.create_task(clean())
        answers = [await reading.row(SLOW, 0.001) for _ in range(4)]
        ended.set()
        await cleaning
        errors = replicas.all[0].pool.metrics.queries[SLOW.name].errors
        conflicts = errors["serialization_conflict"]
        record_property(
            "figure",
            f"{conflicts} conflicts, {dict(replicas.elsewhere)} on the primary, 0 errors",
        )
        assert [answer[0] for answer in answers if answer is not None] == [200] * 4
        assert conflicts > 0


@pytest.mark.slow
@pytest.mark.fault("C7")
async def test_a_promoted_replica_is_known_for_what_it_is_and_old_positions_are_asked_of_the_primary(
    pair: FailoverPair, record_property: Record
) -> None:
    async with (
        Pool.open(pair.dsn(), SETTINGS) as pool,
        Replicas.open(pool, pair.dsn()) as replicas,
    ):
        first, second = replicas.all
        await until(lambda: (first.state, second.state) == ("primary", "ready"))
        await pool.execute(INSERT, 1)
        before = await position(pool)
        await asyncio.to_thread(pair.catch_up)
        await asyncio.to_thread(pair.primary.crash)
        await asyncio.to_thread(pair.promote)
        noticed = await until(lambda: second.state == "primary", 5)
        assert await Reading(replicas, before).row(FIND, 1) is not None
        await asyncio.to_thread(pair.rejoin)
        back = await until(lambda: first.state == "ready")
        record_property(
            "figure",
            f"known {noticed:.2f} s after it took writes; the old primary read from {back:.2f} s after it joined",
        )
        await pool.execute(INSERT, 2)
        after = await position(pool)
        assert after.timeline == before.timeline + 1
        reads = first.reads
        assert await Reading(replicas, after).row(FIND, 2) is not None
        assert first.reads == reads + 1
        assert await Reading(replicas, before).row(FIND, 1) is not None
        foreign = Position(after.system + 1, after.timeline, after.lsn)
        assert await Reading(replicas, foreign).row(FIND, 1) is not None
        assert first.reads == reads + 1
        assert replicas.elsewhere["timeline"] >= 2


@pytest.mark.fault("C12")
async def test_what_is_not_for_replicas_is_refused_before_it_is_sent(pair: FailoverPair) -> None:
    undeclared = Statement("kept.undeclared", "SELECT 1")
    async with replicated(pair) as replicas:
        reading = Reading(replicas)
        with pytest.raises(ReadOnly, match=r"kept\.add writes"):
            await reading.execute(INSERT, 1)
        with pytest.raises(ReadOnly, match=r"kept\.add writes"):
            await reading.batch(INSERT, [(1,)])
        with pytest.raises(ReadOnly, match=r"add `-- replica: yes`"):
            await reading.row(undeclared)
        async with reading.transaction() as tx:
            with pytest.raises(ReadOnly, match=r"kept\.add writes"):
                await tx.execute(INSERT, 1)
        with pytest.raises(ReadOnly, match="primary's"):
            reading.transaction(readonly=False)
        assert set(replicas.all[0].pool.metrics.queries) <= {
            "replicas.database",
            "replicas.primary",
        }


@pytest.mark.slow
@pytest.mark.fault("C8", "C9")
async def test_nothing_is_stale_or_fails_while_the_replica_dies_hangs_and_lags(
    pair: FailoverPair, record_property: Record
) -> None:
    """A standby that is killed comes back further behind than it was: what it said before is worth nothing then."""
    ended, numbers, missed = asyncio.Event(), itertools.count(1), 0
    async with replicated(pair) as replicas:

        async def client() -> None:
            nonlocal missed
            while not ended.is_set():
                number = next(numbers)
                await replicas.primary.execute(INSERT, number)
                reading = Reading(replicas, await position(replicas.primary))
                missed += await reading.row(FIND, number) is None

        clients = [asyncio.create_task(client()) for _ in range(4)]
        for _ in range(3):
            for fault, mend in (
                (pair.standby.crash, pair.standby.start),
                (pair.standby.pause, pair.standby.resume),
                (pair.pause_replay, pair.resume_replay),
            ):
                await asyncio.sleep(0.3)
                await asyncio.to_thread(fault)
                await asyncio.sleep(0.3)
                await asyncio.to_thread(mend)
        seen = replicas.all[0].reads
        await until(lambda: replicas.all[0].reads > seen)
        ended.set()
        await asyncio.gather(*clients)
        made, read = next(numbers) - 1, replicas.all[0].reads
        record_property(
            "figure",
            f"nine faults: {missed} of {made:,} stale, 0 failed; {read:,} read on the replica, "
            f"elsewhere {dict(replicas.elsewhere)}",
        )
        assert missed == 0
        assert read > 0


@pytest.mark.slow
@pytest.mark.fault("C8", "C9")
async def test_a_replica_that_comes_back_further_behind_is_not_believed_what_it_said_before(
    pair: FailoverPair,
) -> None:
    # From here on it recovers, so that it has the table.
    pair.primary.sql("CHECKPOINT")
    pair.catch_up()
    pair.standby.sql("CHECKPOINT")
    async with replicated(pair) as replicas:
        await replicas.primary.execute(INSERT, 1)
        after = await position(replicas.primary)
        assert await Reading(replicas, after).row(FIND, 1) is not None
        assert replicas.all[0].reads == 1
        await asyncio.to_thread(pair.standby.crash)
        # It replays up to where it is consistent, and then it shows no commit of the last minutes.
        pair.standby.settings["recovery_min_apply_delay"] = "'10min'"
        try:
            await asyncio.to_thread(pair.standby.start)
            await until(lambda: replicas.all[0].state == "ready" and behind(replicas.all[0], after))
            assert await Reading(replicas).row(FIND, 1) is None, "it should show the past"
            assert await Reading(replicas, after).row(FIND, 1) is not None
            assert sum(replicas.elsewhere.values()) == 1, replicas.elsewhere
        finally:
            del pair.standby.settings["recovery_min_apply_delay"]
            await asyncio.to_thread(pair.standby.restart)


@pytest.mark.slow
async def test_reads_that_are_given_up_leave_nothing_behind(pair: FailoverPair) -> None:
    dice = seeded(7)
    async with replicated(pair) as replicas:
        for _ in range(min(writes(150), 2_000)):
            after = await position(replicas.primary) if dice.random() < 0.5 else None
            task = asyncio.create_task(Reading(replicas, after).row(SLOW, 0.005))
            await asyncio.sleep(dice.random() * 0.03)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        pools = (replicas.primary.supply, replicas.all[0].pool.supply)
        await until(lambda: all(len(one.free) == len(one.everything) for one in pools))
        assert replicas.all[0].state == "ready"
        busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_sleep'"
        await until(lambda: pair.standby.sql(f"{busy} AND pid <> pg_backend_pid()") == ["0"])


@pytest.mark.slow
@pytest.mark.fault("C9")
async def test_a_read_ends_in_its_time_when_nobody_answers(
    pair: FailoverPair, record_property: Record
) -> None:
    async with replicated(pair) as replicas:
        await asyncio.to_thread(pair.standby.pause)
        await asyncio.to_thread(pair.primary.pause)
        try:
            for after in (None, Position(1, 1, 1)):
                began = time.monotonic()
                async with Lateness() as late:
                    with pytest.raises(SlimyError):
                        await Reading(replicas, after).row(FIND, 1, timeout=0.5)
                took = time.monotonic() - began
                assert took <= 0.75 + late.worst
                record_property("figure", f"0.5 s allowed, over after {took:.3f} s")
        finally:
            pair.primary.resume()
            pair.standby.resume()


@pytest.mark.slow
async def test_a_replica_of_an_old_timeline_is_not_read_from_until_it_follows_the_new_one(
    record_property: Record,
) -> None:
    """Split brain: the old primary lives on, and a replica follows it beyond the place where the new one began."""
    with FailoverPair.open() as pair, contextlib.closing(Node(major=18)) as third:
        pair.primary.sql(f"{TABLE}; CREATE ROLE joe LOGIN; GRANT ALL ON public.kept TO joe")
        follow(third, pair.primary)
        pair.catch_up()
        old = pair.primary
        await asyncio.to_thread(pair.promote)
        old.sql("INSERT INTO public.kept SELECT * FROM generate_series(1, 2000)")
        plain = SETTINGS.model_copy(update={"replica_max_lag": 60.0})
        async with (
            Pool.open(as_joe(pair.primary), plain) as pool,
            Replicas.open(pool, as_joe(third)) as replicas,
        ):
            assert replicas.all[0].state == "diverged"
            await pool.execute(INSERT, -1)
            after = await position(pool)
            # By the place in the log alone it would have come far enough.
            await until(lambda: beyond(replicas.all[0], after))
            assert await Reading(replicas, after).row(FIND, -1) is not None
            assert await Reading(replicas).row(FIND, -1) is not None
            assert replicas.all[0].reads == 0
            # Its history is another one now: it has to be made anew, and is known at once for what it is then.
            await asyncio.to_thread(third.stop)
            shutil.rmtree(third.data)
            await asyncio.to_thread(follow, third, pair.primary)
            took = await until(lambda: replicas.all[0].state == "ready")
            record_property(
                "figure", f"made anew, it was read from {took:.2f} s after it had started"
            )
            assert await Reading(replicas, after).row(FIND, -1) is not None
            assert replicas.all[0].reads == 1


@pytest.mark.slow
@pytest.mark.fault("C7")
async def test_a_replica_that_follows_the_new_primary_is_read_from_again(
    record_property: Record,
) -> None:
    with FailoverPair.open() as pair, contextlib.closing(Node(major=18)) as third:
        pair.primary.sql(
            f"{TABLE}; CREATE ROLE joe LOGIN; GRANT ALL ON public.kept TO joe;"
            " GRANT pg_read_all_stats TO joe"
        )
        follow(third, pair.primary)
        async with (
            Pool.open(f"{as_joe(pair.primary)},{pair.standby.socket}", SETTINGS) as pool,
            Replicas.open(pool, as_joe(third)) as replicas,
        ):
            replica = replicas.all[0]
            await until(lambda: replica.state == "ready")
            await asyncio.to_thread(pair.catch_up)
            await asyncio.to_thread(pair.primary.crash)
            await asyncio.to_thread(pair.promote)
            await pool.execute(INSERT, 1)
            await until(lambda: replica.state == "diverged")
            at = f"'host={pair.primary.socket} user=postgres'"
            await asyncio.to_thread(third.configure, primary_conninfo=at)
            took = await until(lambda: replica.state == "ready")
            record_property("figure", f"read from {took:.2f} s after it was told of the new one")
            await pool.execute(INSERT, 2)
            after = await position(pool)
            assert await Reading(replicas, after).row(FIND, 2) is not None
            assert replica.reads == 1


@pytest.mark.slow
@pytest.mark.fault("C9")
async def test_no_replica_is_read_from_before_the_primary_has_said_whose_it_is(
    pair: FailoverPair,
) -> None:
    """It may be of another cluster, or of a timeline of the past: only the primary can tell."""
    await asyncio.to_thread(pair.primary.crash)
    try:
        bounds = SETTINGS.model_copy(update={"patient_start": True})
        async with (
            Pool.open(pair.dsn(), bounds) as pool,
            Replicas.open(pool, pair.standby.dsn()) as replicas,
        ):
            await until(lambda: replicas.all[0].state == "unproven")
            with pytest.raises(SlimyError):
                await Reading(replicas).row(WHERE, timeout=0.3)
            assert replicas.elsewhere == {"not_ready": 1}
            await asyncio.to_thread(pair.primary.start)
            await until(lambda: replicas.all[0].state == "ready")
            assert await on_replica(Reading(replicas))
    finally:
        await asyncio.to_thread(pair.primary.start)


@pytest.mark.slow
async def test_a_replica_of_another_cluster_is_not_read_from(pair: FailoverPair) -> None:
    with FailoverPair.open() as other:
        async with (
            Pool.open(pair.dsn(), SETTINGS) as pool,
            Replicas.open(pool, other.standby.dsn()) as replicas,
        ):
            assert replicas.all[0].state == "foreign"
            assert not await on_replica(Reading(replicas))


@pytest.mark.fault("C8")
async def test_a_replica_where_another_database_is_named_is_not_read_from(
    pair: FailoverPair,
) -> None:
    async with (
        Pool.open(pair.dsn(), SETTINGS) as pool,
        Replicas.open(pool, pair.standby.dsn("template1")) as replicas,
    ):
        assert replicas.all[0].state == "foreign"
        assert not await on_replica(Reading(replicas))


@pytest.mark.fault("C8")
async def test_who_reads_for_a_tenant_sees_their_write_whatever_the_servers_isolation_is(
    pair: FailoverPair,
) -> None:
    pair.primary.sql(f"DROP ROLE IF EXISTS {ROLE}")
    pair.primary.sql(f"CREATE ROLE {ROLE}; GRANT SELECT ON public.kept TO {ROLE}")
    frozen = f"{pair.standby.dsn()}&default_transaction_isolation=repeatable%20read"
    patient = SETTINGS.model_copy(update={"replica_wait": 2.0})
    async with Pool.open(pair.dsn(), patient) as pool, Replicas.open(pool, frozen) as replicas:
        await until(lambda: replicas.all[0].state == "ready")
        reading = Reading(replicas).bound(Tenant(guild_ids=frozenset({1})))
        await asyncio.to_thread(pair.catch_up)
        assert await reading.row(FIND, 1) is None
        await asyncio.to_thread(pair.pause_replay)
        await pool.execute(INSERT, 1)
        after = await position(pool)
        bound = Reading(replicas, after).bound(Tenant(guild_ids=frozenset({1})))
        read = asyncio.create_task(bound.row(FIND, 1))
        await until(lambda: bool([*replicas.all[0].pool.supply.busy()]))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(pair.resume_replay)
        assert await read is not None
        assert not replicas.elsewhere
    pair.primary.sql(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


@pytest.mark.fault("C9")
async def test_a_transaction_ends_in_its_time_where_its_wait_finds_no_connection(
    pair: FailoverPair,
) -> None:
    busy = SETTINGS.model_copy(update={"pool_size": 1, "pool_min": 1, "stuck_share": 1.0})
    async with replicated(pair, busy) as replicas, Lateness() as late:
        after = await position(replicas.primary)
        holder = asyncio.create_task(Reading(replicas).row(SLOW, 3.0))
        await until(lambda: not replicas.all[0].pool.supply.free)
        began = time.monotonic()
        with pytest.raises((DeadlineExceeded, PoolTimeout)):
            async with Reading(replicas, after).transaction(timeout=0.3):
                pass
        assert time.monotonic() - began <= 0.3 + 0.25 + late.worst
        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)


@pytest.mark.fault("D10")
async def test_a_transaction_that_is_given_up_while_it_begins_leaves_no_connection_behind(
    pair: FailoverPair,
) -> None:
    async def transact(replicas: Replicas) -> None:
        async with Reading(replicas).transaction() as tx:
            await tx.row(WHERE)

    async with replicated(pair) as replicas:
        supply = replicas.all[0].pool.supply

        def begun() -> bool:
            """Whether a transaction is open that nobody has been given yet."""
            return any(one.owner is not None and one.owner.done() for one in supply.busy())

        met = 0
        for _ in range(20):
            task = asyncio.create_task(transact(replicas))
            while not task.done() and not begun():  # noqa: ASYNC110 -- every turn counts
                await asyncio.sleep(0)
            met += begun()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert met == 20
        await until(lambda: not [*supply.busy()])


def behind(replica: Replica, after: Position) -> bool:
    return replica.standing is not None and replica.standing.replayed < after.lsn


def beyond(replica: Replica, after: Position) -> bool:
    return replica.standing is not None and replica.standing.replayed > after.lsn


def as_joe(node: Node) -> str:
    """The address for somebody without any right to statistics."""
    return node.dsn().replace("postgres@", "joe@")


def follow(node: Node, primary: Node) -> None:
    """Make a further standby of a primary."""
    node.data.mkdir(mode=0o700, parents=True)
    if account := run_as():
        shutil.chown(node.data, account["user"], account["group"])
    node.program(
        *("pg_basebackup", "-D", node.data, "-h", primary.socket, "-U", "postgres"),
        *("-X", "stream", "-c", "fast", "-R", "--no-sync"),
    )
    node.settings["primary_conninfo"] = f"'host={primary.socket} user=postgres'"
    node.start()
