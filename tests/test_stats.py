import asyncio
import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimy_dal import Database
from slimy_dal.domain.stats import MAX_ENTRIES, NewStat, StatFilter, TypeTotal
from slimy_dal.engine.errors import (
    CheckViolated,
    InvalidReference,
    InvalidValue,
    MissingPartition,
)
from tests import make

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)
PERIOD = (TODAY - timedelta(days=2), TODAY + timedelta(days=2))


def recount(database_url: str, where: str = "TRUE") -> list[tuple[Any, ...]]:
    """What the rows themselves say."""
    with psycopg.connect(database_url) as connection:
        return connection.execute(
            "SELECT type, count(*), count(n), coalesce(sum(n), 0), min(n), max(n) FROM ("
            "  SELECT s.*, CASE WHEN jsonb_typeof(value) = 'number' THEN value::numeric END AS n"
            f"  FROM slimy.stats AS s WHERE {where}"
            ") AS s GROUP BY type ORDER BY type"
        ).fetchall()


def counted(rows: Sequence[TypeTotal]) -> list[tuple[Any, ...]]:
    return [(r.type, r.entries, r.numbers, r.total, r.lowest, r.highest) for r in rows]


async def test_a_statistic_is_recorded_as_it_was(db: Database) -> None:
    user, guild = await make.user(db), await make.guild(db)
    moment = TODAY + HOUR
    stat = await db.stats.record(
        "message_count", {"n": [1]}, user_id=user.id, guild_id=guild.id, timestamp=moment
    )
    assert (stat.type, stat.value, stat.timestamp) == ("message_count", {"n": [1]}, moment)
    assert (stat.user_id, stat.guild_id) == (user.id, guild.id)
    now = await db.stats.record("x", "text")
    assert abs(now.timestamp - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("way", ["record_many", "copy_many"])
async def test_ten_thousand_are_recorded_in_one_call(
    db: Database, owners: Database, way: str
) -> None:
    stats = (db if way == "record_many" else owners).stats
    user, guild = await make.user(db), await make.guild(db)
    values: list[Any] = [1, 2.5, "x", [1, 2], {"a": None}, True]
    entries = [
        NewStat("t", values[n % 6], user.id, guild.id if n % 2 else None, TODAY)
        for n in range(MAX_ENTRIES)
    ]
    assert await getattr(stats, way)(entries) == MAX_ENTRIES
    [total] = await db.stats.totals_by_type(*PERIOD, user_id=user.id)
    assert (total.entries, total.numbers) == (MAX_ENTRIES, 3334)
    assert (total.lowest, total.highest) == (Decimal(1), Decimal("2.5"))
    assert await getattr(stats, way)([]) == 0


async def test_a_statement_takes_no_more_than_ten_thousand(db: Database) -> None:
    with pytest.raises(InvalidValue, match="entries: holds more than 10000"):
        await db.stats.record_many([NewStat("t", 1)] * (MAX_ENTRIES + 1))


@pytest.mark.parametrize("way", ["record_many", "copy_many"])
async def test_one_bad_entry_leaves_nothing(db: Database, owners: Database, way: str) -> None:
    stats = (db if way == "record_many" else owners).stats
    for bad in (NewStat("", 1), NewStat("t", 1, guild_id=77), NewStat("t", 1, user_id=uuid4())):
        with pytest.raises((CheckViolated, InvalidReference)):
            await getattr(stats, way)([NewStat("t", 1), bad])
    assert await db.stats.totals_by_type(*PERIOD) == []


async def test_a_value_is_json_of_some_size(db: Database) -> None:
    values: list[Any] = [None, "x" * 9000, float("nan"), {1}]
    for value in values:
        with pytest.raises(InvalidValue):
            await db.stats.record("t", value)
        with pytest.raises(InvalidValue):
            await db.stats.record_many([NewStat("t", value)])
    assert await db.stats.totals_by_type(*PERIOD) == []


@pytest.mark.fault("K4")
async def test_a_month_without_a_partition_is_named(db: Database) -> None:
    for late in (datetime(2019, 5, 4, tzinfo=UTC), datetime(2150, 1, 1, tzinfo=UTC)):
        with pytest.raises(MissingPartition) as refused:
            await db.stats.record("t", 1, timestamp=late)
        assert refused.value.field == "recorded_at"
        assert "stats has no partition" in str(refused.value)
        assert "slimy partitions make" in str(refused.value)
        assert str(late.year) not in str(refused.value)


async def test_totals_are_by_type_and_by_time(db: Database) -> None:
    guild = await make.guild(db)
    for hour, value in ((0, 1), (0, 2), (5, 3.5), (24, 10), (24, "no number")):
        await db.stats.record("t", value, guild_id=guild.id, timestamp=TODAY + hour * HOUR)
    await db.stats.record("other", {}, timestamp=TODAY)
    for guild_id in (None, guild.id):
        total = (await db.stats.totals_by_type(*PERIOD, guild_id=guild_id))[-1]
        assert total == TypeTotal(
            "t", 5, 4, Decimal("16.5"), Decimal("4.125"), Decimal(1), Decimal(10)
        )
        days = await db.stats.totals_by_time("t", "day", *PERIOD, guild_id=guild_id)
        assert [(d.bucket_start, d.entries, d.total) for d in days] == [
            (TODAY, 3, Decimal("6.5")),
            (TODAY + timedelta(days=1), 2, Decimal(10)),
        ]
        hours = await db.stats.totals_by_time(
            "t", "hour", TODAY, TODAY + 6 * HOUR, guild_id=guild_id
        )
        assert [(h.bucket_start.hour, h.entries) for h in hours] == [(0, 2), (5, 1)]
    [other, _] = await db.stats.totals_by_type(*PERIOD)
    assert (other.numbers, other.total, other.average) == (0, Decimal(0), None)
    assert await db.stats.totals_by_type(TODAY + HOUR, TODAY + 2 * HOUR) == []


async def test_weeks_begin_on_monday_and_months_on_the_first(db: Database) -> None:
    for day in (0, 1):
        await db.stats.record("t", 1, timestamp=TODAY + timedelta(days=day))
    monday = TODAY - timedelta(days=TODAY.weekday())
    year = (TODAY - timedelta(days=31), TODAY + timedelta(days=31))
    for _ in range(2):
        weeks = await db.stats.totals_by_time("t", "week", *year)
        months = await db.stats.totals_by_time("t", "month", *year)
        assert weeks[0].bucket_start == monday
        assert months[0].bucket_start == TODAY.replace(day=1)
        assert sum(week.entries for week in weeks) == sum(m.entries for m in months) == 2
        await db.stats.fold()


async def test_a_period_is_of_whole_hours(db: Database) -> None:
    changes: list[tuple[dict[str, Any], str]] = [
        ({"since": TODAY + timedelta(minutes=1)}, "since"),
        ({"until": TODAY - HOUR}, "until"),
        ({"until": TODAY.replace(tzinfo=None) + HOUR}, "until"),
        ({"until": TODAY + timedelta(days=999)}, "until"),
        ({"bucket": "year"}, "bucket"),
        ({"guild_id": 1, "user_id": uuid4()}, "user_id"),
    ]
    for change, field in changes:
        asked: dict[str, Any] = {"bucket": "hour", "since": TODAY, "until": TODAY + HOUR} | change
        with pytest.raises(InvalidValue) as refused:
            await db.stats.totals_by_time("t", **asked)
        assert refused.value.field == field


MOMENTS = st.integers(-40, 40).map(lambda n: TODAY + timedelta(minutes=37 * n))
VALUES = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from([True, "7", [1], {}]),
)
STEPS = st.lists(
    st.one_of(
        st.none(),
        st.lists(
            st.tuples(st.sampled_from("ab"), VALUES, MOMENTS, st.sampled_from([0, 1, 2])),
            max_size=6,
        ),
    ),
    max_size=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_totals_equal_a_recount_folded_or_not(
    db: Database,
    owners: Database,
    database_url: str,
    steps: list[list[tuple[str, Any, datetime, int]] | None],
) -> None:
    known = [None, *[(await db.guilds.upsert(n, name="g")).id for n in (1, 2)]]
    for step in steps:
        if step is None:
            await db.stats.fold()
        else:
            await owners.stats.copy_many(
                NewStat(kind, value, None, known[guild], moment)
                for kind, value, moment, guild in step
            )
    period = (TODAY - timedelta(days=3), TODAY + timedelta(days=3))
    odd = (TODAY - 7 * HOUR, TODAY + 3 * HOUR)
    within_a_day = (TODAY + 2 * HOUR, TODAY + 5 * HOUR)
    to_midnight = (TODAY - 31 * HOUR, TODAY)
    for since, until in (period, odd, within_a_day, to_midnight):
        within = f"recorded_at >= '{since}' AND recorded_at < '{until}'"
        whole = await db.stats.totals_by_type(since, until)
        assert counted(whole) == recount(database_url, within)
        one = await db.stats.totals_by_type(since, until, guild_id=1)
        assert counted(one) == recount(database_url, f"guild_id = 1 AND {within}")
        buckets = await db.stats.totals_by_time("a", "day", since, until)
        assert sum(b.entries for b in buckets) == sum(r.entries for r in whole if r.type == "a")


async def test_writers_and_folders_at_once_lose_nothing(db: Database, database_url: str) -> None:
    known = [(await make.guild(db)).id for _ in range(3)]
    chance = random.Random(7)

    async def write(number: int) -> None:
        for _ in range(5):
            async with db.transaction() as tx:  # several statements each, in any order of keys
                for _ in range(3):
                    moment = TODAY + chance.randrange(-20, 20) * HOUR
                    await tx.stats.record(
                        chance.choice("abc"),
                        number,
                        guild_id=chance.choice(known),
                        timestamp=moment,
                    )

    async def fold() -> None:
        for _ in range(10):
            await db.stats.fold()
            assert counted(await db.stats.totals_by_type(*PERIOD)) is not None

    async with asyncio.timeout(120):
        await asyncio.gather(*(write(n) for n in range(32)), fold(), fold(), fold())
    expected = recount(database_url)
    assert sum(row[1] for row in expected) == 32 * 15
    assert counted(await db.stats.totals_by_type(*PERIOD)) == expected
    while await db.stats.fold():
        pass
    assert counted(await db.stats.totals_by_type(*PERIOD)) == expected


@pytest.mark.fault("D2")
async def test_folding_and_deleting_guilds_at_once_never_deadlock(
    db: Database, owners: Database, database_url: str
) -> None:
    made = [(await make.guild(db)).id for _ in range(24)]
    for guild in made:
        await owners.stats.copy_many([NewStat("t", 1, None, guild, TODAY)] * 3)

    async def fold() -> None:
        for _ in range(10):
            await db.stats.fold()

    async with asyncio.timeout(120):
        await asyncio.gather(*(db.guilds.delete(guild) for guild in made), fold(), fold())
    while await db.stats.fold():
        pass
    assert counted(await db.stats.totals_by_type(*PERIOD)) == recount(database_url)
    assert await db.stats.totals_by_type(*PERIOD, guild_id=made[0]) == []


async def test_an_undone_record_is_not_counted(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await tx.stats.record("t", 1)
            raise ZeroDivisionError
    assert await db.stats.totals_by_type(*PERIOD) == []


async def test_rows_and_totals_outlive_people_and_guilds_keep_none(
    db: Database, database_url: str
) -> None:
    user, guild = await make.user(db), await make.guild(db)
    stat = await db.stats.record("t", 3, user_id=user.id, guild_id=guild.id)
    assert await db.stats.fold() == 2
    await db.stats.record("t", 4, user_id=user.id, guild_id=guild.id)
    await db.users.delete(user.id)
    await db.guilds.delete(guild.id)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT user_id, guild_id FROM slimy.stats").fetchall()
        left = connection.execute(
            "SELECT (SELECT count(*) FROM slimy.guild_stat_totals),"
            " (SELECT count(*) FROM slimy.stat_deltas WHERE guild_id IS NOT NULL)"
        ).fetchone()
    assert rows == [(None, None), (None, None)]
    assert left == (0, 0), "a guild of the same id would inherit them"
    assert counted(await db.stats.totals_by_type(*PERIOD)) == [("t", 2, 2, 7, 3, 4)]
    assert stat.user_id == user.id


async def test_what_was_counted_does_not_change(db: Database, database_url: str) -> None:
    user, guild = await make.user(db), await make.guild(db)
    await db.stats.record("t", 1, user_id=user.id, guild_id=guild.id)
    changes = [
        "UPDATE {} SET value = '2'",
        "UPDATE {} SET user_id = NULL",
        "UPDATE {} SET guild_id = NULL",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "TRUNCATE slimy.guilds CASCADE",
    ]
    with psycopg.connect(database_url) as connection:
        for change, table in itertools.product(changes, ("stats", f"stats_{TODAY:%Y_%m}")):
            connection.execute("SET session_replication_role = replica")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append only"):
                connection.execute(change.format(f"slimy.{table}"))
            connection.rollback()
    assert len(await db.stats.totals_by_type(*PERIOD, user_id=user.id)) == 1


async def test_a_row_put_into_a_partition_is_counted_too(db: Database, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            f"INSERT INTO slimy.stats_{TODAY:%Y_%m} (recorded_at, type, value)"
            " VALUES (%s, 't', '5'), (%s, 't', '6')",
            (TODAY, TODAY),
        )
    assert counted(await db.stats.totals_by_type(*PERIOD)) == [("t", 2, 2, 11, 5, 6)]


async def test_lists_are_of_a_user_a_guild_a_type_and_a_time(db: Database) -> None:
    users, known = [await make.user(db) for _ in range(2)], [await make.guild(db) for _ in range(2)]
    made = [
        await db.stats.record(
            "ab"[n % 2],
            n,
            user_id=users[n // 2 % 2].id,
            guild_id=known[n // 4 % 2].id,
            timestamp=TODAY + n * HOUR,
        )
        for n in range(16)
    ]

    async def listed(**filters: Any) -> list[Any]:
        period = {end: filters.pop(end) for end in ("since", "until") if end in filters}
        page = await db.stats.list(StatFilter(**filters), **period, sort="oldest")
        assert page.next_cursor is None
        return [stat.value for stat in page.items]

    assert (await db.stats.list()).items == made[::-1]
    user, guild = users[1].id, known[1].id
    assert await listed(user_id=user) == [2, 3, 6, 7, 10, 11, 14, 15]
    assert await listed(guild_id=guild) == [4, 5, 6, 7, 12, 13, 14, 15]
    assert await listed(type="a") == list(range(0, 16, 2))
    assert await listed(guild_id=guild, type="b") == [5, 7, 13, 15]
    assert await listed(user_id=user, guild_id=guild, type="b") == [7, 15]
    assert await listed(since=TODAY + 3 * HOUR, until=TODAY + 5 * HOUR) == [3, 4]
    assert await listed(type="a", since=TODAY + 11 * HOUR) == [12, 14]
    assert await listed(type="a", until=TODAY + 3 * HOUR) == [0, 2]


async def test_pages_go_both_ways(db: Database, owners: Database) -> None:
    await owners.stats.copy_many(NewStat("t", n, timestamp=TODAY + n // 2 * HOUR) for n in range(7))
    every = (await db.stats.list(limit=10)).items
    pages = [await db.stats.list(limit=3)]
    while (cursor := pages[-1].next_cursor) is not None:
        pages.append(await db.stats.list(limit=3, cursor=cursor))
    assert [stat for page in pages for stat in page.items] == every
    back = await db.stats.list(limit=3, cursor=pages[2].prev_cursor)
    assert back.items == pages[1].items
    with pytest.raises(InvalidValue, match="cursor"):
        await db.stats.list(StatFilter(type="t"), cursor=pages[0].next_cursor)
