import asyncio
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.screenshot_analyses import NewDataPoint, ScreenshotAnalysis
from slimy_dal.domain.screenshot_comparisons import ListOfAnalysisFilter, ListOfUserFilter
from slimy_dal.engine.errors import AlreadyExists, CheckViolated, InvalidValue, NotFound
from tests import make


async def shot(db: Database, user_id: Any, **values: Any) -> ScreenshotAnalysis:
    """A screenshot with these data points."""
    kinds: dict[type, Any] = {int: "number", float: "number", str: "string", list: "array"}
    points = [NewDataPoint(k, v, kinds[type(v)], "stats") for k, v in values.items()]
    return await make.screenshot(db, user_id, data=points)


async def test_two_analyses_are_compared_point_by_point(db: Database) -> None:
    user = await make.user(db)
    old = await shot(db, user.id, power=80, rank=0, name="a", gone=1, same=[1], kind=1)
    new = await shot(db, user.id, power=100, rank=-2, name="b", came=2, same=[1], kind="x")
    found = await db.screenshot_comparisons.compare(old.id, new.id)
    assert [
        (d.key, d.kind, d.first_value, d.second_value, d.change, d.change_percent) for d in found
    ] == [
        ("came", "added", None, 2, None, None),
        ("gone", "removed", 1, None, None, None),
        ("kind", "changed", 1, "x", None, None),
        ("name", "changed", "a", "b", None, None),
        ("power", "changed", 80, 100, 20, 25),
        ("rank", "changed", 0, -2, -2, None),
    ]
    back = await db.screenshot_comparisons.compare(new.id, old.id)
    assert [(d.kind, d.change, d.change_percent) for d in back][4] == ("changed", -20, -20)
    assert await db.screenshot_comparisons.compare(old.id, old.id) == []
    assert (await db.screenshot_comparisons.list_of_user(user.id)).items == []


async def test_a_comparison_goes_from_the_older_to_the_newer(db: Database) -> None:
    user = await make.user(db)
    old = await shot(db, user.id, power=80, rank=5, same=1)
    new = await shot(db, user.id, power=100, rank=4, same=1)
    before = calls(db)
    made = await db.screenshot_comparisons.create(
        user.id, new.id, old.id, comparison_type="progress", summary="It moves."
    )
    assert calls(db) == before + 1
    assert (made.analysis_id_1, made.analysis_id_2) == (old.id, new.id)
    assert (made.comparison_type, made.summary, made.trend) == ("progress", "It moves.", "mixed")
    assert made.differences == [
        {
            "key": "power",
            "category": "stats",
            "kind": "changed",
            "firstValue": 80,
            "secondValue": 100,
            "change": 20,
            "changePercent": 25,
        },
        {
            "key": "rank",
            "category": "stats",
            "kind": "changed",
            "firstValue": 5,
            "secondValue": 4,
            "change": -1,
            "changePercent": -20,
        },
    ]
    assert made.insights == [
        {"kind": "largest_rise", "key": "power", "change": 20, "changePercent": 25},
        {"kind": "largest_fall", "key": "rank", "change": -1, "changePercent": -20},
    ]
    assert await db.screenshot_comparisons.get(made.id) == made
    for pair in ((old.id, new.id), (new.id, old.id)):
        assert await db.screenshot_comparisons.find(*pair, "progress") == made
    assert await db.screenshot_comparisons.find(old.id, new.id, "other") is None


def calls(db: Database) -> int:
    """How many statements were run so far."""
    return sum(query["calls"] for query in db.pool.snapshot()["queries"].values())


TRENDS: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({"a": 1, "b": 1}, {"a": 2, "b": 1}, "up"),
    ({"a": 1, "b": 1}, {"a": 0.5, "b": 1}, "down"),
    ({"a": 1, "b": 1}, {"a": 1, "b": 1}, "stable"),
    ({"a": 1, "b": 1}, {"a": 2, "b": 0}, "mixed"),
    ({"a": "x"}, {"a": "y", "b": 1}, None),
    ({}, {}, None),
]


