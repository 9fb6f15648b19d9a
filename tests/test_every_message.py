"""Every named query, killed at the messages of the protocol: nothing acknowledged is lost, nothing kept called failed."""

# ruff: noqa: T201 -- the counts of a sweep belong into its report

import asyncpg
import pytest

from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.statement import Statement
from slimy_dal.testing import Cut, cut_points
from tests.ad_hoc import ONE, PID
from tests.killing import MARK, Tally, every_statement, marked, shooting_range, sweep
from tests.test_house import query_names

ADD = Statement(name="test.add", sql=f"{MARK} SELECT 1", writes=True)
GUARDLESS = Statement(name="test.guardless", sql=f"{MARK} SELECT 2", writes=False)


def test_the_queries_are_those_of_the_files() -> None:
    assert {statement.name for statement in every_statement()} == query_names()


async def test_a_kill_of_each_write_loses_nothing_and_calls_nothing_failed_that_was_kept(
    database_url: str,
) -> None:
    tally, queries = await sweep(database_url, writes=True, every=29)
    print(queries, tally.outcomes)
    assert tally.wrong == []
    assert queries > 120
    assert tally.outcomes.total() >= queries
    assert {"done, kept", "OutcomeUnknown, kept", "OutcomeUnknown, not kept"} == set(tally.outcomes)


@pytest.mark.slow
async def test_kills_at_all_messages_between_them_lose_nothing(database_url: str) -> None:
    tally, queries = await sweep(database_url, writes=True, every=8, first=3)
    print(queries, tally.outcomes)
    assert tally.wrong == []
    assert tally.outcomes.total() > 400


@pytest.mark.slow
async def test_a_read_is_done_wherever_its_line_is_cut(database_url: str) -> None:
    tally, queries = await sweep(database_url, writes=False, every=13)
    print(queries, tally.outcomes)
    assert tally.wrong == []
    assert queries > 100


async def test_without_the_guard_a_write_is_done_twice(database_url: str) -> None:
    """The control of the tests above: said to be a read, it is repeated when its answer is lost."""
    found = {}
    async with shooting_range(database_url) as at:
        for statement in (ADD, GUARDLESS):
            _, points = await at.points(statement)
            found[statement.name] = Tally()
            for cut in points:
                await at.kill(statement, cut, found[statement.name], as_write=True)
    assert found["test.add"].wrong == []
    twice = [line for line in found["test.guardless"].wrong if line.startswith("done twice")]
    assert len(twice) >= 3


async def test_the_drivers_own_pool_calls_writes_failed_that_were_kept(database_url: str) -> None:
    """Another control: a pool that resets at release, cut after the answer."""
    failed = kept = 0
    async with (
        shooting_range(database_url) as at,
        asyncpg.create_pool(at.proxy.dsn, min_size=1, max_size=1) as naive,
    ):
        for _ in range(5):
            await naive.fetch("SELECT 1")
            before = await at.marks()
            at.proxy.arm(Cut("server", 2, "after", kind="ReadyForQuery"))
            try:
                async with naive.acquire() as connection:
                    await connection.execute(ADD.sql)
                    await connection.execute("SELECT 1")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                failed += 1
                kept += await at.marks() - before
            at.proxy.disarm()
    assert failed
    assert kept == failed


async def test_a_transaction_is_whole_wherever_its_line_is_cut(database_url: str) -> None:
    """BEGIN, two writes, COMMIT: kept twice or not at all, and only a COMMIT under way is unknown."""
    tally = Tally()
    async with shooting_range(database_url) as at:

        async def transfer() -> str:
            try:
                async with at.pool.transaction(timeout=5) as tx:
                    await tx.rows(ADD)
                    await tx.rows(ADD)
            except SlimyError as error:
                return type(error).__name__
            return "done"

        at.proxy.cut()
        await at.pool.row(PID)
        with at.proxy.recording() as seen:
            assert await transfer() == "done"
        for cut in cut_points(seen):
            at.proxy.cut()
            pid = await at.process()
            before = await at.marks()
            trap = at.proxy.arm(cut)
            with at.proxy.recording() as flown:
                outcome = await transfer()
            at.proxy.disarm()
            assert trap.sprung is not None
            await at.over(pid)
            kept, odd = divmod(await at.marks() - before, 2)
            assert not odd, f"half of it was kept: {cut}"
            # The answer to the last write may have come before its line broke, and COMMIT gone out.
            sent = any("COMMIT" in (m.sql or "") for m in flown) or cut.when == "after"
            tally.add("transaction", cut, outcome, kept=kept, sent=sent)
            row = await at.pool.row(ONE, 1)
            assert row is not None
    print(tally.outcomes)
    assert tally.wrong == []
    assert {"done, kept", "ConnectionLost, not kept"} <= set(tally.outcomes)
    assert tally.outcomes["OutcomeUnknown, kept"] >= 1


async def test_a_query_that_is_refused_leaves_no_mark(database_url: str) -> None:
    """What the marks count is commits: an error after the mark was made takes it back."""
    broken = marked(Statement(name="test.broken", sql="SELECT 1 / 0", writes=True))
    async with shooting_range(database_url) as at:
        assert await at.call(broken) != "done"
        assert await at.marks() == 0
        assert await at.call(ADD) == "done"
        assert await at.marks() == 1
