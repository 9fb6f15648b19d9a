"""Every named query, killed at messages of the protocol: no acknowledged write is lost, none that was kept failed."""

# ruff: noqa: T201 -- the counts of a sweep belong into its report

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.testing import Cut, cut_points
from tests.killing import MARK, Range, Tally, every_statement, marked, shooting_range, sweep
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
    tally, queries = await sweep(database_url, writes=True, every=12, first=5)
    print(queries, tally.outcomes)
    assert tally.wrong == []
    assert tally.outcomes.total() > 250


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


async def everywhere(
    at: Range, work: Callable[[], Awaitable[object]], rows: int, ends: str = ""
) -> Tally:
    """Kill a piece of work that leaves so many marks at each of its messages, on fresh connections."""

    async def outcome() -> str:
        try:
            await work()
        except SlimyError as error:
            return type(error).__name__
        return "done"

    tally = Tally()
    at.proxy.cut()
    await at.process()
    with at.proxy.recording() as seen:
        assert await outcome() == "done"
    for cut in cut_points(seen):
        at.proxy.cut()
        pid = await at.process()
        before = await at.marks()
        trap = at.proxy.arm(cut)
        with at.proxy.recording() as flown:
            found = await outcome()
        at.proxy.disarm()
        assert trap.sprung is not None
        await at.over(pid)
        kept, odd = divmod(await at.marks() - before, rows)
        assert not odd, f"a part of it was kept: {cut}"
        # What was forwarded to the client may have been answered before the line broke.
        last = any(m.name == ends or (m.sql or "").startswith(("COMMIT", "COPY")) for m in flown)
        tally.add("work", cut, found, kept=kept, sent=last or cut.when == "after")
        await at.healthy()
    print(tally.outcomes)
    return tally


async def test_a_transaction_is_whole_wherever_its_line_is_cut(database_url: str) -> None:
    async with shooting_range(database_url) as at:

        async def transfer() -> None:
            async with at.pool.transaction(timeout=5) as tx:
                await tx.rows(ADD)
                await tx.rows(ADD)

        tally = await everywhere(at, transfer, 2)
    assert tally.wrong == []
    assert {"done, kept", "OutcomeUnknown, kept", "ConnectionLost, not kept"} <= set(tally.outcomes)
    assert tally.outcomes["OutcomeUnknown, not kept"] <= 2  # only while COMMIT itself is on its way


async def test_a_batch_is_whole_wherever_its_line_is_cut(database_url: str) -> None:
    async with shooting_range(database_url) as at:
        add = Statement(
            name="test.add_many",
            sql="INSERT INTO public.fault_marks (note) VALUES ($1)",
            parameters=(Parameter("note", "text"),),
            writes=True,
        )
        tally = await everywhere(
            at, lambda: at.pool.batch(add, [("a",), ("b",), ("c",)]), 3, "Bind"
        )
    assert tally.wrong == []
    assert {"done, kept", "OutcomeUnknown, kept", "OutcomeUnknown, not kept"} == set(tally.outcomes)


async def test_a_copy_is_whole_wherever_its_line_is_cut(database_url: str) -> None:
    async with shooting_range(database_url) as at:
        load = Statement(
            name="test.load", sql="", parameters=(Parameter("note", "text"),), writes=True
        )

        async def copy() -> None:
            rows = [("a",), ("b",), ("c",)]
            await at.pool.copy(load, ("public", "fault_marks"), ("note",), rows)

        tally = await everywhere(at, copy, 3)
    # A load is called unknown from its first message on, although only its last can keep it: cautious, not wrong.
    assert [line for line in tally.wrong if not line.startswith("unknown before")] == []
    assert {"done, kept", "OutcomeUnknown, kept", "OutcomeUnknown, not kept"} <= set(tally.outcomes)


async def test_a_query_that_is_refused_leaves_no_mark(database_url: str) -> None:
    """What the marks count is commits: an error after the mark was made takes it back."""
    broken = marked(Statement(name="test.broken", sql="SELECT 1 / 0", writes=True))
    async with shooting_range(database_url) as at:
        assert await at.call(broken) != "done"
        assert await at.marks() == 0
        assert await at.call(ADD) == "done"
        assert await at.marks() == 1