async def test_the_trend_is_that_of_the_numbers_both_have(db: Database) -> None:
    user = await make.user(db)
    for first, second, trend in TRENDS:
        old, new = await shot(db, user.id, **first), await shot(db, user.id, **second)
        made = await db.screenshot_comparisons.create(
            user.id, old.id, new.id, comparison_type="t", summary="s", insights=["own", {"a": 1}]
        )
        assert made.trend == trend
        assert made.insights == ["own", {"a": 1}]


async def test_a_pair_is_compared_once_for_each_type_whichever_way_round(db: Database) -> None:
    user = await make.user(db)
    one, two = await shot(db, user.id), await shot(db, user.id)

    async def compare(a: Any, b: Any, kind: str = "progress") -> Any:
        return await db.screenshot_comparisons.create(
            user.id, a, b, comparison_type=kind, summary="s"
        )

    tries = await asyncio.gather(
        *(compare(*((one.id, two.id), (two.id, one.id))[n % 2]) for n in range(16)),
        return_exceptions=True,
    )
    refused = [error for error in tries if isinstance(error, AlreadyExists)]
    assert len(refused) == 15
    assert refused[0].constraint == "screenshot_comparisons_analyses_type_key"
    await compare(one.id, two.id, "layout")
    with pytest.raises(InvalidValue, match="other_id: is the same analysis"):
        await compare(one.id, one.id)
    with pytest.raises(CheckViolated):
        await compare(one.id, two.id, "No Word")


REFUSED: list[tuple[LiteralString, str]] = [
    ("analysis_id_2 = analysis_id_1", "analyses_order_check"),
    ("analysis_id_1 = analysis_id_2, analysis_id_2 = analysis_id_1", "analyses_order"),
    ("trend = 'better'", "trend_known_check"),
    ("differences = '{}'", "differences_array_check"),
    ("insights = 'null'", "insights_array_check"),
    ("insights = jsonb_build_array(repeat('x', 70000))", "insights_size_check"),
    ("summary = ''", "summary_length_check"),
]


