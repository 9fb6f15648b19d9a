"""Screenshot recommendations over HTTP."""

from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import RECOMMENDATION

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


def path_of(people: People) -> str:
    return f"/v1/screenshots/{people.things['screenshot_id']}/recommendations"


async def test_recommendations_are_added_listed_and_removed(
    service: Caller, people: People
) -> None:
    path = path_of(people)
    plain = {name: RECOMMENDATION[name] for name in RECOMMENDATION if name != "actionable"}
    made = await service.post(path, {"recommendations": [RECOMMENDATION, plain]})
    assert (made.status, made.headers["Location"]) == (201, path)
    added = made.json["recommendations"]
    assert [one["actionable"] for one in added] == [False, True]
    assert (await service.get(path)).json["data"][1:] == added
    assert (await service.delete(f"{path}/{added[0]['id']}")).status == 204
    assert (await service.delete(f"{path}/{added[0]['id']}")).code == "not_found"
    assert (await service.get(path)).json["data"][1:] == added[1:]


async def test_a_screenshot_that_is_not_there_takes_no_recommendations(
    service: Caller, people: People
) -> None:
    path = f"/v1/screenshots/{MISSING}/recommendations"
    answer = await service.post(path, {"recommendations": [RECOMMENDATION]})
    assert answer.code == "not_found"
    one = people.things["recommendation_id"]
    assert (await service.delete(f"{path}/{one}")).code == "not_found"


async def test_a_recommendation_is_not_removed_through_another_screenshot(
    anyone: Caller, service: Caller, people: People, db: Database
) -> None:
    """Who may change one screenshot must not reach into another by naming its recommendation."""
    own = await make.screenshot(db, people.ids["admin"])
    admin = anyone.bearing(people.tokens["admin"])
    one = people.things["recommendation_id"]
    answer = await admin.delete(f"/v1/screenshots/{own.id}/recommendations/{one}")
    assert answer.code == "not_found"
    assert len((await service.get(path_of(people))).json["data"]) == 1


async def test_recommendations_are_narrowed_in_a_screenshot_and_over_all_of_a_user(
    service: Caller, anyone: Caller, people: People
) -> None:
    sent = [
        {**RECOMMENDATION, "type": "t", "priority": "high", "impact": "low", "actionable": True},
        {**RECOMMENDATION, "priority": "medium", "impact": "high", "effort": "low"},
    ]
    await service.post(path_of(people), {"recommendations": sent})
    of_user = f"/v1/users/{people.ids['member']}/screenshot-recommendations"
    for path in (path_of(people), of_user):
        for query, expected in (
            ("", {"low", "high", "medium"}),
            ("?type=t", {"high"}),
            ("?priority=medium", {"medium"}),
            ("?impact=low", {"low", "high"}),
            ("?effort=low", {"medium"}),
            ("?effort=high&impact=low&actionable=true", {"low"}),
            ("?actionable=false", {"medium"}),
        ):
            rows = (await service.get(path + query)).json["data"]
            assert {row["priority"] for row in rows} == expected, (path, query)
        for wrong in ("actionable=1", "priority=", "impact=huge", "effort=x", "type=a%20b"):
            answer = await service.get(f"{path}?{wrong}")
            assert (answer.status, answer.pointers) == (400, [wrong.partition("=")[0]])
    answer = await anyone.bearing(people.tokens["admin"]).get(of_user)
    assert (answer.status, answer.code) == (403, "not_your_account")
