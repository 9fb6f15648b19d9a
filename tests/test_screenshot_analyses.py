from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.screenshot_analyses import (
    ListOfTypeFilter,
    ListOfUserFilter,
    NewDataPoint,
    NewInsight,
    NewRecommendation,
    NewTag,
)
from slimy_dal.engine.errors import (
    AlreadyExists,
    CheckViolated,
    InvalidReference,
    InvalidValue,
    MissingValue,
    NotFound,
)
from tests import make

DATA = [
    NewDataPoint("power", 12.5, "number", "stats", 0.9),
    NewDataPoint("members", ["a", {"b": None}], "array", "roster"),
    NewDataPoint("seen", "2024-11-06", "date", "meta"),
]
TAGS = [NewTag("weekly", "time"), NewTag("club", "topic")]
INSIGHTS = [NewInsight("trend", "high", "Up", "Power rises.", 0.8, actionable=True)]
RECOMMENDATIONS = [NewRecommendation("activity", "low", "Talk", "Ask them.", "high", "medium")]
WHOLE: dict[str, Any] = {
    "data": DATA,
    "tags": TAGS,
    "insights": INSIGHTS,
    "recommendations": RECOMMENDATIONS,
}


def calls(db: Database) -> int:
    """How many statements were run so far."""
    return sum(query["calls"] for query in db.pool.snapshot()["queries"].values())


async def test_a_screenshot_comes_back_with_all_that_was_read_out_of_it(db: Database) -> None:
    user = await make.user(db)
    before = calls(db)
    made = await make.screenshot(
        db, user.id, description="d", raw_response={"text": [1, None]}, **WHOLE
    )
    assert await db.screenshot_analyses.get(made.id) == made
    assert calls(db) == before + 2
    assert (made.user_id, made.screenshot_type, made.description) == (user.id, "club_roster", "d")
    assert (made.processing_time_ms, made.model_used) == (1200, "vision-1")
    assert made.raw_response == {"text": [1, None]}
    assert [(d.key, d.value, d.data_type, d.category, d.confidence) for d in made.data] == [
        ("members", ["a", {"b": None}], "array", "roster", None),
        ("power", 12.5, "number", "stats", 0.9),
        ("seen", "2024-11-06", "date", "meta", None),
    ]
    assert [(t.tag, t.category) for t in made.tags] == [("club", "topic"), ("weekly", "time")]
    insight, recommendation = made.insights[0], made.recommendations[0]
    assert (insight.type, insight.priority, insight.title) == ("trend", "high", "Up")
    assert (insight.description, insight.confidence) == ("Power rises.", 0.8)
    assert insight.actionable
    assert insight.created_at == made.created_at
    assert (recommendation.impact, recommendation.effort) == ("high", "medium")
    assert recommendation.actionable
    bare = await make.screenshot(db, user.id)
    assert (bare.data, bare.tags, bare.insights, bare.recommendations) == ([], [], [], [])


LONG = "x" * 5000
BAD: list[dict[str, Any]] = [
    {"screenshot_type": "Club Roster"},
    {"screenshot_type": ""},
    {"image_url": ""},
    {"title": ""},
    {"description": LONG},
    {"summary": ""},
    {"confidence": float("nan")},
    {"confidence": 1.5},
    {"processing_time_ms": -1},
    {"model_used": ""},
    {"raw_response": "text"},
    {"raw_response": {"x": "y" * 1100000}},
    {"data": [NewDataPoint("k", "12", "number", "c")]},
    {"data": [NewDataPoint("k", 12, "string", "c")]},
    {"data": [NewDataPoint("k", None, "string", "c")]},
    {"data": [NewDataPoint("k", 1, "colour", "c")]},  # type: ignore[arg-type]
    {"data": [NewDataPoint("k", 1, "number", "c", 2)]},
    {"data": [NewDataPoint("", 1, "number", "c")]},
    {"data": [DATA[0], DATA[0]]},
    {"tags": [TAGS[0], TAGS[0]]},
    {"tags": [NewTag("", "c")]},
    {"tags": [NewTag("t", "")]},
    {"insights": [NewInsight("Trend!", "high", "t", "d", 1)]},
    {"insights": [NewInsight("t", "urgent", "t", "d", 1)]},  # type: ignore[arg-type]
    {"insights": [NewInsight("t", "low", "", "d", 1)]},
    {"insights": [NewInsight("t", "low", "t", "", 1)]},
    {"insights": [NewInsight("t", "low", "t", "d", -1)]},
    {"insights": INSIGHTS * 101},
    {"recommendations": [NewRecommendation("t", "low", "t", "d", "huge", "low")]},  # type: ignore[arg-type]
    {"recommendations": [NewRecommendation("t", "low", "t", LONG, "low", "low")]},
]


