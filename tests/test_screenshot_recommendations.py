from typing import Any
from uuid import uuid4

import pytest

from slimy_dal import Database
from slimy_dal.domain.screenshot_recommendations import (
    ListOfAnalysisFilter,
    ListOfUserFilter,
    NewRecommendation,
)
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from tests import make

THREE = [
    NewRecommendation("activity", "high", "one", "d", "high", "low"),
    NewRecommendation("roster", "low", "two", "d", "medium", "low"),
    NewRecommendation("roster", "high", "three", "d", "low", "high", actionable=False),
]
BAD = NewRecommendation("roster", "low", "", "d", "low", "low")


async def test_recommendations_are_added_and_removed(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id, recommendations=THREE[:1])
    added = await db.screenshot_recommendations.add_many(shot.id, THREE[1:])
    assert [thing.title for thing in added] == ["two", "three"]
    kept = (await db.screenshot_analyses.get(shot.id)).recommendations
    assert kept[1:] == added
    other = await make.screenshot(db, user.id)
    for analysis_id, other_id in ((other.id, added[0].id), (shot.id, uuid4())):
        with pytest.raises(NotFound, match="there is no such recommendation"):
            await db.screenshot_recommendations.delete(analysis_id, other_id)
    await db.screenshot_recommendations.delete(shot.id, added[0].id)
    page = await db.screenshot_recommendations.list_of_analysis(shot.id)
    assert page.items == [kept[0], kept[2]]


async def test_one_bad_entry_keeps_all_out(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id)
    with pytest.raises(CheckViolated) as refused:
        await db.screenshot_recommendations.add_many(shot.id, [*THREE, BAD])
    assert refused.value.fields == ("title",)
    with pytest.raises(InvalidValue, match="recommendations: holds more than 100 entries"):
        await db.screenshot_recommendations.add_many(shot.id, THREE * 40)
    with pytest.raises(NotFound, match="there is no such screenshot analysis"):
        await db.screenshot_recommendations.add_many(uuid4(), THREE)
    assert (await db.screenshot_recommendations.list_of_analysis(shot.id)).items == []


async def test_recommendations_are_narrowed_in_an_analysis_and_over_all_of_a_user(
    db: Database,
) -> None:
    user, other = await make.user(db), await make.user(db)
    shot = await make.screenshot(db, user.id, recommendations=THREE)
    await make.screenshot(db, other.id, recommendations=THREE)

    async def titles(**narrowed: Any) -> list[str]:
        one = await db.screenshot_recommendations.list_of_analysis(
            shot.id, filter=ListOfAnalysisFilter(**narrowed)
        )
        all_of = await db.screenshot_recommendations.list_of_user(
            user.id, filter=ListOfUserFilter(**narrowed)
        )
        found = [thing.title for thing in one.items]
        assert [thing.title for thing in all_of.items] == found[::-1]
        return found

    assert await titles() == ["one", "two", "three"]
    assert await titles(type="roster") == ["two", "three"]
    assert await titles(priority="high") == ["one", "three"]
    assert await titles(impact="medium") == ["two"]
    assert await titles(effort="low", priority="high") == ["one"]
    assert await titles(actionable=False) == ["three"]


async def test_pages_walk_a_users_recommendations_from_the_newest_analysis(db: Database) -> None:
    user = await make.user(db)
    for _ in range(3):
        await make.screenshot(db, user.id, recommendations=THREE)
    seen: list[Any] = []
    cursor = None
    for _ in range(5):
        page = await db.screenshot_recommendations.list_of_user(user.id, limit=2, cursor=cursor)
        seen += [(thing.analysis_id, thing.title) for thing in page.items]
        cursor = page.next_cursor
    assert cursor is None
    shots = (await db.screenshot_analyses.list_of_user(user.id)).items
    assert seen == [(shot.id, title) for shot in shots for title in ("three", "two", "one")]
