"""A primary and its standby, both real: switched, killed, hung and demoted under writers who keep book."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, which is what is tested

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from slimy_dal.engine.errors import DeadlineExceeded
from slimy_dal.engine.pool import Pool
from slimy_dal.schema import migrator
from slimy_dal.testing import FailoverPair, FaultProxy
from tests.ad_hoc import ONE, settings, until
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import ALL, INSERT, TABLE, Ledger, writes
from tests.migrations.catalogs import schema, unusable
from tests.migrations.crashing import REFUSED, Blow, start

Record = Callable[[str, object], None]

SLACK = 0.25
"""Seconds that a call may take beyond its deadline."""

WRITERS = 8

ALONE = Path(__file__).parent.parent / "migrations" / "alone"
"""Migrations that run outside of a transaction."""


@dataclass
class Scene:
    """Writers at work on a pair; `gone` and `promoted` are when the old primary was lost and the new one there."""

    pair: FailoverPair
    pool: Pool
    ledger: Ledger = field(default_factory=Ledger)
    late: Lateness = field(default_factory=Lateness)
    gone: float = 0.0
    promoted: float = 0.0

    async def do(self, step: Callable[[], Any]) -> None:
        """Do something to the servers; it waits, so in a thread."""
        await asyncio.to_thread(step)

    async def promote(self) -> None:
        """Promote the standby."""
        await self.do(self.pair.promote)
        self.promoted = time.monotonic()

    async def under_fire(
        self, fault: Callable[[], Awaitable[None]], *, timeout: float | None = None, size: int = 300
    ) -> None:
        """Let writers work, do the fault halfway, and end when the new primary has taken the rest."""
        total, over = writes(size), asyncio.Event()

        async def add(number: int) -> None:
            await self.pool.execute(INSERT, number, timeout=timeout)

        def enough() -> bool:
            if not over.is_set():
                return False
            if self.ledger.successes[-1] < self.promoted:
                return time.monotonic() > self.promoted + 20  # hopeless
            return len(self.ledger.done) >= total

        async def breaking() -> None:
            while len(self.ledger.done) < total / 2:  # noqa: ASYNC110 -- the book rings no bell
                await asyncio.sleep(0.005)
            await fault()
            over.set()

        async with self.late, asyncio.TaskGroup() as group:
            group.create_task(breaking())
            group.create_task(self.ledger.writers(add, count=WRITERS, until=enough, pause=0.02))

    def kept(self) -> list[int]:
        """What the present primary has."""
        return [int(row) for row in self.pair.primary.sql(ALL.sql)]

    def first_success(self) -> float:
        """Seconds from the promotion to the first write that was taken; at once is 0."""
        return max(0.0, self.gone + self.ledger.first_success_after(self.gone) - self.promoted)

    def note(self, record: Record) -> None:
        """Say in the results what was seen."""
        pause, after = self.ledger.first_success_after(self.gone), self.first_success()
        told = self.ledger.verdict(self.kept()).summary
        server = f"PostgreSQL {self.pair.primary.major}"
        record(
            "figure",
            f"{server}: no write for {pause:.2f} s, {after:.2f} s after the promotion; {told}",
        )


@asynccontextmanager
async def scene(
    *, synchronous: bool = False, major: int = 18, **bounds: Any
) -> AsyncIterator[Scene]:
    """Open a pair with the ledger's table, and a pool that knows both hosts."""
    opening = FailoverPair.open(major=major, synchronous=synchronous)
    pair = await asyncio.to_thread(opening.__enter__)
    try:
        pair.primary.sql(TABLE)
        async with Pool.open(pair.dsn(), settings(pool_size=WRITERS, **bounds)) as pool:
            yield Scene(pair, pool)
    finally:
        await asyncio.to_thread(opening.__exit__, None, None, None)


@pytest.mark.fault("C1")
@pytest.mark.slow
@pytest.mark.parametrize("major", [15, 16, 18])
async def test_an_orderly_switch_loses_nothing_and_writes_go_on(
    major: int, record_property: Record
) -> None:
    async with scene(major=major) as at:

        async def switch() -> None:
            await at.do(at.pair.primary.stop)
            at.gone = time.monotonic()
            await at.promote()

        await at.under_fire(switch)
        verdict = at.ledger.verdict(at.kept())
        assert verdict.clean, verdict
        assert at.first_success() <= 1.0 + at.late.worst
        assert at.pool.snapshot()["events"]["new_timeline"] == 1
        at.note(record_property)


