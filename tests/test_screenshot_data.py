import asyncio
from typing import Any
from uuid import uuid4

import pytest

from slimy_dal import Database
from slimy_dal.domain.screenshot_data import (
    ListHistoryFilter,
    ListOfAnalysisFilter,
    NewDataPoint,
)
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from tests import make


async def test_data_points_are_added_and_corrected_together(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id, data=[NewDataPoint("power", 1, "number", "stats")])
    put = await db.screenshot_data.put_many(
        shot.id,
        [
            NewDataPoint("power", 7, "number", "stats", 1.0),
            NewDataPoint("name", "Slimy", "string", "meta"),
        ],
    )
    assert sorted((point.key, point.value, point.confidence) for point in put) == [
        ("name", "Slimy", None),
        ("power", 7, 1.0),
    ]
    assert len((await db.screenshot_analyses.get(shot.id)).data) == 2
    await db.screenshot_data.delete(shot.id, "name")
    with pytest.raises(NotFound, match="there is no such data point"):
        await db.screenshot_data.delete(shot.id, "name")


async def test_one_bad_data_point_keeps_all_out(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id)
    good = NewDataPoint("power", 1, "number", "stats")
    with pytest.raises(CheckViolated):
        await db.screenshot_data.put_many(shot.id, [good, NewDataPoint("x", "y", "number", "c")])
    with pytest.raises(InvalidValue, match="data: entry 1 has the name of an earlier one"):
        await db.screenshot_data.put_many(shot.id, [good, good])
    with pytest.raises(NotFound, match="there is no such screenshot analysis"):
        await db.screenshot_data.put_many(uuid4(), [good])
    assert (await db.screenshot_analyses.get(shot.id)).data == []


async def test_parallel_corrections_never_wait_in_a_circle(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id)

    async def put(writer: int) -> None:
        keys = [f"k{n}" for n in range(20)]
        points = [NewDataPoint(k, writer, "number", "c") for k in keys[:: 1 - 2 * (writer % 2)]]
        await db.screenshot_data.put_many(shot.id, points)

    await asyncio.gather(*(put(writer) for writer in range(32)))
    data = (await db.screenshot_analyses.get(shot.id)).data
    assert len(data) == 20
    assert len({point.value for point in data}) == 1


async def test_data_points_are_listed_by_key_and_narrowed(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(
        db,
        user.id,
        data=[
            NewDataPoint("a", 1, "number", "stats", 0.9),
            NewDataPoint("b", "x", "string", "stats", 0.1),
            NewDataPoint("c", value=True, data_type="boolean", category="meta"),
        ],
    )

    async def keys(**narrowed: Any) -> list[str]:
        page = await db.screenshot_data.list_of_analysis(
            shot.id, filter=ListOfAnalysisFilter(**narrowed)
        )
        return [point.key for point in page.items]

    assert await keys() == ["a", "b", "c"]
    assert await keys(category="stats") == ["a", "b"]
    assert await keys(data_type="boolean") == ["c"]
    assert await keys(min_confidence=0.5) == ["a"]
    first = await db.screenshot_data.list_of_analysis(shot.id, limit=2)
    rest = await db.screenshot_data.list_of_analysis(shot.id, limit=2, cursor=first.next_cursor)
    assert [point.key for point in rest.items] == ["c"]


async def test_a_users_value_is_followed_through_time(db: Database) -> None:
    user, other = await make.user(db), await make.user(db)
    made = [
        await make.screenshot(
            db, user.id, data=[NewDataPoint("power", n, "number", "stats", n / 10)]
        )
        for n in range(4)
    ]
    await make.screenshot(db, user.id, data=[NewDataPoint("rank", 1, "number", "stats")])
    await make.screenshot(db, other.id, data=[NewDataPoint("power", 9, "number", "stats")])
    first = await db.screenshot_data.list_history(user.id, "power", limit=3)
    assert [(past.analysis_id, past.value) for past in first.items] == [
        (made[n].id, n) for n in (3, 2, 1)
    ]
    rest = await db.screenshot_data.list_history(
        user.id, "power", limit=3, cursor=first.next_cursor
    )
    assert [past.value for past in rest.items] == [0]
    narrowed = ListHistoryFilter(min_confidence=0.2, screenshot_type="club_roster")
    page = await db.screenshot_data.list_history(user.id, "power", filter=narrowed, sort="oldest")
    assert [past.value for past in page.items] == [2, 3]
