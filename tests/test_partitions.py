import asyncio
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal import Database
from slimy_dal.cli import main
from slimy_dal.domain.audit_logs import NewAuditLog
from slimy_dal.domain.partitions import MadePartitions
from slimy_dal.engine.errors import InvalidValue, LockTimeout

TABLES = ["audit_logs", "stats"]


def names(database_url: str) -> set[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        ).fetchall()
    return {row[0] for row in rows}


async def test_partitions_are_made_once_and_named_by_their_month(
    db: Database, owners: Database, database_url: str
) -> None:
    before = names(database_url)
    first = date(2023, 12, 31)
    made = await owners.partitions.make(2, first=first)
    assert made == [MadePartitions(table, 2) for table in TABLES]
    assert names(database_url) - before == {
        f"{table}_{month}" for table in TABLES for month in ("2023_12", "2024_01")
    }
    assert await owners.partitions.make(2, first=first) == [
        MadePartitions(table, 0) for table in TABLES
    ]
    for moment in (datetime(2023, 12, 1, tzinfo=UTC), datetime(2024, 1, 31, 23, 59, tzinfo=UTC)):
        assert (await db.stats.record("t", 1, timestamp=moment)).timestamp == moment


@pytest.mark.fault("K3")
async def test_months_are_those_of_utc(db: Database, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET timezone = 'Pacific/Kiritimati'")
        connection.execute("SELECT slimy.make_partitions('slimy.stats', '2023-05-01', 1)")
        connection.execute(
            "INSERT INTO slimy.stats (recorded_at, type, value) VALUES"
            " ('2023-05-01 00:00:00+00', 't', '1'), ('2023-05-31 23:59:59.999999+00', 't', '1')"
        )
        assert connection.execute("SELECT count(*) FROM slimy.stats_2023_05").fetchone() == (2,)


async def test_several_may_make_them_at_once(database_url: str) -> None:
    made: list[Any] = []

    def make() -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            made.append(
                connection.execute(
                    "SELECT slimy.make_partitions('slimy.stats', '2022-01-01', 6)"
                ).fetchone()
            )

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(made) == [(0,), (0,), (0,), (6,)]


async def test_a_number_of_months_is_bounded(owners: Database) -> None:
    wrong: list[Any] = [0, 241, -1, 1.5, True]
    for months in wrong:
        with pytest.raises(InvalidValue, match="months"):
            await owners.partitions.make(months)


async def test_making_them_does_not_queue_in_front_of_writers(
    owners: Database, database_url: str
) -> None:
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE slimy.users IN ROW EXCLUSIVE MODE")
        with pytest.raises(LockTimeout):
            await owners.partitions.make(1, first=date(2021, 1, 1))
    assert "stats_2021_01" not in names(database_url)


async def test_rows_are_counted_whatever_the_replication_role(
    db: Database, owners: Database, database_url: str
) -> None:
    later = date(2031, 5, 1)
    await owners.partitions.make(1, first=later)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("stats", "stats_2031_05"):
            connection.execute(
                f"INSERT INTO slimy.{table} (recorded_at, type, value) VALUES (%s, 't', '5')",
                (later,),
            )
        for table in ("audit_logs", "audit_logs_2031_05"):
            connection.execute(
                f"INSERT INTO slimy.{table} (occurred_at, action, resource_type)"
                " VALUES (%s, 'a', 'b')",
                (later,),
            )
    period = datetime(2031, 5, 1, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC)
    [total] = await db.stats.totals_by_type(*period)
    assert total.entries == 2
    assert (await db.audit_logs.totals(*period)).total == 2


@pytest.mark.fault("K4")
async def test_health_warns_before_they_run_out(
    db: Database, owners: Database, database_url: str
) -> None:
    assert await db.health.partitions() == []
    ends = await db.partitions.ends()
    assert [end.table_name for end in ends] == TABLES
    late = [str(ending) for ending in await db.health.partitions(days=3650)]
    assert len(late) == 2
    assert late[1].startswith("stats has no partition from 20")
    assert late[1].endswith("run `slimy partitions make`")
    today = datetime.now(UTC)
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE slimy.stats_{following:%Y_%m}")
    [ending] = await db.health.partitions(days=32)
    assert ending.made_until is not None, "the end is the first gap, not the last partition"
    assert ending.made_until.date() == following.date()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE slimy.stats_{today:%Y_%m}")
    [ending] = await db.health.partitions(days=1)
    assert ending.made_until is None
    await owners.partitions.make(13)
    assert await db.health.partitions() == []


async def test_the_commands_make_check_and_fold(db: Database, database_url: str) -> None:
    run = CliRunner().invoke
    await db.stats.record("t", 1)
    await db.audit_logs.record(NewAuditLog("a", "b"))

    def call(*arguments: str) -> tuple[int, str]:
        result = run(main, [*arguments, "--dsn", database_url])
        return result.exit_code, result.output

    made = await asyncio.to_thread(
        call, "partitions", "make", "--first", "2023-01", "--months", "2"
    )
    assert made == (0, "audit_logs: 2 made\nstats: 2 made\n")
    assert await asyncio.to_thread(call, "partitions", "check") == (0, "")
    code, text = await asyncio.to_thread(call, "partitions", "check", "--days", "3650")
    assert (code, text.count("slimy partitions make")) == (3, 2)
    code, text = await asyncio.to_thread(call, "partitions", "check", "--days", "999999999")
    assert (code, text.count("999999999 is not in the range")) == (2, 1)
    folded = await asyncio.to_thread(call, "fold")
    assert folded == (0, "stats: 1 folded\naudit logs: 1 folded\n")


async def test_a_rollback_leaves_the_role_to_other_databases(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'slimy_retention'"
        ).fetchone()
    assert found == (False,)
