"""Tests of the slow-query log: how often it speaks, what it says of plans, and what it never does."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import psycopg
import pytest

from slimy_dal import Database, queries
from slimy_dal.cli.plans import own_ground, own_scale
from slimy_dal.compiler.plans.ground import Ground
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.domain.expected import PLANS
from slimy_dal.engine import driver
from slimy_dal.engine.listing import POSITIONS, Listing
from slimy_dal.engine.plandiff import compare
from slimy_dal.engine.planwatch import MOST_WAITING, PlanWatch, plan_of, plan_watch
from slimy_dal.engine.proven import Proven, steps
from slimy_dal.engine.slow import SlowLog
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.variants import Variants
from slimy_dal.queries import USES, memberships, users
from slimy_dal.testing import Node
from tests import make
from tests.ad_hoc import reads, settings, until

CANARY = 777_000_777_000_777
ROSTER = memberships.LIST_MEMBERS.statement(0)

FILL = """
SET session_replication_role = replica;
INSERT INTO slimy.users (id, discord_id, username)
SELECT md5(n::text)::uuid, 100000000000000000 + n, 'user ' || n FROM generate_series(1, 20000) AS n;
INSERT INTO slimy.guilds (id, name)
SELECT 200000000000000000 + n, 'guild ' || n FROM generate_series(1, 200) AS n;
INSERT INTO slimy.user_guilds (user_id, guild_id)
SELECT md5(n::text)::uuid, 200000000000000000 + n % 200 + 1 FROM generate_series(1, 20000) AS n;
ANALYZE slimy.users, slimy.guilds, slimy.user_guilds;
"""


def told(caplog: pytest.LogCaptureFixture, words: str) -> list[logging.LogRecord]:
    return [one for one in caplog.records if words in one.getMessage()]


def watching(url: str) -> AbstractAsyncContextManager[PlanWatch]:
    return plan_watch(url, settings(), Proven(PLANS))


def test_a_query_is_told_of_once_in_a_while_and_then_how_often_it_was(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("slimy_dal.engine.slow.time.monotonic", lambda: now)
    asked: list[Statement] = []
    log = SlowLog(60.0, asked.append)
    for seconds in (0.5, 0.7, 2.5, 0.6):
        log(users.GET, seconds)
    log(users.FIND_TOKENS, 1.0)
    assert [one.getMessage() for one in caplog.records] == [
        "slow query users.get took 0.500 s",
        "slow query users.find_tokens took 1.000 s",
    ]
    now += 61.0
    log(users.GET, 0.8)
    assert caplog.records[-1].getMessage() == (
        "slow query users.get took 0.800 s; 3 more since it was last told, the longest 2.500 s"
    )
    assert caplog.records[-1].fields == {  # type: ignore[attr-defined]
        "query": "users.get",
        "seconds": 0.8,
        "more": 3,
        "longest": 2.5,
    }
    assert asked == [users.GET, users.FIND_TOKENS, users.GET]


async def test_a_dropped_index_is_named_by_the_log_and_no_value_is(
    database_url: str, app_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(FILL)
    slow = settings(slow_query=0.000001)
    async with Database.open(app_url, settings=slow) as db:
        await db.memberships.list_members(CANARY)
        await until(lambda: told(caplog, "the plan of memberships.list_members"), 30.0)
        (same,) = told(caplog, "the plan of memberships.list_members")
        assert "is the proven one but for small tables (guilds)" in same.getMessage()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP INDEX slimy.user_guilds_roster_idx")
    caplog.clear()
    async with Database.open(app_url, settings=slow) as db:
        await db.memberships.list_members(CANARY)
        await until(lambda: told(caplog, "is not the proven one"), 30.0)
    (record,) = told(caplog, "is not the proven one")
    assert record.levelno == logging.WARNING
    message = record.getMessage()
    assert message.startswith("the plan of memberships.list_members (newest, first) is not")
    for words in (
        "Seq Scan on user_guilds m instead of Index Scan using user_guilds_roster_idx",
        "there is no valid index user_guilds_roster_idx",
        "user_guilds has about 20,000 rows",
    ):
        assert words in message, message
    fields = record.fields  # type: ignore[attr-defined]
    assert (fields["query"], fields["shape"]) == ("memberships.list_members", "newest, first")
    assert any("m.guild_id = :guild_id" in line for line in fields["plan"])
    everything = "\n".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records)
    assert str(CANARY) not in everything


async def test_asking_for_a_plan_delays_nobody_waits_for_no_lock_and_runs_nothing(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    slow = settings(slow_query=0.000001, pool_size=1)
    async with Database.open(database_url, settings=slow) as db:
        owner = await make.user(db)
        await until(lambda: told(caplog, "the plan of"), 30.0)
        with psycopg.connect(database_url) as blocker:
            blocker.execute("LOCK TABLE slimy.user_guilds IN ACCESS EXCLUSIVE MODE")
            async with watching(database_url) as watch:
                started = time.perf_counter()
                watch(ROSTER)
                watch(memberships.ADD)
                assert time.perf_counter() - started < 0.5
                # The only connection of the pool stays the caller's.
                assert (await db.users.get(owner.id)).id == owner.id
                await until(lambda: len(told(caplog, "could not be asked for")) == 2, 30.0)
        async with watching(database_url) as watch:
            watch(memberships.ADD)
            await until(lambda: told(caplog, "the plan of memberships.add is"), 30.0)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM slimy.user_guilds").fetchone() == (0,)
        held = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'slimy.user_guilds'::regclass"
            " AND pid != pg_backend_pid()"
        ).fetchone()
    assert held == (0,)


async def test_when_everything_is_slow_only_some_plans_are_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with watching("postgresql://postgres@127.0.0.1:1/nobody") as watch:
        for number in range(100):
            watch(reads(f"SELECT {number}"))
        await until(lambda: len(told(caplog, "could not be asked for")) == MOST_WAITING, 30.0)
        await asyncio.sleep(0.05)
    assert len(told(caplog, "could not be asked for")) == MOST_WAITING


def test_plans_are_read_as_they_were_kept(tmp_path: Path) -> None:
    known = Proven(PLANS).of(ROSTER)
    assert known is not None
    assert known.generic
    assert [step.title for step in known.plans[0]][:2] == [
        "Limit",
        "Index Scan using guilds_pkey on guilds g",
    ]
    assert Proven(tmp_path).of(ROSTER) is None
    assert Proven(PLANS).of(reads("SELECT 1")) is None


def statements() -> Iterator[Statement]:
    """Every statement of the product: those of lists in each order and at each place, with each filter alone."""
    for noun in sorted(USES):
        for held in vars(getattr(queries, noun)).values():
            masks = [0, *(bit for bit, _ in held.bits)] if isinstance(held, Variants) else []
            if isinstance(held, Statement):
                yield held
            elif isinstance(held, Listing):
                for mask in masks:
                    for sort in held.sorts.values():
                        yield from (held.page(mask, sort, position) for position in POSITIONS)
            elif isinstance(held, Variants):
                yield from map(held.statement, masks)


async def _odd(place: Ground) -> tuple[int, dict[str, tuple[str, ...]]]:
    """Return how many plans were compared on the ground they were proven on, and those that differ."""
    proven, found, count = Proven(PLANS), {}, 0
    async with place.copy() as connection:
        await pretend(connection, place.server.data, own_scale(None))
        (row,) = await connection.fetch("SELECT current_database()")
        async with await driver.connect(place.server.dsn(row[0])) as session:
            for statement in statements():
                known = proven.of(statement)
                if known is None or not known.generic or statement.name.startswith("health."):
                    continue
                await session.execute("BEGIN READ ONLY")
                present = steps(await plan_of(session, statement), statement)
                await session.execute("ROLLBACK")
                count += 1
                if difference := compare(present, known.plans):
                    found[f"{statement.name} {statement.shape}"] = difference.words
    return count, found


@pytest.mark.slow
def test_where_plans_were_proven_every_one_of_them_is_the_proven_one() -> None:
    with own_ground() as place:
        count, odd = asyncio.run(_odd(place))
    assert count > 500
    assert odd == {}


@pytest.mark.slow
async def test_plans_are_asked_for_on_postgresql_15_too() -> None:
    sql = "SELECT t.id FROM things AS t WHERE t.id = $1"
    statement = Statement("things.find", sql, (Parameter("thing", "bigint"),))
    with Node(major=15) as node:
        async with await driver.connect(node.dsn()) as session:
            await session.execute("CREATE TABLE things (id bigint PRIMARY KEY)")
            await session.execute("BEGIN READ ONLY")
            (step,) = steps(await plan_of(session, statement), statement)
    assert step.title == "Index Only Scan using things_pkey on things t"
    assert step.conditions == (("Index Cond", "t.id = :thing"),)