async def test_an_analysis_is_kept_whole_or_not_at_all(db: Database, database_url: str) -> None:
    user = await make.user(db)
    for bad in BAD:
        with pytest.raises((CheckViolated, InvalidValue, AlreadyExists)):
            await make.screenshot(db, user.id, **{**WHOLE, **bad})
    assert rows_left(database_url) == 0
    with pytest.raises(AlreadyExists) as twice:
        await make.screenshot(db, user.id, tags=[TAGS[0], TAGS[0]])
    assert twice.value.constraint == "screenshot_tags_pkey"
    with pytest.raises(InvalidReference) as nobody:
        await make.screenshot(db, uuid4())
    assert nobody.value.fields == ("user_id",)


def rows_left(database_url: str) -> int:
    tables = ("analyses", "data", "tags", "insights", "recommendations")
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT " + " + ".join(f"(SELECT count(*) FROM slimy.screenshot_{t})" for t in tables)
        ).fetchone()
    assert row is not None
    return int(row[0])


REFUSED: list[tuple[LiteralString, LiteralString, LiteralString]] = [
    ("analyses", "screenshot_type", "'Upper'"),
    ("analyses", "confidence", "'NaN'"),
    ("analyses", "processing_time_ms", "-1"),
    ("analyses", "raw_response", "'1'"),
    ("analyses", "raw_response", "jsonb_build_array(repeat('x', 1100000))"),
    ("analyses", "description", "repeat('x', 4001)"),
    ("data", "confidence", "'Infinity'"),
    ("data", "data_type", "'colour'"),
    ("data", "value", "'null'"),
    ("data", "value", "to_jsonb(repeat('x', 20000))"),
    ("tags", "tag", "repeat('x', 65)"),
    ("insights", "priority", "'urgent'"),
    ("insights", "confidence", "2"),
    ("recommendations", "impact", "'none'"),
    ("recommendations", "effort", "''"),
    ("recommendations", "priority", "'HIGH'"),
]