async def test_the_database_refuses_the_same(db: Database, database_url: str) -> None:
    user = await make.user(db)
    one, two = await shot(db, user.id), await shot(db, user.id)
    made = await db.screenshot_comparisons.create(
        user.id, one.id, two.id, comparison_type="t", summary="s"
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        for change, constraint in REFUSED:
            with pytest.raises(psycopg.errors.CheckViolation, match=constraint):
                connection.execute(f"UPDATE slimy.screenshot_comparisons SET {change}")
        with pytest.raises(psycopg.errors.UniqueViolation, match="analyses_type_key"):
            connection.execute(
                "INSERT INTO slimy.screenshot_comparisons (user_id, analysis_id_1, analysis_id_2,"
                " comparison_type, summary, differences, insights)"
                " SELECT user_id, analysis_id_1, analysis_id_2, comparison_type, 'x', '[]', '[]'"
                " FROM slimy.screenshot_comparisons WHERE id = %s",
                (made.id,),
            )


async def test_the_database_keeps_a_comparison_among_one_users_analyses(
    db: Database, database_url: str
) -> None:
    ann, ben = await make.user(db), await make.user(db)
    one, two, other = await shot(db, ann.id), await shot(db, ann.id), await shot(db, ben.id)
    made = await db.screenshot_comparisons.create(
        ann.id, one.id, two.id, comparison_type="t", summary="s"
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement, value, side in (
            ("UPDATE slimy.screenshot_comparisons SET user_id = %s", ben.id, r"id_\d"),
            ("UPDATE slimy.screenshot_comparisons SET analysis_id_2 = %s", other.id, "id_2"),
            ("UPDATE slimy.screenshot_analyses SET user_id = %s", ben.id, r"id_\d"),
        ):
            with pytest.raises(
                psycopg.errors.ForeignKeyViolation,
                match=f"screenshot_comparisons_analysis_{side}_owner_fkey",
            ):
                connection.execute(statement, (value,))
        connection.execute("DELETE FROM slimy.screenshot_analyses WHERE id = %s", (two.id,))
    with pytest.raises(NotFound):
        await db.screenshot_comparisons.get(made.id)


async def test_long_values_are_compared_by_their_beginning_and_length(db: Database) -> None:
    user = await make.user(db)
    texts = {f"key {n:02}": "a" * 16_000 for n in range(40)}
    old = await shot(db, user.id, **texts, number=1e250, list=["x" * 300], short="b" * 200)
    new = await shot(
        db,
        user.id,
        **{key: text[:-1] + "ä" for key, text in texts.items()},
        number=1,
        list=[],
        short="c" * 200,
    )
    made = await db.screenshot_comparisons.create(
        user.id, old.id, new.id, comparison_type="t", summary="s"
    )
    found: list[Any] = made.differences
    assert [entry["key"] for entry in found] == [*texts, "list", "number", "short"]
    cut = {"beginning": "a" * 200, "length": 16_000}
    assert (found[7]["kind"], found[7]["firstValue"], found[7]["secondValue"]) == (
        *("changed", cut, cut),
    )
    assert found[40]["firstValue"] == {"beginning": '["' + "x" * 198, "length": 304}
    assert found[41]["firstValue"] == {"beginning": "1" + "0" * 199, "length": 251}
    assert (found[41]["secondValue"], found[41]["change"]) == (1, None)
    assert (found[42]["firstValue"], found[42]["secondValue"]) == ("b" * 200, "c" * 200)
    shown = await db.screenshot_comparisons.compare(old.id, new.id)
    assert [(one.key, one.first_value) for one in shown] == [
        (entry["key"], entry["firstValue"]) for entry in found
    ]


async def test_no_two_analyses_are_too_large_to_compare(db: Database) -> None:
    user = await make.user(db)
    wide = "\N{GRINNING FACE}"
    values = {f"{n:04}" + wide * 96: wide * 200 for n in range(800)}
    old = await shot(db, user.id, **values)
    new = await shot(db, user.id, **dict.fromkeys(values, wide * 199))
    made = await db.screenshot_comparisons.create(
        user.id, old.id, new.id, comparison_type="t", summary="s"
    )
    found: list[Any] = made.differences
    keys = sorted(values)
    assert [entry["key"] for entry in found] == keys[: len(found)], "those with the first keys"
    assert 400 < len(found) < 800


async def test_a_user_compares_what_is_theirs(db: Database) -> None:
    ann, ben = await make.user(db), await make.user(db)
    mine, other = await shot(db, ann.id), await shot(db, ben.id)
    for pair in ((mine.id, other.id), (other.id, mine.id), (mine.id, uuid4())):
        with pytest.raises(NotFound, match="there is no such screenshot analysis of this user"):
            await db.screenshot_comparisons.create(ann.id, *pair, comparison_type="t", summary="s")


async def test_comparisons_are_listed_and_forgotten(db: Database) -> None:
    user = await make.user(db)
    shots = [await shot(db, user.id, power=n) for n in range(4)]
    made = [
        await db.screenshot_comparisons.create(
            user.id,
            shots[0 if n == 2 else n].id,
            shots[n + 1].id,
            comparison_type="week" if n else "day",
            summary="s",
        )
        for n in range(3)
    ]
    newest = [comparison.id for comparison in reversed(made)]
    first = await db.screenshot_comparisons.list_of_user(user.id, limit=2)
    rest = await db.screenshot_comparisons.list_of_user(user.id, limit=2, cursor=first.next_cursor)
    assert [row.id for row in first.items + rest.items] == newest
    weekly = ListOfUserFilter(comparison_type="week", trend="up", since=made[0].created_at)
    page = await db.screenshot_comparisons.list_of_user(user.id, filter=weekly, sort="oldest")
    assert [row.id for row in page.items] == [made[1].id, made[2].id]

    async def of(analysis: ScreenshotAnalysis, **narrowed: Any) -> list[Any]:
        page = await db.screenshot_comparisons.list_of_analysis(
            analysis.id, filter=ListOfAnalysisFilter(**narrowed)
        )
        return [row.id for row in page.items]

    assert await of(shots[0]) == [made[2].id, made[0].id]
    assert await of(shots[1]) == [made[1].id, made[0].id]
    assert await of(shots[1], comparison_type="day") == [made[0].id]
    await db.screenshot_comparisons.delete(made[0].id)
    for call in (
        db.screenshot_comparisons.get(made[0].id),
        db.screenshot_comparisons.delete(made[0].id),
    ):
        with pytest.raises(NotFound, match="there is no such screenshot comparison"):
            await call
