"""Club metrics over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest

from slimy_dal.domain.analysis_entries import NewMetric
from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import METRIC, METRIC_VALUE

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


def path_of(people: People) -> str:
    return f"/v1/analyses/{people.things['analysis_id']}/metrics"


async def test_a_metric_is_put_corrected_and_removed(service: Caller, people: People) -> None:
    path = f"{path_of(people)}/newcomers"
    for body in ({"value": 3, "category": "size"}, {"value": {"a": [1.5]}, "category": "x"}):
        put = await service.put(path, body)
        assert put.status == 200
        assert put.json == {"name": "newcomers", "unit": None, **body}
    listed = (await service.get(path_of(people))).json["data"]
    assert [metric["name"] for metric in listed] == ["newcomers", "power", "rank"]
    assert (await service.delete(path)).status == 204
    assert (await service.delete(path)).code == "not_found"


@pytest.mark.parametrize("name", ["a/b", "50 %", "ä?#", "a.b:c", "x" * 100, "%2F", "🔥"])
async def test_a_metric_may_have_any_name(service: Caller, people: People, name: str) -> None:
    path = f"{path_of(people)}/{quote(name, safe='')}"
    assert (await service.put(path, METRIC_VALUE)).json["name"] == name
    assert (await service.delete(path)).status == 204


async def test_metrics_are_replaced_as_a_whole_or_not_at_all(
    service: Caller, people: People
) -> None:
    path = path_of(people)
    before = (await service.get(path)).json
    for wrong in ([METRIC, METRIC], [METRIC, {**METRIC, "name": "b", "value": "x" * 16_400}]):
        answer = await service.put(path, {"metrics": wrong})
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "validation_failed",
            ["/metrics"],
        )
    assert (await service.get(path)).json == before
    assert (await service.put(path, {"metrics": [METRIC]})).json == {"metrics": [METRIC]}
    assert (await service.put(path, {"metrics": []})).json == {"metrics": []}
    assert (await service.get(path)).json["data"] == []


async def test_an_analysis_that_is_not_there_takes_no_metrics(
    service: Caller, people: People
) -> None:
    path = f"/v1/analyses/{MISSING}/metrics"
    for answer in (
        await service.put(path, {"metrics": []}),
        await service.put(f"{path}/a", METRIC_VALUE),
        await service.delete(f"{path}/a"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_metrics_of_a_category_are_listed(service: Caller, people: People) -> None:
    path = path_of(people)
    await service.put(f"{path}/a", {"value": 1, "category": "strength"})
    (found,) = (await service.get(f"{path}?category=strength")).json["data"]
    assert found["name"] == "a"
    assert (await service.get(f"{path}?category=other")).json["data"] == []


async def test_a_value_that_is_too_large_is_refused_by_field(
    service: Caller, people: People
) -> None:
    answer = await service.put(f"{path_of(people)}/a", {"value": "x" * 16_400, "category": "c"})
    assert (answer.status, answer.code, answer.pointers) == (422, "validation_failed", ["/value"])
    assert answer.json["detail"].startswith("/value must have a value of at most 16384 bytes")


async def test_a_guilds_metric_is_followed_over_its_analyses(
    service: Caller, anyone: Caller, people: People, db: Database
) -> None:
    path, user_id = "/v1/guilds/7000/analyses:trend", people.ids["member"]
    for number in (2, 3):
        await make.club_analysis(
            db,
            7000,
            user_id,
            confidence=number / 4,
            metrics=[NewMetric("power", number, "size", "M")],
        )
    await make.club_analysis(db, 7000, user_id, metrics=[NewMetric("other", 4, "size")])

    async def values(query: str) -> list[Any]:
        answer = await service.get(f"{path}?metric=power{query}")
        return [row["value"] for row in answer.json["data"]]

    assert await values("") == [3, 2, 1]
    assert await values("&sort=oldest&limit=2") == [1, 2]
    assert await values("&minConfidence=0.75") == [3]
    assert (await service.get(path)).pointers == ["metric"]
    stranger = anyone.bearing(people.tokens["stranger"])
    assert (await stranger.get(f"{path}?metric=power")).code == "not_found"