@pytest.mark.fault("V4")
async def test_the_database_refuses_what_the_rules_refuse(db: Database, database_url: str) -> None:
    user = await make.user(db)
    await make.screenshot(
        db,
        user.id,
        data=DATA[:1],
        tags=TAGS[:1],
        insights=INSIGHTS,
        recommendations=RECOMMENDATIONS,
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table, column, value in REFUSED:
            with pytest.raises(psycopg.errors.CheckViolation, match=f"screenshot_{table}_"):
                connection.execute(f"UPDATE slimy.screenshot_{table} SET {column} = {value}")


async def test_an_update_changes_what_is_given(db: Database) -> None:
    user = await make.user(db)
    made = await make.screenshot(db, user.id, **WHOLE)
    changed = await db.screenshot_analyses.update(made.id, title="new", confidence=1)
    assert (changed.title, changed.confidence, changed.summary) == ("new", 1, made.summary)
    assert (changed.data, changed.raw_response) == (made.data, made.raw_response)
    assert changed.updated_at > made.updated_at
    with pytest.raises(MissingValue, match="title"):
        await db.screenshot_analyses.update(made.id, title=None)  # type: ignore[arg-type]
    for call in (
        db.screenshot_analyses.get(uuid4()),
        db.screenshot_analyses.update(uuid4(), title="x"),
        db.screenshot_analyses.delete(uuid4()),
    ):
        with pytest.raises(NotFound, match="there is no such screenshot analysis"):
            await call


async def test_all_of_a_screenshot_goes_with_it_and_with_its_user(
    db: Database, database_url: str
) -> None:
    user = await make.user(db)
    one = await make.screenshot(db, user.id, **WHOLE)
    other = await make.screenshot(db, user.id, **WHOLE)
    await db.screenshot_comparisons.create(
        user.id, one.id, other.id, comparison_type="progress", summary="s"
    )
    await db.screenshot_analyses.delete(one.id)
    assert rows_left(database_url) == 1 + 3 + 2 + 1 + 1
    assert (await db.screenshot_comparisons.list_of_user(user.id)).items == []
    await db.users.delete(user.id)
    assert rows_left(database_url) == 0


async def test_it_is_known_whose_a_screenshot_is(db: Database) -> None:
    ann, ben = await make.user(db), await make.user(db)
    for user in (ann, ben):
        made = await make.screenshot(db, user.id)
        assert await db.screenshot_analyses.find_owner(made.id) == user.id
    with pytest.raises(NotFound, match="there is no such screenshot analysis"):
        await db.screenshot_analyses.find_owner(uuid4())


async def test_a_users_screenshots_are_narrowed(db: Database) -> None:
    user, other = await make.user(db), await make.user(db)
    old = await make.screenshot(db, user.id, confidence=0.2, data=DATA[:1])
    new = await make.screenshot(
        db, user.id, screenshot_type="battle", confidence=0.9, tags=TAGS[:1], data=DATA
    )
    await make.screenshot(db, other.id, confidence=0.9, **WHOLE)

    async def found(**narrowed: Any) -> list[Any]:
        page = await db.screenshot_analyses.list_of_user(
            user.id, filter=ListOfUserFilter(**narrowed)
        )
        return [row.id for row in page.items]

    assert await found() == [new.id, old.id]
    assert await found(screenshot_type="club_roster") == [old.id]
    assert await found(min_confidence=0.5) == [new.id]
    assert await found(tag="weekly") == [new.id]
    assert await found(tag="club") == []
    assert await found(key="power") == [new.id, old.id]
    assert await found(key="members", screenshot_type="battle", tag="weekly") == [new.id]
    assert await found(since=new.created_at) == [new.id]
    assert await found(until=new.created_at, min_confidence=0.1) == [old.id]


async def test_pages_walk_a_users_and_a_types_screenshots(db: Database) -> None:
    user = await make.user(db)
    made = [await make.screenshot(db, user.id) for _ in range(5)]
    await make.screenshot(db, user.id, screenshot_type="battle")
    rosters = ListOfUserFilter(screenshot_type="club_roster")
    of_type, of_user = db.screenshot_analyses.list_of_type, db.screenshot_analyses.list_of_user
    first = await of_type("club_roster", limit=3)
    rest = await of_type("club_roster", limit=3, cursor=first.next_cursor)
    assert [row.id for row in first.items + rest.items] == [row.id for row in reversed(made)]
    assert rest.next_cursor is None
    mine = await of_user(user.id, filter=rosters, limit=3)
    others = await of_user(user.id, filter=rosters, limit=3, cursor=mine.next_cursor)
    assert (mine.items, others.items) == (first.items, rest.items)
    late = ListOfTypeFilter(since=made[3].created_at)
    page = await db.screenshot_analyses.list_of_type("club_roster", filter=late, sort="oldest")
    assert [row.id for row in page.items] == [made[3].id, made[4].id]
