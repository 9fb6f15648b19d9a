"""Readiness, and what it warns of."""

import asyncio
import re
import time
from pathlib import Path

import aiohttp
import psycopg
import pytest

from service.app import STATE, create_app, release
from service.pulse import ASK_EVERY, PATIENCE, Pulses
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine.redis import Redis
from tests.logins import signed_in
from tests.matrix.lateness import Lateness
from tests.service.conftest import Caller
from tests.service.processes import process

ROOT = Path(__file__).parent.parent.parent


async def test_a_service_that_is_well_has_nothing_to_warn_of(anyone: Caller) -> None:
    ready = (await anyone.get("/health/ready")).json
    assert (ready["status"], ready["pool"], ready["warnings"]) == ("ready", "free", [])


@pytest.mark.fault("K4")
async def test_readiness_warns_while_months_run_out(anyone: Caller, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        last = connection.execute(
            "SELECT max(c.relname) FROM pg_class AS c INNER JOIN pg_inherits AS i ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'slimy.stats'::regclass"
        ).fetchone()
        assert last
        for number in range(3):
            year, month = map(int, last[0].split("_")[1:])
            months = year * 12 + month - 1 - number
            connection.execute(f"DROP TABLE slimy.stats_{months // 12}_{months % 12 + 1:02}")
    answer = await anyone.get("/health/ready")
    assert answer.status == 200
    (warning,) = answer.json["warnings"]
    assert warning.startswith("stats has no partition from ")
    assert warning.endswith("run `slimy partitions make`")


async def test_readiness_warns_of_rules_that_are_gone(anyone: Caller, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table in ("users", "guilds", "sessions", "stats", "code_reports", "audit_logs"):
            connection.execute(f"REVOKE DELETE, TRUNCATE ON slimy.{table} FROM slimy_app")
        connection.execute("ALTER TABLE slimy.guilds DROP CONSTRAINT guilds_name_length_check")
        connection.execute("ALTER TABLE slimy.users DISABLE TRIGGER users_set_updated_at")
    answer = await anyone.get("/health/ready")
    assert answer.status == 200
    warnings = answer.json["warnings"]
    assert "constraint guilds_name_length_check of slimy.guilds is missing" in warnings
    assert len(warnings) == 6
    assert warnings[-1].endswith("more: see `slimy health`")


def told(lines: list[str]) -> bool:
    return any("slimy_database_connections " in line for line in lines)


async def with_the_database(anyone: Caller) -> str:
    """Return a scrape that has what the database told: the first need not wait for it."""
    async with asyncio.timeout(30):
        while True:
            text = (await anyone.get("/metrics")).content.decode()
            if "slimy_database_connections " in text:
                return text
            await asyncio.sleep(0.05)


async def test_every_metric_is_documented_and_every_documented_one_is_there(
    anyone: Caller, service: Caller, db: Database
) -> None:
    assert (await service.get("/v1/guilds")).status == 200
    await service.get("/v1/guilds?limit=x")
    text = await with_the_database(anyone)
    kinds = dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", text))
    page = (ROOT / "docs" / "observe.md").read_text()
    documented = dict(re.findall(r"(?m)^\| `(slimy_\w+)` \| (\w+) \|", page))
    elsewhere = {
        name
        for name in documented
        # of several workers, of replicas, of a standby, and of transactions that last
        if name.startswith(("slimy_worker", "slimy_replica", "slimy_database_replay_lag"))
        or name == "slimy_database_longest_transaction_seconds"
    }
    assert set(kinds) <= set(documented)
    assert set(documented) - elsewhere <= set(kinds)
    assert {name: documented[name] for name in kinds} == kinds
    for name, labels in re.findall(r"(?m)^(slimy_\w+?)(?:_bucket|_sum|_count)?\{(.+)\} ", text):
        row = re.search(rf"(?m)^\| `{name}` \| \w+ \| (.*?) \|", page)
        assert row, name
        told = set(re.findall(r"`(\w+)`", row[1])) | {"le"}
        assert set(re.findall(r'(\w+)="', labels)) <= told, name


async def test_a_scrape_asks_the_database_seldom_and_goes_on_without_it(
    anyone: Caller, db: Database, database_url: str
) -> None:
    began = time.monotonic()
    for _ in range(5):
        await with_the_database(anyone)
    calls = db.pool.snapshot()["queries"]["health.measure"]["calls"]
    assert calls <= 1 + (time.monotonic() - began) // ASK_EVERY
    pulses = Pulses(db)
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE pg_catalog.pg_database IN ACCESS EXCLUSIVE MODE")
        async with Lateness() as late:
            started = time.perf_counter()
            assert await pulses.lines(None) == []
            took = time.perf_counter() - started
        assert took < PATIENCE + 0.25 + late.worst
    async with asyncio.timeout(30):
        while not told(await pulses.lines(None)):  # noqa: ASYNC110 -- it is the asking
            await asyncio.sleep(0.05)


async def test_one_of_several_workers_asks_and_another_when_it_is_gone(
    db: Database, tmp_path: Path
) -> None:
    first, second = Pulses(db), Pulses(db)
    assert await first.lines(tmp_path) != []
    assert await second.lines(tmp_path) == []
    first.close()
    assert await second.lines(tmp_path) != []
    second.close()


@pytest.mark.fault("E4")
async def test_a_redis_that_is_away_is_a_warning_and_no_failure(
    anyone: Caller, db: Database, settings: Settings, key: str
) -> None:
    async with Redis.open("redis://127.0.0.1:1") as away:
        app = create_app(settings, db, redis=away)
        async with listening(app, settings) as address:
            caller = Caller(address, anyone.session, anyone.documented, key)
            assert (await caller.get("/v1/guilds")).status == 200
            ready = await caller.get("/health/ready")
            assert ready.status == 200
            assert ready.json["warnings"][0].startswith("Redis does not answer")
        assert app[STATE].limits.counts_alone


@pytest.mark.fault("E5")
async def test_readiness_names_the_newest_migration_and_those_that_are_missing(
    anyone: Caller, database_url: str
) -> None:
    newest = release()[-1]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "DELETE FROM slimy_migrations._yoyo_migration WHERE migration_id = %s", (newest,)
        )
        ready = (await anyone.get("/health/ready")).json
        assert (ready["migration"], ready["pending"]) == (release()[-2], [newest])
        assert ready["warnings"] == [
            f"the migration {newest} is not applied: run `slimy migrate apply`"
        ]
        connection.execute(
            "INSERT INTO slimy_migrations._yoyo_migration (migration_hash, migration_id) VALUES ('x', %s)",
            (newest,),
        )
        ready = (await anyone.get("/health/ready")).json
        assert (ready["migration"], ready["pending"], ready["warnings"]) == (newest, [], [])


@pytest.mark.fault("E5")
async def test_a_database_without_a_record_of_migrations_is_as_good(
    anyone: Caller, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE slimy_migrations._yoyo_migration")
    ready = (await anyone.get("/health/ready")).json
    assert (ready["migration"], ready["pending"], ready["warnings"]) == (None, [], [])


@pytest.mark.fault("E5")
async def test_readiness_says_how_the_database_differed_at_the_start(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP FUNCTION slimy.words_query(text)")
    variables = {
        "DATABASE_URL": signed_in(database_url),
        "SLIMY_ON_DRIFT": "warn",
        "SLIMY_DRAIN_DELAY": "0",
    }
    async with (
        process(**variables) as (_, address),
        aiohttp.ClientSession() as session,
        session.get(f"{address}/health/ready") as answer,
    ):
        assert answer.status == 200
        (warning,) = (await answer.json())["warnings"]
    assert "words_query" in warning
