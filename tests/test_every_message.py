"""Every named query, killed at messages of the protocol: no acknowledged write is lost, none that was kept failed."""

# ruff: noqa: T201 -- the counts of a sweep belong into its report

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace

import asyncpg
import pytest

from slimy_dal.engine.errors import ConnectionLost, DeadlineExceeded, OutcomeUnknown
from slimy_dal.engine.statement import Statement
from slimy_dal.testing import Cut, Databases
from tests.killing import (
    ADD,
    LOAD,
    MARK,
    MARKS,
    NOTE,
    attempt,
    every_statement,
    forms,
    many,
    marked,
    naive,
    shooting_range,
    sweep,
)
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import writes
from tests.test_house import query_names

Record = Callable[[str, object], None]

GUARDLESS = Statement(name="test.guardless", sql=f"{MARK} SELECT 2", writes=False)
QUICK = ("transaction", "batch", "copy", "tenant's call")
LATER = (
    "run",
    "copy from an iterator",
    "stream",
    "stream that writes",
    "tenant's transaction",
)
FORMS = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LATER)]
LONG = [("x" * 1000,)] * 20_000
"""More than the line and the proxy hold, so that its sender must wait."""


def test_the_queries_are_those_of_the_files() -> None:
    assert {statement.name for statement in every_statement()} == query_names()


@pytest.mark.fault("B9")
async def test_a_kill_of_each_write_loses_nothing_and_calls_nothing_failed_that_was_kept(
    database_url: str, record_property: Record
) -> None:
    tally, queries = await sweep(database_url, writes=True, every=29)
    print(queries, tally.outcomes)
    assert tally.wrong == []
    assert queries > 120
    assert tally.outcomes.total() >= queries
    assert {"done, kept", "OutcomeUnknown, kept", "OutcomeUnknown, not kept"} == set(tally.outcomes)
    record_property(
        "figure", f"{tally.outcomes.total()} kills of {queries} queries: 0 lost, 0 lied, 0 twice"
    )


@pytest.mark.slow
@pytest.mark.fault("B9")
async def test_kills_of_all_writes_again_and_again_lose_nothing(
    slimy_databases: Databases, template: str, record_property: Record
) -> None:
    count = writes(400)
    with ExitStack() as stack:
        lanes = [stack.enter_context(slimy_databases.clone(template)) for _ in range(4)]
        began = time.monotonic()
        found = await many(lanes, count)
        rate = count / (time.monotonic() - began)
    for name, tally in found.items():
        print(name, tally.outcomes)
        assert tally.wrong == [], name
    total = sum(tally.outcomes.total() for tally in found.values())
    assert total == count
    record_property("figure", f"{total:,} kills, {rate:.0f}/s: 0 lost, 0 lied, 0 twice")


@pytest.mark.slow
@pytest.mark.fault("B9")
async def test_a_read_is_done_wherever_its_line_is_cut(database_url: str) -> None:
    tally, queries = await sweep(database_url, writes=False, every=13)
    print(queries, tally.outcomes)
    assert tally.wrong == []
    assert queries > 100


async def test_without_the_guard_a_write_is_done_twice(database_url: str) -> None:
    """The control of the tests above: said to be a read, it is repeated when its answer is lost."""
    async with shooting_range(database_url) as at:
        assert (await at.everywhere(at.single(ADD))).wrong == []
        found = await at.everywhere(
            replace(at.single(GUARDLESS), outcomes=("done", "ConnectionLost"))
        )
    assert sum(line.startswith("done twice") for line in found.wrong) >= 3


async def test_a_naive_caller_does_writes_twice(database_url: str) -> None:
    """Another control: the driver's own pool, and whatever failed is done again."""
    async with shooting_range(database_url) as at:
        found = await naive(at)
    assert sum(line.startswith("done twice") for line in found.wrong) >= 3


