"""Screenshot comparisons over HTTP."""

from typing import Any

from slimy_dal.domain.analysis_entries import NewDataPoint
from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
PATH = "/v1/screenshot-comparisons"


async def two(db: Database, people: People, role: str = "member", *values: Any) -> list[str]:
    """The ids of two screenshots of somebody, whose `count` is the one and the other value."""
    made = [
        await make.screenshot(
            db, people.ids[role], data=[NewDataPoint("count", value, "number", "size")]
        )
        for value in (values or (10, 15))
    ]
    return [str(one.id) for one in made]


def body_of(ids: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "analysisId": ids[0],
        "otherId": ids[1],
        "comparisonType": "progress",
        "summary": "s",
        **fields,
    }


async def test_two_screenshots_are_compared_whichever_way_round(
    service: Caller, people: People, db: Database
) -> None:
    ids = await two(db, people)
    made = await service.post(PATH, body_of(ids[::-1]))
    assert made.status == 201
    assert made.headers["Location"] == f"{PATH}/{made.json['id']}"
    assert (await service.get(made.headers["Location"])).json == made.json
    assert [made.json["analysisId1"], made.json["analysisId2"]] == ids
    assert (made.json["trend"], made.json["userId"]) == ("up", str(people.ids["member"]))
    (difference,) = made.json["differences"]
    assert (difference["firstValue"], difference["secondValue"], difference["change"]) == (
        10,
        15,
        5,
    )
    again = await service.post(PATH, body_of(ids))
    assert (again.status, again.code) == (409, "already_exists")
    assert "/comparisonType" in again.pointers
    other = body_of(ids, comparisonType="other", insights=[None, "x"])
    assert (await service.post(PATH, other)).json["insights"] == [None, "x"]
    assert (await service.delete(made.headers["Location"])).status == 204
    assert (await service.delete(made.headers["Location"])).code == "not_found"


async def test_differences_are_shown_without_keeping_them(
    service: Caller, anyone: Caller, people: People, db: Database
) -> None:
    one, other = await two(db, people)
    path = f"/v1/screenshots/{one}/differences/{other}"
    (difference,) = (await service.get(path)).json["differences"]
    assert (difference["kind"], difference["changePercent"]) == ("changed", 50.0)
    back = (await service.get(f"/v1/screenshots/{other}/differences/{one}")).json["differences"]
    assert back[0]["change"] == -5
    assert (await service.get(f"/v1/screenshots/{one}/comparisons")).json["data"] == []
    (foreign, _) = await two(db, people, "admin")
    for caller in (service, anyone.bearing(people.tokens["member"])):
        for there in (foreign, MISSING):
            answer = await caller.get(f"/v1/screenshots/{one}/differences/{there}")
            assert (answer.status, answer.code) == (404, "not_found")


async def test_numbers_as_far_apart_as_can_be_are_compared(
    service: Caller, people: People, db: Database
) -> None:
    """The change in percent may be far beyond what a double holds; the database keeps it exactly."""
    for values in ((5e-324, 2**64 - 1), (-(2**63), 2**64 - 1), (1e-308, -5e-324)):
        ids = await two(db, people, "member", *values)
        made = await service.post(PATH, body_of(ids))
        assert made.status == 201, values
        assert (await service.get(made.headers["Location"])).json == made.json
        path = f"/v1/screenshots/{ids[0]}/differences/{ids[1]}"
        assert len((await service.get(path)).json["differences"]) == 1


async def test_what_a_comparison_refers_to_must_be_there_and_of_one_user(
    service: Caller, people: People, db: Database
) -> None:
    mine, others = await two(db, people), await two(db, people, "admin")
    for ids, pointer in (
        ([MISSING, mine[0]], "/analysisId"),
        ([mine[0], MISSING], "/otherId"),
        ([mine[0], others[0]], "/otherId"),
    ):
        answer = await service.post(PATH, body_of(ids))
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "missing_reference",
            [pointer],
        )
    same = await service.post(PATH, body_of([mine[0], mine[0]]))
    assert (same.status, same.code, same.pointers) == (422, "validation_failed", ["/otherId"])


async def test_a_session_compares_its_own_screenshots_alone(
    anyone: Caller, people: People, db: Database
) -> None:
    member = anyone.bearing(people.tokens["member"])
    mine, others = await two(db, people), await two(db, people, "admin")
    assert (await member.post(PATH, body_of(mine))).status == 201
    details = []
    for ids, pointer in (
        ([others[0], mine[0]], "/analysisId"),
        ([mine[0], others[0]], "/otherId"),
        ([MISSING, mine[0]], "/analysisId"),
        ([mine[0], MISSING], "/otherId"),
        (others, "/analysisId"),
    ):
        answer = await member.post(PATH, body_of(ids))
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "missing_reference",
            [pointer],
        )
        details.append(answer.json["detail"])
    assert len(set(details)) == 1


async def test_a_comparison_of_somebody_else_looks_like_one_that_does_not_exist(
    anyone: Caller, people: People, db: Database
) -> None:
    admin, own = anyone.bearing(people.tokens["admin"]), people.things["comparison_id"]
    for one in (own, MISSING):
        for method in ("GET", "DELETE"):
            answer = await admin.call(method, f"{PATH}/{one}")
            assert (answer.status, answer.code) == (404, "not_found")
            assert answer.json["detail"] == "there is no such screenshot comparison"
    assert (await db.screenshot_comparisons.get(own)).id == own
    member = anyone.bearing(people.tokens["member"])
    assert (await member.get(f"{PATH}/{own}")).status == 200
    assert (await member.delete(f"{PATH}/{own}")).status == 204


async def test_comparisons_are_listed_of_a_user_and_of_a_screenshot(
    service: Caller, anyone: Caller, people: People, db: Database
) -> None:
    rising, falling = await two(db, people, "admin", 1, 2), await two(db, people, "admin", 2, 1)
    for ids, kind in ((rising, "progress"), (falling, "progress"), (rising, "other")):
        await service.post(PATH, body_of(ids, comparisonType=kind))
    of_user = f"/v1/users/{people.ids['admin']}/screenshot-comparisons"
    of_screenshot = f"/v1/screenshots/{rising[1]}/comparisons"

    async def found(path: str) -> list[tuple[str, str]]:
        rows = (await service.get(path)).json["data"]
        return [(row["comparisonType"], row["trend"]) for row in rows]

    up, down, other = ("progress", "up"), ("progress", "down"), ("other", "up")
    assert await found(of_user) == [other, down, up]
    assert await found(f"{of_user}?sort=oldest&comparisonType=progress") == [up, down]
    assert await found(f"{of_user}?trend=down") == [down]
    assert await found(of_screenshot) == [other, up]
    assert await found(f"{of_screenshot}?comparisonType=other") == [other]
    for wrong in ("trend=sideways", "comparisonType=A", "sort=best", "since=now"):
        answer = await service.get(f"{of_user}?{wrong}")
        assert (answer.status, answer.pointers) == (400, [wrong.partition("=")[0]])
    answer = await anyone.bearing(people.tokens["member"]).get(of_user)
    assert (answer.status, answer.code) == (403, "not_your_account")
