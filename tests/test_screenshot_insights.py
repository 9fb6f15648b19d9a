from typing import Any
from uuid import uuid4

import pytest

from slimy_dal import Database
from slimy_dal.domain.screenshot_insights import (
    ListOfAnalysisFilter,
    ListOfUserFilter,
    NewInsight,
)
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from tests import make

THREE = [
    NewInsight("trend", "high", "one", "d", 0.9),
    NewInsight("risk", "low", "two", "d", 0.5),
    NewInsight("risk", "high", "three", "d", 0.1, actionable=True),
]
BAD = NewInsight("risk", "low", "", "d", 1)


async def test_insights_are_added_and_removed(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id, insights=THREE[:1])
    added = await db.screenshot_insights.add_many(shot.id, THREE[1:])
    assert [thing.title for thing in added] == ["two", "three"]
    kept = (await db.screenshot_analyses.get(shot.id)).insights
    assert kept[1:] == added
    other = await make.screenshot(db, user.id)
    for analysis_id, other_id in ((other.id, added[0].id), (shot.id, uuid4())):
        with pytest.raises(NotFound, match="there is no such insight"):
            await db.screenshot_insights.delete(analysis_id, other_id)
    await db.screenshot_insights.delete(shot.id, added[0].id)
    page = await db.screenshot_insights.list_of_analysis(shot.id)
    assert page.items == [kept[0], kept[2]]


async def test_one_bad_entry_keeps_all_out(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id)
    with pytest.raises(CheckViolated) as refused:
        await db.screenshot_insights.add_many(shot.id, [*THREE, BAD])
    assert refused.value.fields == ("title",)
    with pytest.raises(InvalidValue, match="insights: holds more than 100 entries"):
        await db.screenshot_insights.add_many(shot.id, THREE * 40)
    with pytest.raises(NotFound, match="there is no such screenshot analysis"):
        await db.screenshot_insights.add_many(uuid4(), THREE)
    assert (await db.screenshot_insights.list_of_analysis(shot.id)).items == []


async def test_insights_are_narrowed_in_an_analysis_and_over_all_of_a_user(db: Database) -> None:
    user, other = await make.user(db), await make.user(db)
    shot = await make.screenshot(db, user.id, insights=THREE)
    await make.screenshot(db, other.id, insights=THREE)

    async def titles(**narrowed: Any) -> list[str]:
        one = await db.screenshot_insights.list_of_analysis(
            shot.id, filter=ListOfAnalysisFilter(**narrowed)
        )
        all_of = await db.screenshot_insights.list_of_user(
            user.id, filter=ListOfUserFilter(**narrowed)
        )
        found = [thing.title for thing in one.items]
        assert [thing.title for thing in all_of.items] == found[::-1]
        return found

    assert await titles() == ["one", "two", "three"]
    assert await titles(type="risk") == ["two", "three"]
    assert await titles(priority="high") == ["one", "three"]
    assert await titles(actionable=True) == ["three"]
    assert await titles(min_confidence=0.5, priority="high") == ["one"]


async def test_pages_walk_a_users_insights_from_the_newest_analysis(db: Database) -> None:
    user = await make.user(db)
    for _ in range(3):
        await make.screenshot(db, user.id, insights=THREE)
    seen: list[Any] = []
    cursor = None
    for _ in range(5):
        page = await db.screenshot_insights.list_of_user(user.id, limit=2, cursor=cursor)
        seen += [(thing.analysis_id, thing.title) for thing in page.items]
        cursor = page.next_cursor
    assert cursor is None
    shots = (await db.screenshot_analyses.list_of_user(user.id)).items
    assert seen == [(shot.id, title) for shot in shots for title in ("three", "two", "one")]
