"""Screenshot data over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest

from slimy_dal.domain.analysis_entries import NewDataPoint
from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import DATA_POINT, DATA_VALUE

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


def path_of(people: People) -> str:
    return f"/v1/screenshots/{people.things['screenshot_id']}/data"


VALUES: dict[str, tuple[Any, ...]] = {
    "array": ([], [None, 1]),
    "boolean": (True, False),
    "date": ("2026-01-31",),
    "number": (0, -1.5, 2**64 - 1, 5e-324),
    "object": ({}, {"a": None}),
    "string": ("", "x"),
}


@pytest.mark.parametrize("kind", VALUES)
async def test_a_value_is_of_the_kind_that_it_says(
    service: Caller, people: People, kind: str
) -> None:
    path = f"{path_of(people)}/a"
    fitting = VALUES[kind] if kind not in ("date", "string") else VALUES["date"] + VALUES["string"]
    for value in [value for values in VALUES.values() for value in values]:
        # For Python True is 1: what fits is asked for by the type as well.
        fits = any(type(value) is type(good) and value == good for good in fitting)
        answer = await service.put(path, {"dataType": kind, "value": value, "category": "c"})
        if fits:
            assert answer.json == {
                "key": "a",
                "value": value,
                "dataType": kind,
                "category": "c",
                "confidence": None,
            }
        else:
            assert (answer.status, answer.pointers) == (422, ["/value"]), value
            assert answer.json["detail"] == "/value must be of the kind that dataType says"


async def test_a_data_point_is_put_corrected_and_removed(service: Caller, people: People) -> None:
    path = f"{path_of(people)}/{quote('a/b %', safe='')}"
    assert (await service.put(path, DATA_VALUE)).json == {"key": "a/b %", **DATA_VALUE}
    corrected = {**DATA_VALUE, "value": 8, "confidence": None}
    assert (await service.put(path, corrected)).json == {"key": "a/b %", **corrected}
    keys = [point["key"] for point in (await service.get(path_of(people))).json["data"]]
    assert keys == ["a/b %", "count"]
    assert (await service.delete(path)).status == 204
    assert (await service.delete(path)).code == "not_found"


async def test_many_data_points_are_put_or_none(service: Caller, people: People) -> None:
    path = path_of(people)
    points = [DATA_POINT, {**DATA_POINT, "key": "count", "value": 9}]
    assert (await service.post(f"{path}:put", {"data": points})).json == {"data": points}
    large = {**DATA_POINT, "key": "c", "dataType": "string", "value": "x" * 16_400}
    for wrong in ([{**DATA_POINT, "value": 1}] * 2, [{**DATA_POINT, "key": "b"}, large]):
        answer = await service.post(f"{path}:put", {"data": wrong})
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "validation_failed",
            ["/data"],
        )
    assert (await service.get(path)).json["data"] == points


async def test_a_screenshot_that_is_not_there_takes_no_data(service: Caller) -> None:
    path = f"/v1/screenshots/{MISSING}/data"
    for answer in (
        await service.put(f"{path}/a", DATA_VALUE),
        await service.post(f"{path}:put", {"data": [DATA_POINT]}),
        await service.delete(f"{path}/a"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_data_points_are_narrowed(service: Caller, people: People) -> None:
    path = path_of(people)
    others = [{**DATA_POINT, "key": "z", "dataType": "boolean", "value": True, "confidence": 0.9}]
    await service.post(f"{path}:put", {"data": [DATA_POINT, *others]})

    async def keys(query: str) -> list[str]:
        return [point["key"] for point in (await service.get(path + query)).json["data"]]

    assert await keys("") == ["a", "count", "z"]
    assert await keys("?category=size") == ["count"]
    assert await keys("?dataType=number") == ["a", "count"]
    assert await keys("?minConfidence=0.5") == ["a", "z"]
    assert await keys("?minConfidence=0.5&dataType=boolean&limit=1") == ["z"]


async def test_a_users_value_is_followed_over_their_screenshots(
    service: Caller, anyone: Caller, people: People, db: Database
) -> None:
    path = f"/v1/users/{people.ids['member']}/screenshots:trend"
    for number, kind in ((2, "club_roster"), (3, "war_map")):
        point = NewDataPoint("count", number, "number", "size", number / 4)
        await make.screenshot(db, people.ids["member"], screenshot_type=kind, data=[point])

    async def values(query: str) -> list[Any]:
        answer = await service.get(f"{path}?key=count{query}")
        return [row["value"] for row in answer.json["data"]]

    assert await values("") == [3, 2, 1]
    assert await values("&sort=oldest&limit=2") == [1, 2]
    assert await values("&screenshotType=war_map") == [3]
    assert await values("&minConfidence=0.5") == [3, 2]
    assert (await service.get(path)).pointers == ["key"]
    answer = await anyone.bearing(people.tokens["owner"]).get(f"{path}?key=count")
    assert (answer.status, answer.code) == (403, "not_your_account")
