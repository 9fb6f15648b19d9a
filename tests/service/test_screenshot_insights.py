"""Screenshot insights over HTTP."""

import pytest

from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import (
    INSIGHT,
    NOT_FLAGS,
    NOT_KINDS,
    NOT_SHARES,
    NOT_TEXT,
    NOT_WORDS,
)

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


def path_of(people: People) -> str:
    return f"/v1/screenshots/{people.things['screenshot_id']}/insights"


async def test_insights_are_added_listed_and_removed(service: Caller, people: People) -> None:
    path = path_of(people)
    plain = {name: INSIGHT[name] for name in INSIGHT if name != "actionable"}
    made = await service.post(path, {"insights": [INSIGHT, plain]})
    assert (made.status, made.headers["Location"]) == (201, path)
    added = made.json["insights"]
    assert [one["actionable"] for one in added] == [True, False]
    assert (await service.get(path)).json["data"][1:] == added
    assert (await service.delete(f"{path}/{added[0]['id']}")).status == 204
    assert (await service.delete(f"{path}/{added[0]['id']}")).code == "not_found"
    assert (await service.get(path)).json["data"][1:] == added[1:]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("type", NOT_KINDS),
        ("priority", NOT_WORDS),
        ("title", (*NOT_TEXT, None, "x" * 201)),
        ("description", (*NOT_TEXT, None, "x" * 4001)),
        ("confidence", (*NOT_SHARES, None)),
        ("actionable", NOT_FLAGS),
        ("surprise", (1,)),
    ],
)
async def test_one_wrong_insight_keeps_the_others_out(
    service: Caller, people: People, field: str, values: tuple[object, ...]
) -> None:
    before = (await service.get(path_of(people))).json
    for value in values:
        body = {"insights": [INSIGHT, {**INSIGHT, field: value}]}
        answer = await service.post(path_of(people), body)
        assert (answer.status, answer.pointers) == (422, [f"/insights/1/{field}"]), value
    too_many = await service.post(path_of(people), {"insights": [INSIGHT] * 101})
    assert too_many.pointers == ["/insights"]
    assert (await service.get(path_of(people))).json == before


async def test_a_screenshot_that_is_not_there_takes_no_insights(
    service: Caller, people: People
) -> None:
    path = f"/v1/screenshots/{MISSING}/insights"
    assert (await service.post(path, {"insights": [INSIGHT]})).code == "not_found"
    assert (await service.delete(f"{path}/{people.things['insight_id']}")).code == "not_found"


async def test_an_insight_is_not_removed_through_another_screenshot(
    anyone: Caller, service: Caller, people: People, db: Database
) -> None:
    """Who may change one screenshot must not reach into another by naming its insight."""
    own = await make.screenshot(db, people.ids["admin"])
    admin = anyone.bearing(people.tokens["admin"])
    answer = await admin.delete(f"/v1/screenshots/{own.id}/insights/{people.things['insight_id']}")
    assert answer.code == "not_found"
    assert len((await service.get(path_of(people))).json["data"]) == 1


async def test_insights_are_narrowed_in_a_screenshot_and_over_all_of_a_user(
    service: Caller, anyone: Caller, people: People
) -> None:
    sent = [
        {**INSIGHT, "type": "t", "priority": "high", "actionable": False, "confidence": 0.9},
        {**INSIGHT, "priority": "medium", "confidence": 0.7},
    ]
    await service.post(path_of(people), {"insights": sent})
    of_user = f"/v1/users/{people.ids['member']}/screenshot-insights"
    for path in (path_of(people), of_user):
        for query, expected in (
            ("", {"low", "high", "medium"}),
            ("?type=t", {"high"}),
            ("?priority=medium", {"medium"}),
            ("?actionable=true", {"medium"}),
            ("?actionable=false&minConfidence=0.6", {"high"}),
        ):
            rows = (await service.get(path + query)).json["data"]
            assert {row["priority"] for row in rows} == expected, (path, query)
        for wrong in ("actionable=yes", "priority=urgent", "type=A", "minConfidence=2"):
            answer = await service.get(f"{path}?{wrong}")
            assert (answer.status, answer.pointers) == (400, [wrong.partition("=")[0]])
    (row, *_) = (await service.get(of_user)).json["data"]
    assert row["analysisId"] == str(people.things["screenshot_id"])
    answer = await anyone.bearing(people.tokens["admin"]).get(of_user)
    assert (answer.status, answer.code) == (403, "not_your_account")