@pytest.mark.fault("C2", "C3")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("major", "synchronous"), [(18, False), (15, True), (16, True), (18, True)]
)
async def test_what_a_killed_primary_takes_with_it_is_what_its_standby_was_not_waited_for(
    major: int, record_property: Record, *, synchronous: bool
) -> None:
    async with scene(synchronous=synchronous, major=major, look_around=0.2) as at:

        async def kill() -> None:
            receiver = at.pair.standby.process("walreceiver")
            assert receiver is not None
            os.kill(receiver, signal.SIGSTOP)
            await asyncio.sleep(0.5)
            await at.do(at.pair.primary.crash)
            at.gone = time.monotonic()
            os.kill(receiver, signal.SIGKILL)
            await at.promote()

        await at.under_fire(kill, timeout=2.0)
        verdict = at.ledger.verdict(at.kept())
        assert not verdict.lied, verdict
        assert not verdict.twice, verdict
        assert bool(verdict.lost) is not synchronous, verdict
        assert at.first_success() <= 1.0 + at.late.worst
        if verdict.lost:  # and the pool has said so, too
            assert at.pool.snapshot()["events"]["wal_lost"] == 1
        kind = "synchronous" if synchronous else "asynchronous"
        record_property("figure", f"{kind}: {len(verdict.lost):,} of {len(at.ledger.done):,} lost")
        at.note(record_property)


@pytest.mark.fault("C4")
async def test_a_hung_primary_holds_writes_up_until_its_standby_is_promoted(
    record_property: Record,
) -> None:
    """Whatever the deadlines are: here they are far away, and the pool finds out by looking around."""
    async with scene(statement_timeout=30.0, acquire_timeout=30.0) as at:

        async def hang() -> None:
            await at.do(at.pair.catch_up)
            await at.do(at.pair.primary.pause)
            at.gone = time.monotonic()
            await asyncio.sleep(0.5)
            await at.promote()

        await at.under_fire(hang, size=200)
        verdict = at.ledger.verdict(at.kept())
        assert not verdict.lied, verdict
        assert not verdict.twice, verdict
        assert at.first_success() <= 3.0 + at.late.worst
        at.note(record_property)


@pytest.mark.fault("C4")
@pytest.mark.slow
async def test_calls_on_a_hung_primary_end_by_their_deadlines(record_property: Record) -> None:
    async with scene(acquire_timeout=2.0) as at:

        async def hang() -> None:
            await at.do(at.pair.primary.pause)
            at.gone = time.monotonic()
            await asyncio.sleep(2.5)
            await at.promote()

        await at.under_fire(hang, timeout=0.4)
        verdict = at.ledger.verdict(at.kept())
        assert not verdict.lied, verdict
        assert at.ledger.unknown
        assert at.ledger.longest <= 0.4 + SLACK + at.late.worst
        assert at.first_success() <= 3.0 + at.late.worst
        record_property(
            "figure", f"deadline 0.4 s: the longest call took {at.ledger.longest:.2f} s"
        )
        at.note(record_property)


@pytest.mark.fault("C4")
async def test_one_call_finds_out_that_a_host_hangs_and_not_each_connection_in_turn(
    slimy_database: str, record_property: Record
) -> None:
    async with FaultProxy(slimy_database) as proxy, FaultProxy(slimy_database) as other:
        login, _, rest = other.dsn.partition("@")
        both = f"{login}@{proxy.dsn.partition('@')[2].partition('/')[0]},{rest}"
        await other.refuse()  # or a busy machine's second host may be the first to answer
        async with Pool.open(both, settings(pool_size=6)) as pool:
            async with contextlib.AsyncExitStack() as all_of_it:
                for _ in range(6):
                    await all_of_it.enter_async_context(pool.transaction())
            assert pool.snapshot()["pool"]["idle"] == 6
            await other.listen()
            proxy.freeze()
            async with Lateness() as late:
                with pytest.raises(DeadlineExceeded):
                    await pool.row(ONE, 1, timeout=0.3)
                began = time.monotonic()
                assert await pool.row(ONE, 2) == (2,)
                took = time.monotonic() - began
            # Who is suspected has a second to answer, then another host is asked.
            assert took <= 1.0 + SLACK + late.worst
            await until(lambda: _gone(pool) == 5)
            record_property(
                "figure", f"the next call was answered by the other host in {took:.2f} s"
            )


