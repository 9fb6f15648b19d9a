"""Screenshot analyses over HTTP."""

import json
from typing import Any
from uuid import UUID

import pytest

from slimy_dal.domain.analysis_entries import NewDataPoint, NewTag
from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import (
    DATA_POINT,
    DATA_VALUE,
    GOOD,
    INSIGHT,
    RECOMMENDATION,
    TAG,
)

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
NEW: dict[str, Any] = GOOD["screenshot_analyses_create"]


def path_of(people: People, role: str = "member") -> str:
    return f"/v1/users/{people.ids[role]}/screenshots"


async def test_a_screenshot_is_kept_with_all_that_was_read_out_of_it_in_one_call(
    service: Caller, people: People
) -> None:
    made = await service.post(path_of(people), NEW)
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/screenshots/{made.json['id']}"
    assert (await service.get(made.headers["Location"])).json == made.json
    assert {
        name: made.json[name] for name in NEW if name not in ("insights", "recommendations")
    } == {name: NEW[name] for name in NEW if name not in ("insights", "recommendations")}
    (insight,), (recommendation,) = made.json["insights"], made.json["recommendations"]
    assert {name: insight[name] for name in INSIGHT} == INSIGHT
    assert {name: recommendation[name] for name in RECOMMENDATION} == RECOMMENDATION
    assert made.json["userId"] == str(people.ids["member"])


async def test_a_screenshot_needs_nothing_that_belongs_to_it(
    service: Caller, people: People
) -> None:
    lists = ("data", "tags", "insights", "recommendations")
    body = {name: NEW[name] for name in NEW if name not in (*lists, "description")}
    made = (await service.post(path_of(people), body)).json
    assert [made[name] for name in lists] == [[], [], [], []]
    assert made["description"] == ""


async def test_a_user_who_is_not_there_has_no_screenshots(service: Caller) -> None:
    answer = await service.post(f"/v1/users/{MISSING}/screenshots", NEW)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(("field", "entry"), [("data", DATA_POINT), ("tags", TAG)])
async def test_what_stands_twice_keeps_nothing(
    service: Caller, people: People, field: str, entry: dict[str, Any]
) -> None:
    before = (await service.get(path_of(people))).json
    answer = await service.post(path_of(people), {**NEW, field: [entry, entry]})
    assert (answer.status, answer.code, answer.pointers) == (
        409,
        "already_exists",
        [f"/{field}"],
    )
    assert (await service.get(path_of(people))).json == before


async def test_an_answer_that_is_too_large_for_the_database_is_refused_by_field(
    service: Caller, people: People
) -> None:
    """It is measured as PostgreSQL writes it: with a blank behind each comma."""
    body = {**NEW, "rawResponse": [1_234_567_890] * 90_000}
    data = json.dumps(body, separators=(",", ":")).encode()
    answer = await service.post(path_of(people), data=data)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.pointers == ["/rawResponse"]
    assert answer.json["detail"] == "/rawResponse must have at most 1048576 bytes"


async def test_a_change_leaves_what_is_not_sent(service: Caller, people: People) -> None:
    path = (await service.post(path_of(people), NEW)).headers["Location"]
    before = (await service.get(path)).json
    changed = (await service.patch(path, {"description": "", "screenshotType": "war_map"})).json
    moved = {"description": "", "screenshotType": "war_map", "updatedAt": changed["updatedAt"]}
    assert changed == {**before, **moved}
    assert (await service.patch(path, {})).json == changed
    for field in ("title", "description", "summary", "confidence", "screenshotType"):
        assert (await service.patch(path, {field: None})).pointers == [f"/{field}"]
    assert (await service.patch(path, {"modelUsed": "x"})).pointers == ["/modelUsed"]


async def test_a_screenshot_goes_with_its_comparisons(service: Caller, people: People) -> None:
    path = f"/v1/screenshots/{people.things['screenshot_id']}"
    comparison = f"/v1/screenshot-comparisons/{people.things['comparison_id']}"
    assert (await service.get(comparison)).status == 200
    assert (await service.delete(path)).status == 204
    assert (await service.get(comparison)).code == "not_found"
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        assert (await service.call(method, path, body)).code == "not_found"


