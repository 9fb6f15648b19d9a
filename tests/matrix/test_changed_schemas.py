"""Migrations under load: plans and types that sessions keep are made void, and no caller learns of it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from slimy_dal.engine.bound import Bound
from slimy_dal.engine.errors import (
    InternalError,
    OutcomeUnknown,
    SchemaMismatch,
    SlimyError,
    TransactionFailed,
    UnreadableValue,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.transaction import Transaction
from tests.ad_hoc import reads, script, settings, until, writes
from tests.matrix.workload import Figure

TABLE = """
DROP TABLE IF EXISTS changing;
DROP TYPE IF EXISTS mood, pair CASCADE;
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE changing (id bigint, mood mood, pair pair);
INSERT INTO changing VALUES (1, 'calm', (1, 'one'));
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'slimy_visitor') THEN
    CREATE ROLE slimy_visitor; END IF; END $$;
GRANT ALL ON changing TO slimy_visitor;
"""
ADD = "ALTER TABLE changing ADD COLUMN more{} integer DEFAULT 5"
RETYPE = "ALTER TABLE changing ALTER COLUMN id TYPE {}"
ENUM = """
ALTER TABLE changing ALTER COLUMN mood TYPE text;
DROP TYPE mood;
CREATE TYPE mood AS ENUM ('calm', 'cross', 'gone');
ALTER TABLE changing ALTER COLUMN mood TYPE mood USING mood::mood
"""
COMPOSITE = "ALTER TYPE pair ADD ATTRIBUTE c integer CASCADE"

EVERYTHING = reads("SELECT * FROM changing ORDER BY id LIMIT 5")
WHOLE_ROW = reads("SELECT c FROM changing AS c ORDER BY id LIMIT 5")
IDS = reads("SELECT id FROM changing ORDER BY id LIMIT 5")
BY_MOOD = reads("SELECT id FROM changing WHERE mood = $1 LIMIT 5", "mood")
PAIRS = reads("SELECT pair FROM changing WHERE pair IS NOT NULL LIMIT 5")
PUT = writes("INSERT INTO changing (id) VALUES ($1) RETURNING id", "bigint")
PUT_MOOD = writes("INSERT INTO changing (id, mood) VALUES (2, $1)", "mood")
PUT_PAIR = writes(
    "INSERT INTO changing (id, pair) SELECT 3, pair FROM changing WHERE id = 1 RETURNING pair"
)

Call = Callable[[Statement, Sequence[Any]], Awaitable[list[Any]]]


@asynccontextmanager
async def pool_of(database: str, size: int) -> AsyncIterator[Pool]:
    """A pool whose sessions are all open."""
    await script(database, TABLE)
    async with Pool.open(database, settings(pool_size=size, pool_min=size)) as pool:
        await until(lambda: len(pool.supply.free) == size)
        yield pool


def ways(pool: Pool) -> dict[str, Call]:
    """The ways to run a statement that may be repeated."""
    bound = Bound(pool, Tenant(guild_ids=frozenset({1})))

    async def alone(statement: Statement, arguments: Sequence[Any]) -> list[Any]:
        return await pool.rows(statement, *arguments)

    async def for_a_tenant(statement: Statement, arguments: Sequence[Any]) -> list[Any]:
        return await bound.rows(statement, *arguments)

    async def in_a_transaction(statement: Statement, arguments: Sequence[Any]) -> list[Any]:
        async def work(tx: Transaction) -> list[Any]:
            return await tx.rows(statement, *arguments)

        return await pool.run(work)

    return {way.__name__: way for way in (alone, for_a_tenant, in_a_transaction)}


async def everywhere(
    pool: Pool, call: Call, statement: Statement, arguments: Sequence[Any]
) -> None:
    """Run a statement on each session of a pool, so that each has prepared it."""
    sessions = list(pool.supply.free)
    for session in sessions:
        pool.supply.free[:] = [session]
        await call(statement, arguments)
        while pool.supply.free != [session]:  # noqa: ASYNC110 -- a transaction's end is settled behind the scenes
            await asyncio.sleep(0)
    pool.supply.free[:] = sessions


CASES: dict[str, tuple[str, Statement, tuple[Any, ...]]] = {
    "a column more": (ADD.format(1), EVERYTHING, ()),
    "an enum that is asked for": (ENUM, BY_MOOD, ("calm",)),
    "a row type that is read": (COMPOSITE, PAIRS, ()),
    "a column more in a row": (ADD.format(1), WHOLE_ROW, ()),
    "a wider column": (RETYPE.format("numeric"), IDS, ()),
    "a wider column that is written": (RETYPE.format("numeric"), PUT, (7,)),
    "an enum that is written": (ENUM, PUT_MOOD, ("calm",)),
}
QUICK = 3


@pytest.mark.fault("M10", "M11")
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=() if number < QUICK else pytest.mark.slow)
        for number, case in enumerate(CASES)
    ],
)
async def test_what_a_migration_made_void_is_made_anew_before_any_caller_sees_it(
    database: str, case: str
) -> None:
    """All sessions know the old; the next call of each kind succeeds all the same."""
    change, statement, arguments = CASES[case]
    for way in ("alone", "for_a_tenant", "in_a_transaction"):
        async with pool_of(database, 4) as pool:
            call = ways(pool)[way]
            await everywhere(pool, call, statement, arguments)
            await script(database, change)
            for _ in range(5):
                await call(statement, arguments)
            found = await asyncio.gather(*(call(statement, arguments) for _ in range(12)))
            assert all(rows == found[0] for rows in found) or statement.writes
            assert pool.supply.everything


@pytest.mark.fault("M11")
async def test_a_write_whose_row_has_a_type_that_changed_is_unknown_once_and_made_once(
    database: str,
) -> None:
    """It was kept before its row could not be read: doing it again would do it twice."""
    async with pool_of(database, 3) as pool:
        await everywhere(pool, ways(pool)["alone"], PUT_PAIR, ())
        await script(database, COMPOSITE)
        with pytest.raises(OutcomeUnknown):
            await pool.rows(PUT_PAIR)
        await pool.rows(PUT_PAIR)
        count = await pool.row(reads("SELECT count(*) FROM changing WHERE id = 3"))
    assert count == (5,)


@pytest.mark.fault("M11")
async def test_a_type_that_the_driver_cannot_read_is_not_taken_for_a_broken_line(
    database: str,
) -> None:
    async with pool_of(database, 1) as pool:
        with pytest.raises(UnreadableValue, match="cast it in the query"):
            await pool.rows(reads("SELECT ROW(pair) FROM changing LIMIT 1"))
        with pytest.raises(OutcomeUnknown):
            await pool.rows(
                writes(
                    "INSERT INTO changing (id, pair) SELECT 9, pair FROM changing RETURNING ROW(pair)"
                )
            )
        assert await pool.row(reads("SELECT count(*) FROM changing WHERE id = 9")) == (1,)
    assert pool.metrics.events["retried"] == 0
    assert pool.metrics.events["lost"] == 0


@pytest.mark.fault("M10", "M11")
@pytest.mark.parametrize(
    ("change", "statement", "arguments"),
    [
        (ADD.format(1), EVERYTHING, ()),
        pytest.param(ENUM, BY_MOOD, ("calm",), marks=pytest.mark.slow),
    ],
)
async def test_a_block_whose_first_plan_is_void_begins_again_before_anybody_notices(
    database: str, change: str, statement: Statement, arguments: tuple[Any, ...]
) -> None:
    """Nothing was done in it: also where it has properties, is for a tenant, or reads through a cursor."""
    tenant = Tenant(guild_ids=frozenset({1}))
    who = reads(
        "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_user"
    )
    after: list[str] = []
    async with pool_of(database, 4) as pool:
        await everywhere(pool, ways(pool)["in_a_transaction"], statement, arguments)
        await everywhere(pool, ways(pool)["for_a_tenant"], statement, arguments)
        await script(database, change)
        async with pool.transaction(
            isolation="repeatable read", readonly=True, tenant=tenant
        ) as tx:
            tx.after_commit(lambda: after.append("done"))
            assert await tx.rows(statement, *arguments)
            assert await tx.row(who) == ("repeatable read", "on", "slimy_visitor")
        assert pool.metrics.events["retried"] == 1
        assert after == ["done"]
        async with pool.transaction() as tx:
            found = [row async for row in tx.stream(statement, *arguments, prefetch=1)]
            await tx.rows(PUT, 20)
        assert found
        assert await pool.row(reads("SELECT count(*) FROM changing WHERE id = 20")) == (1,)


@pytest.mark.fault("M10")
@pytest.mark.parametrize("before", ["a write", "a savepoint", "an error"])
async def test_a_block_that_cannot_be_repeated_fails_once_for_all_sessions(
    database: str, before: str
) -> None:
    """What it did would be lost, and the block would not know."""
    async with pool_of(database, 4) as pool:
        await everywhere(pool, ways(pool)["in_a_transaction"], EVERYTHING, ())
        await script(database, ADD.format(1))
        outcomes: Counter[str] = Counter()
        for number in range(6):
            try:
                async with pool.transaction() as tx:
                    if before == "a write":
                        await tx.rows(PUT, 100 + number)
                    elif before == "a savepoint":
                        async with tx.transaction():
                            pass
                    else:
                        with contextlib.suppress(SlimyError):
                            await tx.rows(reads("SELECT 1 / 0"))
                    await tx.rows(EVERYTHING)
            except SchemaMismatch:
                outcomes["mismatch"] += 1
            except TransactionFailed:
                outcomes["failed"] += 1
        kept = await pool.row(reads("SELECT count(*) FROM changing WHERE id >= 100"))
    assert outcomes == ({"failed": 6} if before == "an error" else {"mismatch": 1})
    assert kept == (5 if before == "a write" else 0,)


@pytest.mark.fault("M11")
async def test_a_broken_server_is_not_asked_again_and_again(database: str) -> None:
    """Of an error that no new session mends, the same words come back as an internal error, after a few attempts."""
    words = "cache lookup failed for type 4711"
    fails = "CREATE OR REPLACE FUNCTION fails() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
    async with pool_of(database, 6) as pool:
        for text, kind, retried in ((words, SchemaMismatch, 2), ("what is this", InternalError, 0)):
            raising = f"{fails} RAISE EXCEPTION '{text}' USING ERRCODE = 'XX000'; END $$"
            await script(database, raising)
            before = pool.metrics.events["retried"]
            with pytest.raises(kind) as caught:
                await pool.rows(reads("SELECT fails()"))
            assert caught.value.sqlstate == "XX000"
            assert pool.metrics.events["retried"] - before == retried


@pytest.mark.slow
@pytest.mark.fault("M10", "M11")
async def test_under_load_no_caller_notices_that_columns_and_types_change(
    database: str, record_property: Figure
) -> None:
    calls: Counter[str] = Counter()
    stopping = False

    async def one(pool: Pool, number: int) -> None:
        await asyncio.sleep(number / 100)
        kinds = list(ways(pool).values())
        jobs: list[tuple[Statement, tuple[Any, ...]]] = [
            *((statement, ()) for statement in (EVERYTHING, IDS, PAIRS)),
            (BY_MOOD, ("calm",)),
            (PUT, (8,)),
            (PUT_MOOD, ("cross",)),
        ]
        while not stopping:
            number += 1
            statement, arguments = jobs[number % len(jobs)]
            try:
                await kinds[number % len(kinds)](statement, arguments)
                calls["done"] += 1
            except SlimyError as error:
                calls[f"{type(error).__name__} {error.sqlstate} {statement.sql[:20]}"] += 1

    async with pool_of(database, 8) as pool:
        working = [asyncio.create_task(one(pool, number)) for number in range(16)]
        changes = 0
        for number in range(1, 5):
            for change in (ADD, RETYPE.format("numeric"), ENUM, COMPOSITE, RETYPE.format("bigint")):
                await asyncio.sleep(0.1)
                text = change.format(number) if change is ADD else change
                await script(database, text.replace("ATTRIBUTE c", f"ATTRIBUTE c{number}"))
                changes += 1
        await asyncio.sleep(0.1)
        stopping = True
        await asyncio.gather(*working)
        retried = pool.metrics.events["retried"]
    done = calls.pop("done")
    record_property(
        "figure", f"{changes} changes under {done:,} calls: {retried} done again, 0 failed"
    )
    assert not calls, calls
    assert retried > 10