def _gone(pool: Pool) -> int:
    events = pool.snapshot()["events"]
    return int(events.get("dropped_silent", 0) + events.get("dropped_unsettled", 0))


@pytest.mark.fault("C6")
@pytest.mark.slow
async def test_a_demoted_primary_is_left_with_its_sessions_open(record_property: Record) -> None:
    async with scene() as at:

        async def demote() -> None:
            await at.do(at.pair.demote)
            at.gone = time.monotonic()
            await at.do(at.pair.catch_up)
            await asyncio.sleep(0.3)
            await at.promote()

        await at.under_fire(demote, size=200)
        verdict = at.ledger.verdict(at.kept())
        assert verdict.clean, verdict
        assert at.first_success() <= 1.0 + at.late.worst
        assert at.pool.snapshot()["events"]["retried"] > 0
        at.note(record_property)


@pytest.mark.fault("C11")
@pytest.mark.slow
async def test_a_commit_that_waits_for_a_standby_that_is_gone_is_unknown_at_its_deadline(
    record_property: Record,
) -> None:
    async with scene(synchronous=True) as at:
        put, ledger = at.pool.execute, at.ledger

        async def within(number: int) -> None:
            async with at.pool.transaction(timeout=0.5) as tx:
                await tx.execute(INSERT, number)

        await ledger.write(lambda number: put(INSERT, number))
        await at.do(at.pair.standby.stop)
        async with at.late:
            await asyncio.gather(
                *(ledger.write(lambda n: put(INSERT, n, timeout=0.5)) for _ in range(WRITERS // 2)),
                *(ledger.write(within) for _ in range(WRITERS // 2)),
            )
        assert (len(ledger.done), len(ledger.unknown)) == (1, WRITERS)
        assert ledger.longest <= 0.5 + SLACK + at.late.worst
        await at.do(at.pair.standby.start)
        await ledger.write(lambda number: put(INSERT, number))
        assert len(ledger.done) == 2
        assert ledger.verdict(at.kept()).clean
        longest = f"deadline 0.5 s: told that it is unknown after {ledger.longest:.2f} s at most"
        record_property("figure", f"{longest}; {ledger.verdict(at.kept()).summary}")


@pytest.mark.fault("M13")
@pytest.mark.slow
def test_a_migration_that_lost_its_primary_goes_on_with_the_new_one() -> None:
    """In the middle of what runs outside of a transaction, where half of it is there."""
    with FailoverPair.open(synchronous=True) as pair:
        for name in ("undisturbed", "moved"):
            pair.primary.sql(f"CREATE DATABASE {name}")
        migrator.apply(pair.primary.dsn("undisturbed"), ALONE)
        expected = schema(pair.primary.dsn("undisturbed"))
        dsn = f"{pair.dsn('moved')}&target_session_attrs=read-write"
        migrator.apply(dsn, ALONE, to="0001")
        reader = psycopg.connect(pair.primary.dsn("moved"))
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute(
            "SELECT count(*) FROM shop.item"
        )  # the index must wait for whose view is old
        process = start(dsn, ALONE, Blow())
        waiting = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        end = time.monotonic() + 20
        while pair.primary.sql(waiting, "moved") != ["1"]:
            assert time.monotonic() < end
            time.sleep(0.05)
        pair.primary.crash()
        process.join(timeout=20)
        assert process.exitcode == REFUSED
        reader.close()
        pair.promote()
        assert unusable(pair.primary.dsn("moved")) != []
        migrator.apply(dsn, ALONE)
        assert schema(pair.primary.dsn("moved")) == expected
        assert unusable(pair.primary.dsn("moved")) == []
        assert all(state.applied for state in migrator.status(dsn, ALONE))