async def test_screenshots_are_narrowed(service: Caller, people: People, db: Database) -> None:
    for number in range(3):
        await make.screenshot(
            db,
            people.ids["admin"],
            title=f"{number}",
            screenshot_type=("club_roster", "war_map")[number % 2],
            confidence=number / 4,
            tags=[NewTag(f"tag {number}", "c")],
            data=[NewDataPoint("members", number, "number", "c")] if number else [],
        )
    path = path_of(people, "admin")

    async def titles(query: str, path: str = path) -> list[str]:
        return [row["title"] for row in (await service.get(path + query)).json["data"]]

    assert await titles("") == ["2", "1", "0"]
    assert await titles("?screenshotType=club_roster") == ["2", "0"]
    assert await titles("?minConfidence=0.25&screenshotType=war_map") == ["1"]
    assert await titles("?tag=tag%201") == ["1"]
    assert await titles("?key=members&limit=1") == ["2"]
    assert await titles("?key=members&tag=tag%200") == []
    of_all = "/v1/screenshots"
    assert await titles("?screenshotType=war_map&sort=oldest", of_all) == ["1"]
    assert (await service.get(of_all)).pointers == ["screenshotType"]
    (row,) = (await service.get(f"{path}?limit=1")).json["data"]
    assert "rawResponse" not in row
    assert await titles(f"?since={row['createdAt']}") == ["2"]
    assert await titles(f"?until={row['createdAt']}") == ["1", "0"]


async def test_the_screenshots_of_all_users_are_for_services(
    anyone: Caller, people: People
) -> None:
    owner = anyone.bearing(people.tokens["owner"])
    answer = await owner.get("/v1/screenshots?screenshotType=club_roster")
    assert (answer.status, answer.code) == (403, "service_only")


PARTS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "", None),
    ("GET", "/data", None),
    ("GET", "/tags", None),
    ("GET", "/insights", None),
    ("GET", "/recommendations", None),
    ("GET", "/comparisons", None),
    ("GET", "/differences/{other_id}", None),
    ("PATCH", "", {"title": "x"}),
    ("PUT", "/data/a", DATA_VALUE),
    ("POST", "/data:put", {"data": [DATA_POINT]}),
    ("DELETE", "/data/count", None),
    ("PUT", "/tags/a", {"category": "b"}),
    ("DELETE", "/tags/roster", None),
    ("POST", "/insights", {"insights": [INSIGHT]}),
    ("DELETE", "/insights/{insight_id}", None),
    ("POST", "/recommendations", {"recommendations": [RECOMMENDATION]}),
    ("DELETE", "/recommendations/{recommendation_id}", None),
    ("DELETE", "", None),
)
"""Everything that is done with one screenshot."""


async def statuses(caller: Caller, people: People, id: UUID | str) -> set[int]:
    found = set()
    for method, part, body in PARTS:
        path = f"/v1/screenshots/{id}{part.format(**people.things)}"
        answer = await caller.call(method, path, body)
        if answer.status >= 400:
            assert answer.code == "not_found", (method, path)
            assert answer.json["detail"] == "there is no such screenshot analysis"
        found.add(answer.status)
    return found


@pytest.mark.parametrize("caller", ["stranger", "owner", "admin"])
async def test_a_screenshot_of_somebody_else_looks_like_one_that_does_not_exist(
    anyone: Caller, people: People, db: Database, caller: str
) -> None:
    session, one = anyone.bearing(people.tokens[caller]), people.things["screenshot_id"]
    before = await db.screenshot_analyses.get(one)
    assert await statuses(session, people, one) == {404}
    assert await statuses(session, people, MISSING) == {404}
    assert await db.screenshot_analyses.get(one) == before
    for method, body in (("GET", None), ("POST", NEW)):
        answer = await session.call(method, path_of(people), body)
        assert (answer.status, answer.code) == (403, "not_your_account")


async def test_a_user_does_everything_with_their_own_screenshot(
    anyone: Caller, people: People
) -> None:
    session = anyone.bearing(people.tokens["member"])
    assert (await session.post(path_of(people), NEW)).status == 201
    one = people.things["screenshot_id"]
    assert await statuses(session, people, one) == {200, 201, 204}


async def test_a_key_that_may_read_does_not_write(
    anyone: Caller, people: People, db: Database
) -> None:
    reader = anyone.bearing((await db.api_keys.create("r", ["screenshots:read"])).key)
    path = f"/v1/screenshots/{people.things['screenshot_id']}"
    for method, part, body in PARTS:
        answer = await reader.call(method, path + part.format(**people.things), body)
        if method == "GET":
            assert answer.status == 200
        else:
            assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert (await anyone.get(path)).code == "unauthenticated"
