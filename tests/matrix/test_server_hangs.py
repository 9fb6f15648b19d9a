"""Servers that hang, whole or in part: every call ends in time, and what still runs is used."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from slimy_dal.engine.errors import DeadlineExceeded, LockTimeout, SlimyError, Unavailable
from slimy_dal.engine.pool import Pool
from slimy_dal.testing import Node
from tests.ad_hoc import ONE, PID, SLEEP, reads, settings, until, writes
from tests.matrix.lateness import Lateness
from tests.matrix.workload import GRACE, Figure, at_work, many

COUNTERS = "DROP TABLE IF EXISTS counters; CREATE TABLE counters (id int PRIMARY KEY, n int)"
FILL = "INSERT INTO counters VALUES (1, 0), (2, 0)"
COUNT = writes("UPDATE counters SET n = n + 1 WHERE id = $1", "integer")
COUNTED = reads("SELECT n FROM counters WHERE id = $1", "integer")


@contextmanager
def hanging(*pids: int | None) -> Iterator[None]:
    """Let some processes hang for the time of a `with` block."""
    found = [pid for pid in pids if pid is not None]
    assert len(found) == len(pids)
    for pid in found:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in found:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.fault("A9")
async def test_while_the_postmaster_hangs_open_sessions_work_and_new_ones_fail_in_time(
    node: Node, record_property: Figure
) -> None:
    async with at_work(node, writers=4, readers=0, pool_size=8) as work:
        await until(lambda: len(work.pool.supply.everything) == 4)
        await work.acknowledged(50)
        with hanging(node.pid):
            begin = time.monotonic()
            await asyncio.sleep(1.0)
            rate = work.rate(begin, time.monotonic())
            new = settings(connect_timeout=0.5)
            began = time.monotonic()
            with pytest.raises(Unavailable):
                async with Pool.open(node.dsn(), new):
                    pass
            took = time.monotonic() - began
            # More callers than sessions: the pool cannot grow, and lets them take turns.
            rows = await asyncio.gather(*(work.pool.row(ONE, n) for n in range(20)))
            assert [row and row[0] for row in rows] == list(range(20))
            # Nobody takes the cancellation, so that the line is cut.
            began = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                await work.pool.row(SLEEP, 30.0, timeout=0.3)
            late = time.monotonic() - began - 0.3
        await until(lambda: len(work.pool.supply.everything) > 4)
    assert took <= 0.5 + GRACE + work.late.worst
    assert late <= GRACE + work.late.worst
    assert work.ledger.failed == {}
    assert work.ledger.unknown == set()
    record_property("figure", f"{rate:.0f} writes/s by the 4 open sessions; {work.hold()}")


@pytest.mark.fault("A10")
async def test_while_the_whole_server_hangs_every_call_ends_in_time_and_unknowns_are_called_so(
    node: Node, record_property: Figure
) -> None:
    async with at_work(node, seconds=0.4) as work:
        await work.acknowledged(50)
        await asyncio.to_thread(node.pause)
        await asyncio.sleep(1.2)
        await asyncio.to_thread(node.resume)
        back = time.monotonic()
        await work.acknowledged(50)
    assert work.ledger.unknown, "no write was under way: it proves nothing"
    record_property("figure", work.hold(back=back, within=2.0))


@pytest.mark.slow
@pytest.mark.fault("A10")
async def test_after_five_seconds_of_hanging_nothing_is_lost_and_nothing_denied(
    node: Node, record_property: Figure
) -> None:
    async with at_work(node, writers=16, readers=8, acquire_timeout=0.5) as work:
        await work.acknowledged(many(0.5))
        await asyncio.to_thread(node.pause)
        await asyncio.sleep(5)
        await asyncio.to_thread(node.resume)
        back = time.monotonic()
        await work.acknowledged(many(0.5))
    record_property("figure", work.hold(back=back, within=2.0))


@pytest.mark.slow
@pytest.mark.fault("A10")
async def test_a_server_that_hangs_for_a_moment_is_not_taken_for_calls_that_are_stuck(
    node: Node, record_property: Figure
) -> None:
    """Every connection is taken and more is waited for, of many kinds: nobody is refused, all go on together."""
    async with at_work(
        node, writers=16, readers=8, seconds=20.0, pool_size=4, acquire_timeout=20.0
    ) as work:
        await work.acknowledged(100)
        for _ in range(2):
            await asyncio.to_thread(node.pause)
            await asyncio.sleep(0.8)
            await asyncio.to_thread(node.resume)
            await work.acknowledged(50)
        refused = {name: work.pool.metrics.events[name] for name in ("evicted", "refused_stuck")}
    assert refused == {"evicted": 0, "refused_stuck": 0}
    assert work.ledger.failed == {}
    record_property("figure", f"refused while it hung: 0; {work.hold()}")


@pytest.mark.slow
@pytest.mark.fault("A10")
async def test_a_pool_can_be_closed_while_the_server_hangs(node: Node) -> None:
    async with Lateness() as late, Pool.open(node.dsn(), settings(pool_min=4)) as pool:
        await until(lambda: len(pool.supply.free) == 4)
        calls = [asyncio.create_task(pool.row(SLEEP, 9.0, timeout=30)) for _ in range(2)]
        await asyncio.sleep(0.1)
        await asyncio.to_thread(node.pause)
        try:
            began = time.monotonic()
            await pool.close(patience=0.1)
            took = time.monotonic() - began
        finally:
            await asyncio.to_thread(node.resume)
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(error, SlimyError) for error in found), found
        assert took <= 0.1 + 0.2 + GRACE + late.worst


@pytest.mark.slow
@pytest.mark.fault("A11")
async def test_who_waits_for_a_row_of_a_session_that_hangs_is_told_in_time(
    node: Node, record_property: Figure
) -> None:
    node.sql(f"{COUNTERS}; {FILL}")
    bounds = settings(pool_size=4)
    async with (
        Lateness() as late,
        Pool.open(node.dsn(), bounds) as pool,
        Pool.open(node.dsn(), bounds) as other,
    ):

        async def refused(kind: type[SlimyError], at: Pool, seconds: float) -> float:
            began = time.monotonic()
            with pytest.raises(kind):
                await at.execute(COUNT, 1, timeout=seconds)
            return time.monotonic() - began

        async with other.transaction() as tx:
            await tx.execute(COUNT, 1)
            row = await tx.row(PID)
            assert row is not None
            with hanging(int(row[0])):
                found = await asyncio.gather(
                    *(refused(DeadlineExceeded, pool, 0.4) for _ in range(3))
                )
                assert max(found) <= 0.4 + GRACE + late.worst
                assert await pool.execute(COUNT, 2) == 1  # another row
                assert await pool.row(COUNTED, 1) == (0,)  # readers do not wait
                node.sql("ALTER DATABASE postgres SET lock_timeout = 150")
                async with Pool.open(node.dsn(), bounds) as strict:
                    soon = await refused(LockTimeout, strict, 2.0)
                assert soon <= 0.15 + GRACE + late.worst
        node.sql("ALTER DATABASE postgres RESET lock_timeout")
        assert await other.execute(COUNT, 1) == 1
        assert await other.row(COUNTED, 1) == (2,)
    record_property(
        "figure", f"told within {max(found):.2f} s of 0.4, by lock_timeout in {soon:.2f}"
    )


@pytest.mark.slow
@pytest.mark.fault("A12")
async def test_nobody_waits_for_the_processes_that_write_behind(
    node: Node, record_property: Figure
) -> None:
    async with at_work(node) as work:
        await work.acknowledged(50)
        behind = [node.process(kind) for kind in ("walwriter", "checkpointer", "background writer")]
        with hanging(*behind):
            begin = time.monotonic()
            await asyncio.sleep(1)
            rate = work.rate(begin, time.monotonic())
            began = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                await work.pool.execute(reads("CHECKPOINT"), timeout=0.4)
            took = time.monotonic() - began
            await work.acknowledged(50)
        await work.pool.execute(reads("CHECKPOINT"), timeout=10)
    assert took <= 0.4 + GRACE + work.late.worst
    assert work.ledger.failed == {}
    record_property("figure", f"{rate:.0f} writes/s meanwhile; {work.hold()}")


@pytest.mark.slow
@pytest.mark.fault("A12")
async def test_a_disk_that_is_slow_to_confirm_makes_calls_late_and_loses_nothing(
    node: Node, record_property: Figure
) -> None:
    """Each commit waits for a tenth of a second as for a stalled fsync: who comes too late is told so at once."""
    node.configure(fsync="on", commit_delay="100000", commit_siblings="0")
    try:
        async with at_work(
            node, writers=40, pool_size=4, max_waiting=16, acquire_timeout=0.3
        ) as work:
            begin = time.monotonic()
            await asyncio.sleep(1.5)
            slow = work.rate(begin, time.monotonic())
            node.configure(commit_delay="0")
            back = time.monotonic()
            await work.acknowledged(200)
        assert work.pool.metrics.events["refused_waiting"] > 0
        assert set(work.ledger.failed.values()) == {"PoolTimeout"}
        assert work.ledger.unknown == set()
        record_property("figure", f"{slow:.0f} writes/s while slow; {work.hold(back=back)}")
    finally:
        node.configure(fsync="off", commit_delay="0", commit_siblings="5")
