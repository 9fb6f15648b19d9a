"""Tests of what the catalogues say about a database, and of who may see what of it."""

import asyncio
import json
import time
from collections.abc import Callable

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal import Database
from slimy_dal.cli import main
from slimy_dal.domain.expected import rules
from slimy_dal.engine import driver
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.testing import FailoverPair
from tests import make


def dba(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url, autocommit=True)


async def test_a_database_has_what_its_release_expects(db: Database) -> None:
    assert {rule.kind for rule in rules()} == {
        "constraint",
        "trigger",
        "privilege",
        "function",
        "schema",
    }
    started = time.perf_counter()
    assert await db.health.missing() == []
    assert time.perf_counter() - started < 5.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "ALTER TABLE slimy.users DROP CONSTRAINT users_username_length_check",
            "constraint users_username_length_check of slimy.users is missing",
        ),
        (
            "ALTER TABLE slimy.sessions DROP CONSTRAINT sessions_user_id_fkey",
            "constraint sessions_user_id_fkey of slimy.sessions is missing",
        ),
        (
            "ALTER TABLE slimy.guilds DISABLE TRIGGER guilds_set_updated_at",
            "trigger guilds_set_updated_at of slimy.guilds is disabled",
        ),
        (
            "REVOKE DELETE ON slimy.sessions FROM slimy_app",
            "privilege DELETE of slimy.sessions is not granted",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION slimy.words_query(text) FROM slimy_app",
            "function EXECUTE of slimy.words_query(text) is not granted",
        ),
        ("REVOKE USAGE ON SCHEMA slimy FROM slimy_app", "schema USAGE of slimy is not granted"),
    ],
)
async def test_a_rule_that_is_gone_is_named(
    db: Database, database_url: str, change: str, words: str
) -> None:
    with dba(database_url) as connection:
        connection.execute(change)
    assert words in [str(one) for one in await db.health.missing()]


async def test_a_constraint_that_old_rows_may_break_is_told(
    db: Database, database_url: str
) -> None:
    with dba(database_url) as connection:
        connection.execute(
            "ALTER TABLE slimy.guilds DROP CONSTRAINT guilds_name_length_check;"
            " ALTER TABLE slimy.guilds ADD CONSTRAINT guilds_name_length_check CHECK (name != '') NOT VALID"
        )
    (found,) = await db.health.missing()
    assert str(found) == "constraint guilds_name_length_check of slimy.guilds is not validated"


async def test_the_figures_of_a_database_are_true(owners: Database, database_url: str) -> None:
    db = owners
    for _ in range(20):
        await make.user(db)
    with dba(database_url) as connection:
        connection.execute("DELETE FROM slimy.users WHERE username LIKE '%1'")
        connection.execute("ANALYZE slimy.users")
        connection.execute("SELECT pg_stat_force_next_flush()")
    with dba(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM slimy.users").fetchone()
        size = connection.execute("SELECT pg_relation_size('slimy.users')").fetchone()
        whole = connection.execute("SELECT pg_table_size('slimy.stats_2026_11')").fetchone()
    assert row
    assert size
    assert whole
    figures = await db.health.figures()
    tables = {one.table_name: one for one in figures.tables}
    users = tables["users"]
    assert (users.row_count, users.table_bytes) == (row[0], size[0])
    assert users.dead_count > 0
    assert users.analyzed_at is not None
    assert users.bloat_bytes is not None
    assert "stats_2026_11" not in tables
    indexes = {one.index_name: one for one in figures.indexes}
    assert indexes["users_pkey"].is_rule
    assert all(one.is_valid for one in figures.indexes)
    assert "user_guilds_roster_idx" in {one.index_name for one in figures.unused}
    assert "users_pkey" not in {one.index_name for one in figures.unused}
    server = figures.pulse.server
    assert 1 <= server.connection_count <= server.connection_limit
    assert not server.is_replica
    assert server.sees_all
    assert figures.database_bytes > 0


async def test_who_waits_for_whom_is_shown_and_for_how_long(
    db: Database, owners: Database, database_url: str
) -> None:
    user = await make.user(db)
    with psycopg.connect(database_url) as holder:
        pid = holder.info.backend_pid
        holder.execute("SELECT id FROM slimy.users WHERE id = %s FOR UPDATE", (user.id,))
        waiting = asyncio.create_task(db.users.update(user.id, username="later"))
        async with asyncio.timeout(30):
            while not (await owners.health.figures()).waits:  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        figures = await owners.health.figures()
        holder.rollback()
    await waiting
    wait = next(one for one in figures.waits if one.blocked_by == [pid])
    assert wait.seconds is not None
    assert 0.1 < wait.seconds < 60
    assert figures.pulse.server.waiting_count >= 1
    (longest, *_) = figures.transactions
    assert longest.seconds >= 0.3
    assert "later" not in str(figures), "no statement's text, no value"
    seen = await db.health.figures()
    assert not seen.pulse.server.sees_all
    assert pid not in {one.pid for one in seen.transactions}


def test_the_command_prints_what_a_dba_asks_first(app_url: str, database_url: str) -> None:
    with dba(database_url) as connection:
        connection.execute("ALTER TABLE slimy.users DROP CONSTRAINT users_username_length_check")
    answer = CliRunner().invoke(main, ["health", "--all", "--dsn", app_url])
    assert answer.exit_code == 0, answer.output
    for words in (
        "PostgreSQL 18",
        "primary",
        "connections: ",
        "user_guilds_roster_idx",
        "not told to this login (pg_read_all_stats)",
        "constraint users_username_length_check of slimy.users is missing",
    ):
        assert words in answer.output
    answer = CliRunner().invoke(main, ["health", "--dsn", database_url, "--json"])
    found = json.loads(answer.output)
    assert {"tables", "indexes", "pulse", "missing"} <= set(found)
    assert found["tables"][0]["tableName"]


@pytest.mark.slow
async def test_the_lag_of_a_standby_is_told_on_both_sides(
    slimy_pair: FailoverPair, record_property: Callable[[str, object], None]
) -> None:
    pair = slimy_pair
    async with (
        Database.open(pair.primary.dsn()) as primary,
        Database.open(pair.standby.dsn(), settings=PoolSettings(read_write=False)) as standby,
    ):
        (follower,) = (await primary.health.pulse()).standbys
        assert follower.state == "streaming"
        async with await driver.connect(pair.primary.dsn()) as session:
            await session.execute("CREATE TABLE first ()")
        await asyncio.to_thread(pair.catch_up)
        await asyncio.to_thread(pair.pause_replay)
        async with await driver.connect(pair.primary.dsn()) as session:
            await session.execute("CREATE TABLE filler AS SELECT generate_series(1, 100000) AS n")

        async def behind() -> bool:
            (lagging,) = (await primary.health.pulse()).standbys
            server = (await standby.health.pulse()).server
            assert server.is_replica
            record_property("figure", f"standby behind by {lagging.lag_bytes} bytes")
            return (lagging.lag_bytes or 0) > 10**6 and (server.replay_lag_bytes or 0) > 10**6

        end = time.monotonic() + 60
        while not await behind():
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        server = (await standby.health.pulse()).server
        assert server.replay_lag_seconds is not None
        assert server.replay_lag_seconds > 0
        await asyncio.to_thread(pair.resume_replay)
        await asyncio.to_thread(pair.catch_up)
        assert (await standby.health.pulse()).server.replay_lag_seconds == 0
