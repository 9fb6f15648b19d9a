import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.analysis_entries import MAX_METRICS
from slimy_dal.domain.club_metrics import (
    ClubMetric,
    ListHistoryFilter,
    ListOfAnalysisFilter,
    NewMetric,
)
from slimy_dal.engine.errors import CheckViolated, InvalidValue, MissingValue, NotFound
from tests import make

POWER = NewMetric("power", 10, "strength", "M")
SIZE = NewMetric("members", 48, "size")


async def test_metrics_are_replaced_as_a_whole(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id, metrics=[POWER, SIZE])
    kept = await db.club_metrics.replace(
        analysis.id,
        [NewMetric("power", 11.5, "strength"), NewMetric("active", value=True, category="size")],
    )
    assert [(m.name, m.value, m.unit) for m in kept] == [
        ("active", True, None),
        ("power", 11.5, None),
    ]
    changed = await db.club_analyses.get(analysis.id)
    assert changed.metrics == kept
    assert changed.updated_at > analysis.updated_at
    assert await db.club_metrics.replace(analysis.id, []) == []
    assert (await db.club_analyses.get(analysis.id)).metrics == []


async def test_a_bad_metric_keeps_the_old_ones(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id, metrics=[POWER])
    many = [NewMetric(f"m{n}", n, "c") for n in range(MAX_METRICS + 1)]
    for bad in ([SIZE, NewMetric("n", None, "c")], [SIZE, NewMetric("", 1, "c")]):
        with pytest.raises((CheckViolated, MissingValue)):
            await db.club_metrics.replace(analysis.id, bad)
    for wrong, problem in (
        ([SIZE, SIZE], "metrics: entry 1 has the name of an earlier one"),
        (many, f"metrics: holds more than {MAX_METRICS} entries"),
    ):
        with pytest.raises(InvalidValue, match=problem):
            await db.club_metrics.replace(analysis.id, wrong)
    assert (await db.club_analyses.get(analysis.id)).metrics == analysis.metrics
    with pytest.raises(NotFound, match="there is no such club analysis"):
        await db.club_metrics.replace(uuid4(), [])


async def test_of_parallel_replacements_one_stays_whole(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id, metrics=[POWER])

    async def replace(writer: int) -> None:
        names = [f"{writer} {n}" for n in range(5)] + ["shared"]
        await db.club_metrics.replace(analysis.id, [NewMetric(n, writer, "c") for n in names])

    await asyncio.gather(*(replace(writer) for writer in range(32)))
    kept = (await db.club_analyses.get(analysis.id)).metrics
    assert len(kept) == 6
    assert len({metric.value for metric in kept}) == 1


async def test_a_metric_is_put_and_corrected_and_dates_its_analysis(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id, metrics=[SIZE])
    assert await db.club_metrics.put(analysis.id, POWER) == ClubMetric("power", 10, "M", "strength")
    corrected = NewMetric("power", [1, {"a": None}], "other")
    kept = await db.club_metrics.put(analysis.id, corrected)
    assert kept == ClubMetric("power", [1, {"a": None}], None, "other")
    changed = await db.club_analyses.get(analysis.id)
    assert changed.metrics == [ClubMetric("members", 48, None, "size"), kept]
    assert changed.updated_at > analysis.updated_at
    with pytest.raises((CheckViolated, MissingValue)):
        await db.club_metrics.put(analysis.id, NewMetric("power", None, "other"))
    with pytest.raises(NotFound, match="there is no such club analysis"):
        await db.club_metrics.put(uuid4(), POWER)
    assert await db.club_analyses.get(analysis.id) == changed


async def test_a_metric_put_while_all_are_replaced_is_never_refused(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id)
    await asyncio.gather(
        *(
            db.club_metrics.replace(analysis.id, [POWER])
            if number % 2
            else db.club_metrics.put(analysis.id, NewMetric("power", number, "strength"))
            for number in range(32)
        )
    )
    assert [metric.name for metric in (await db.club_analyses.get(analysis.id)).metrics] == [
        "power"
    ]


async def test_a_metric_is_removed_from_its_own_analysis_alone(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    one, other = [
        await make.club_analysis(db, guild.id, user.id, metrics=[POWER, SIZE]) for _ in range(2)
    ]
    await db.club_metrics.delete(one.id, "power")
    with pytest.raises(NotFound, match="there is no such metric"):
        await db.club_metrics.delete(one.id, "power")
    assert [metric.name for metric in (await db.club_analyses.get(one.id)).metrics] == ["members"]
    assert len((await db.club_analyses.get(other.id)).metrics) == 2


async def test_a_metric_stands_once_in_an_analysis(db: Database, database_url: str) -> None:
    guild, user = await make.guild(db), await make.user(db)
    await make.club_analysis(db, guild.id, user.id, metrics=[POWER])
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.UniqueViolation, match="club_metrics_pkey"),
    ):
        connection.execute(
            "INSERT INTO slimy.club_metrics (analysis_id, name, value, category)"
            " SELECT analysis_id, name, value, 'other' FROM slimy.club_metrics"
        )


async def test_metrics_are_listed_by_name_and_category(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    metrics = [NewMetric(f"m{n}", n, "even" if n % 2 == 0 else "odd") for n in range(5)]
    analysis = await make.club_analysis(db, guild.id, user.id, metrics=metrics)

    async def names(**more: Any) -> list[str]:
        page = await db.club_metrics.list_of_analysis(analysis.id, **more)
        return [metric.name for metric in page.items]

    assert await names() == ["m0", "m1", "m2", "m3", "m4"]
    assert await names(filter=ListOfAnalysisFilter(category="odd")) == ["m1", "m3"]
    first = await db.club_metrics.list_of_analysis(analysis.id, limit=3)
    assert await names(limit=3, cursor=first.next_cursor) == ["m3", "m4"]


async def test_a_guilds_metric_is_followed_through_its_analyses(db: Database) -> None:
    guild, other, user = await make.guild(db), await make.guild(db), await make.user(db)
    made = [
        await make.club_analysis(
            db, guild.id, user.id, confidence=n / 10, metrics=[NewMetric("power", n, "c", "M")]
        )
        for n in range(4)
    ]
    await make.club_analysis(db, guild.id, user.id, metrics=[SIZE])
    await make.club_analysis(db, other.id, user.id, metrics=[POWER])
    first = await db.club_metrics.list_history(guild.id, "power", limit=3)
    assert [(past.analysis_id, past.value) for past in first.items] == [
        (made[n].id, n) for n in (3, 2, 1)
    ]
    assert (first.items[0].unit, first.items[0].created_at) == ("M", made[3].created_at)
    rest = await db.club_metrics.list_history(guild.id, "power", limit=3, cursor=first.next_cursor)
    assert [past.value for past in rest.items] == [0]
    narrowed = ListHistoryFilter(min_confidence=0.2, until=made[3].created_at)
    page = await db.club_metrics.list_history(guild.id, "power", filter=narrowed, sort="oldest")
    assert [past.value for past in page.items] == [2]