async def test_the_drivers_own_pool_calls_writes_failed_that_were_kept(database_url: str) -> None:
    """Another control: a pool that resets at release, cut after the answer."""
    failed = kept = 0
    async with (
        shooting_range(database_url) as at,
        asyncpg.create_pool(at.proxy.dsn, min_size=1, max_size=1) as naive,
    ):
        for _ in range(5):
            await naive.fetch("SELECT 1")
            await at.marks()
            at.proxy.arm(Cut("server", 2, "after", kind="ReadyForQuery"))
            try:
                async with naive.acquire() as connection:
                    await connection.execute(ADD.sql)
                    await connection.execute("SELECT 1")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                failed += 1
                kept += await at.marks()
            at.proxy.disarm()
    assert failed
    assert kept == failed


@pytest.mark.fault("B9", "A4")
@pytest.mark.parametrize("name", FORMS)
async def test_a_form_of_work_is_whole_wherever_its_line_is_cut(
    database_url: str, name: str
) -> None:
    async with shooting_range(database_url) as at:
        [form] = [one for one in forms(at) if one.name == name]
        tally = await at.everywhere(form)
    print(tally.outcomes)
    assert tally.wrong == []
    assert not form.marks or {"done, kept", "OutcomeUnknown, kept"} <= set(tally.outcomes)


@pytest.mark.fault("B9")
@pytest.mark.parametrize("how", ["a list", "an iterator", "in a transaction"])
async def test_a_load_whose_line_breaks_before_its_end_was_sent_kept_nothing_and_says_so(
    database_url: str, how: str, record_property: Record
) -> None:
    async def later() -> AsyncIterator[tuple[str]]:
        for note in LONG:
            yield note

    async with shooting_range(database_url) as at, Lateness() as late:

        async def load() -> None:
            source = LONG if how == "a list" else later()
            if how != "in a transaction":
                await at.pool.copy(LOAD, MARKS, ("note",), source, timeout=3)
                return
            async with at.pool.transaction(timeout=3) as tx:
                await tx.copy(LOAD, MARKS, ("note",), source)

        await at.fresh()
        at.proxy.arm(Cut("client", 1, "after", kind="CopyData"))
        began = time.monotonic()
        with pytest.raises(ConnectionLost, match="nothing was kept"):
            await load()
        took = time.monotonic() - began
        assert took <= 1 + late.worst
        await at.healthy()
        assert await at.marks() == 0
        record_property("figure", f"{how}: known {took:.2f} s after the cut")


@pytest.mark.fault("B2")
async def test_a_load_that_waits_for_its_source_or_for_the_line_ends_in_time(
    database_url: str,
) -> None:
    async def endless() -> AsyncIterator[tuple[str]]:
        yield ("first",)
        await asyncio.sleep(60)

    async with shooting_range(database_url) as at, Lateness() as late:
        for source, frozen in ((endless(), False), (LONG, True)):
            await at.fresh()
            began = time.monotonic()
            if frozen:
                at.proxy.freeze()
            with pytest.raises(DeadlineExceeded):
                await at.pool.copy(LOAD, MARKS, ("note",), source, timeout=0.3)
            assert time.monotonic() - began <= 0.3 + 0.25 + late.worst
            at.proxy.thaw()
            await at.healthy()
        assert await at.marks() == 0


@pytest.mark.fault("B1")
async def test_a_long_batch_whose_line_breaks_is_unknown_at_once(database_url: str) -> None:
    async with shooting_range(database_url) as at, Lateness() as late:
        for cut in (Cut("client", 3, kind="Bind"), Cut("server", 20, kind="BindComplete")):
            await at.fresh()
            at.proxy.arm(cut)
            began = time.monotonic()
            with pytest.raises(OutcomeUnknown):
                await at.pool.batch(NOTE, LONG, timeout=5)
            assert time.monotonic() - began <= 2 + late.worst
            await at.healthy()


async def test_a_query_that_is_refused_leaves_no_mark(database_url: str) -> None:
    """What the marks count is commits: an error after the mark was made takes it back."""
    broken = marked(Statement(name="test.broken", sql="SELECT 1 / 0", writes=True))
    async with shooting_range(database_url) as at:
        assert await attempt(at.single(broken).work) != "done"
        assert await at.marks() == 0
        assert await attempt(at.single(ADD).work) == "done"
        assert await at.marks() == 1
