from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.screenshot_tags import ListOfAnalysisFilter, NewTag
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from tests import make


async def test_tags_are_put_on_listed_and_taken_off(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id, tags=[NewTag("weekly", "time")])
    put = await db.screenshot_tags.put_many(
        shot.id, [NewTag("weekly", "period"), NewTag("club", "topic")]
    )
    assert {(tag.tag, tag.category) for tag in put} == {("weekly", "period"), ("club", "topic")}
    page = await db.screenshot_tags.list_of_analysis(shot.id)
    assert [tag.tag for tag in page.items] == ["club", "weekly"]
    topics = ListOfAnalysisFilter(category="topic")
    page = await db.screenshot_tags.list_of_analysis(shot.id, filter=topics)
    assert [tag.tag for tag in page.items] == ["club"]
    await db.screenshot_tags.delete(shot.id, "club")
    with pytest.raises(NotFound, match="there is no such tag"):
        await db.screenshot_tags.delete(shot.id, "club")


async def test_a_bad_tag_keeps_all_out(db: Database) -> None:
    user = await make.user(db)
    shot = await make.screenshot(db, user.id)
    with pytest.raises(CheckViolated) as refused:
        await db.screenshot_tags.put_many(shot.id, [NewTag("a", "c"), NewTag("x" * 65, "c")])
    assert refused.value.fields == ("tag",)
    with pytest.raises(InvalidValue, match="tags: entry 1 has the name of an earlier one"):
        await db.screenshot_tags.put_many(shot.id, [NewTag("a", "c"), NewTag("a", "d")])
    with pytest.raises(NotFound, match="there is no such screenshot analysis"):
        await db.screenshot_tags.put_many(uuid4(), [NewTag("a", "c")])
    assert (await db.screenshot_tags.list_of_analysis(shot.id)).items == []


async def test_a_tag_stands_once_on_an_analysis(db: Database, database_url: str) -> None:
    user = await make.user(db)
    await make.screenshot(db, user.id, tags=[NewTag("weekly", "time")])
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.UniqueViolation, match="screenshot_tags_pkey"),
    ):
        connection.execute(
            "INSERT INTO slimy.screenshot_tags (analysis_id, tag, category)"
            " SELECT analysis_id, tag, 'other' FROM slimy.screenshot_tags"
        )
