"""Code reports over HTTP."""

import asyncio
from typing import Any

from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

PATH = "/v1/code-reports"
MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


async def test_a_report_is_made_and_settled(service: Caller, people: People) -> None:
    reporter, reviewer = str(people.ids["member"]), str(people.ids["admin"])
    body = {"code": "Slime24", "reason": "other", "details": "odd", "reporterId": reporter}
    made = await service.post(PATH, body)
    assert made.status == 201
    assert {name: made.json[name] for name in body} == body
    assert (made.json["status"], made.json["reviewedAt"]) == ("pending", None)
    path = made.headers["Location"]
    assert path == f"{PATH}/{made.json['id']}"
    assert (await service.get(path)).json == made.json
    settled = await service.post(f"{path}/review", {"status": "verified", "reviewerId": reviewer})
    assert settled.status == 200
    assert (settled.json["status"], settled.json["reviewerId"]) == ("verified", reviewer)
    assert settled.json["reviewedAt"].endswith("Z")
    for status in ("verified", "rejected"):
        again = await service.post(f"{path}/review", {"status": status})
        assert (again.status, again.code) == (409, "conflict")
        assert "verified already" in again.json["detail"]
    assert (await service.get(path)).json == settled.json
    assert (await service.delete(path)).status == 204
    for gone in (
        await service.get(path),
        await service.delete(path),
        await service.post(f"{path}/review", {"status": "rejected"}),
    ):
        assert (gone.status, gone.code) == (404, "not_found")


async def test_of_many_reviews_at_once_one_counts(service: Caller, people: People) -> None:
    path = f"{PATH}/{people.things['report_id']}"
    bodies = [{"status": status} for status in ("verified", "rejected")] * 5
    answers = await asyncio.gather(*(service.post(f"{path}/review", body) for body in bodies))
    won = [answer.json for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {answer.status for answer in answers} == {200, 409}
    assert (await service.get(path)).json == won[0]


async def test_people_that_are_not_known_are_missing_references(
    service: Caller, people: People
) -> None:
    body = {"code": "A", "reason": "expired", "reporterId": MISSING}
    made = await service.post(PATH, body)
    assert (made.status, made.code, made.pointers) == (422, "missing_reference", ["/reporterId"])
    path = f"{PATH}/{people.things['report_id']}"
    review = await service.post(f"{path}/review", {"status": "verified", "reviewerId": MISSING})
    assert (review.code, review.pointers) == ("missing_reference", ["/reviewerId"])
    assert (await service.get(path)).json["status"] == "pending"
    assert len((await service.get(PATH)).json["data"]) == 1


async def reported(service: Caller, people: People) -> list[str]:
    """The ids of six more reports, oldest first: of two codes, by two people, every second one settled."""
    ids = []
    for number in range(6):
        body: dict[str, Any] = {"code": f"C{number % 3}", "reason": "expired"}
        body["reporterId"] = str(people.ids["admin" if number < 3 else "owner"])
        made = (await service.post(PATH, body)).json
        if number % 2:
            await service.post(f"{PATH}/{made['id']}/review", {"status": "rejected"})
        ids.append(made["id"])
    return ids


async def test_reports_are_found_by_all_that_is_asked_for(service: Caller, people: People) -> None:
    ids = await reported(service, people)
    first, admin = str(people.things["report_id"]), people.ids["admin"]

    async def found(query: str) -> list[str]:
        answer = await service.get(f"{PATH}?{query}")
        assert answer.status == 200, answer.content
        return [report["id"] for report in answer.json["data"]]

    assert await found("") == [*ids[::-1], first]
    assert await found("status=pending&sort=oldest") == [first, *ids[::2]]
    assert await found("code=C1") == [ids[4], ids[1]]
    assert await found("code=c1") == []
    assert await found(f"reporterId={admin}") == ids[2::-1]
    assert await found(f"reporterId={admin}&status=rejected&code=C1") == [ids[1]]
    page = (await service.get(f"{PATH}?status=pending&limit=2")).json
    rest = (await service.get(f"{PATH}?status=pending&limit=2&cursor={page['nextCursor']}")).json
    listed = [report["id"] for report in [*page["data"], *rest["data"]]]
    assert listed == [ids[4], ids[2], ids[0], first]
    other = await service.get(f"{PATH}?status=rejected&limit=2&cursor={page['nextCursor']}")
    assert other.code == "invalid_cursor"
    for query, name in (("status=done", "status"), ("sort=best", "sort"), ("code=a%20b", "code")):
        refused = await service.get(f"{PATH}?{query}")
        assert (refused.code, refused.pointers) == ("invalid_parameter", [name])


async def test_a_session_reports_for_itself(anyone: Caller, people: People) -> None:
    stranger, own = anyone.bearing(people.tokens["stranger"]), str(people.ids["stranger"])
    for named in ({}, {"reporterId": own}, {"reporterId": None}):
        made = await stranger.post(PATH, {"code": "A", "reason": "invalid", **named})
        assert (made.status, made.json["reporterId"]) == (201, own)
        assert (await stranger.get(made.headers["Location"])).json == made.json
    body = {"code": "A", "reason": "invalid", "reporterId": str(people.ids["member"])}
    other = await stranger.post(PATH, body)
    assert (other.status, other.code) == (403, "not_your_account")
    mine = (await stranger.get(f"/v1/users/{own}/code-reports")).json["data"]
    assert [report["reporterId"] for report in mine] == [own, own, own]
    settled = await stranger.get(f"/v1/users/{own}/code-reports?status=verified")
    assert settled.json["data"] == []
    others = await stranger.get(f"/v1/users/{people.ids['member']}/code-reports")
    assert (others.status, others.code) == (403, "not_your_account")


async def test_anothers_report_looks_like_one_that_does_not_exist(
    anyone: Caller, people: People, db: Database
) -> None:
    theirs = people.things["report_id"]
    nobodys = (await db.code_reports.create("A", "other")).id
    for role in ("stranger", "admin", "owner"):
        caller = anyone.bearing(people.tokens[role])
        documents = []
        for report in (theirs, nobodys, MISSING):
            answer = (await caller.get(f"{PATH}/{report}")).json
            documents.append((answer["status"], answer["code"], answer["detail"]))
        assert documents == [(404, "not_found", "there is no such code report")] * 3
    member = anyone.bearing(people.tokens["member"])
    assert (await member.get(f"{PATH}/{theirs}")).status == 200


async def test_only_services_list_settle_and_remove_reports(anyone: Caller, people: People) -> None:
    path = f"{PATH}/{people.things['report_id']}"
    for role in ("member", "owner"):
        caller = anyone.bearing(people.tokens[role])
        for answer in (
            await caller.get(PATH),
            await caller.post(f"{path}/review", {"status": "verified"}),
            await caller.delete(path),
        ):
            assert (answer.status, answer.code) == (403, "service_only")
    member = anyone.bearing(people.tokens["member"])
    assert (await member.get(path)).json["status"] == "pending"
    assert (await anyone.post(PATH, {"code": "A", "reason": "other"})).code == "unauthenticated"


async def test_a_report_outlives_its_reporter(service: Caller, people: People) -> None:
    assert (await service.delete(f"/v1/users/{people.ids['member']}")).status == 204
    report = (await service.get(f"{PATH}/{people.things['report_id']}")).json
    assert (report["reporterId"], report["code"]) == (None, "SLIME2024")
