"""Audit logs over HTTP."""

from typing import Any

import pytest

from slimy_dal.domain.audit_logs import NewAuditLog
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People, at

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
LOGS = "/v1/audit-logs"
LOG = {"action": "ClubAnalysis:Create", "resourceType": "ClubAnalysis"}


def actions(answer: Any) -> list[str]:
    return [row["action"] for row in answer.json["data"]]


async def test_an_action_is_logged_in_the_request_that_says_so(
    service: Caller, people: People
) -> None:
    body = {
        **LOG,
        "userId": str(people.ids["member"]),
        "details": {"images": 3},
        "ipAddress": "2001:DB8::1",
        "success": False,
        "errorMessage": "no space",
    }
    made = await service.post(LOGS, body, headers={"X-Request-Id": "request-1"})
    assert made.status == 201
    assert (made.json["action"], made.json["resourceType"]) == (
        "club_analysis.create",
        "club_analysis",
    )
    assert (made.json["requestId"], made.json["ipAddress"]) == ("request-1", "2001:db8::1")
    assert (await service.get(made.headers["Location"])).json["data"] == [made.json]
    other = await service.post(LOGS, {**LOG, "requestId": "request-2"})
    assert other.json["requestId"] == "request-2"
    without = await service.post(LOGS, LOG)
    assert without.json["requestId"] == without.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"userId": MISSING}, "missing_reference", "/userId"),
        ({"timestamp": "1999-01-01T00:00:00Z"}, "validation_failed", "/timestamp"),
        ({"errorMessage": "x"}, "validation_failed", "/errorMessage"),
        ({"action": "a" * 101}, "validation_failed", "/action"),
        ({"action": "..."}, "validation_failed", "/action"),
        ({"ipAddress": "nowhere"}, "validation_failed", "/ipAddress"),
    ],
)
async def test_what_cannot_be_logged_is_named(
    service: Caller, wrong: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await service.post(LOGS, {**LOG, **wrong})
    assert (answer.status, answer.code) == (422, code)
    assert pointer in answer.pointers
    assert actions(await service.get(LOGS)) == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_nothing_changes_or_removes_what_was_logged(
    service: Caller, people: People, db: Database, method: str
) -> None:
    made = (await service.post(LOGS, LOG)).json
    for path in (LOGS, f"{LOGS}:totals"):
        answer = await service.call(method, path, {} if method != "DELETE" else None)
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert method not in answer.headers["Allow"]
    answer = await service.call(method, f"{LOGS}/{made['id']}", {} if method != "DELETE" else None)
    assert (answer.status, answer.code) == (404, "no_such_route")
    assert (await service.get(LOGS)).json["data"] == [made]


@pytest.fixture
async def logged(owners: Database, people: People) -> None:
    member = people.ids["member"]
    await owners.audit_logs.record_many(
        [
            NewAuditLog("a.made", "guild", "1", member, timestamp=at(0), request_id="first"),
            NewAuditLog("a.made", "user", "2", member, timestamp=at(1), success=False),
            NewAuditLog("b.gone", "user", "2", timestamp=at(2), request_id="second"),
            NewAuditLog("b.gone", "user", "3", timestamp=at(30)),
        ]
    )


@pytest.mark.usefixtures("logged")
async def test_logs_are_found_by_what_they_are_about(service: Caller, people: People) -> None:
    for query, count in (
        ("", 4),
        ("?action=A.Made", 2),
        ("?resourceType=user", 3),
        ("?resourceType=user&resourceId=2", 2),
        (f"?userId={people.ids['member']}", 2),
        ("?success=false", 1),
        ("?success=true", 3),
        ("?success=true&action=a.made", 1),
        ("?requestId=first", 1),
        ("?requestId=third", 0),
        (f"?since={at(1):%Y-%m-%dT%H:%M:%SZ}&until={at(3):%Y-%m-%dT%H:%M:%SZ}", 2),
    ):
        assert len(actions(await service.get(LOGS + query))) == count, query
    newest = await service.get(f"{LOGS}?limit=1")
    assert newest.json["data"][0]["resourceId"] == "3"
    rest = await service.get(f"{LOGS}?cursor={newest.json['nextCursor']}")
    assert [row["resourceId"] for row in rest.json["data"]] == ["2", "2", "1"]


async def test_a_request_is_asked_for_alone(service: Caller) -> None:
    for other in ("action=a", "success=true", "since=2026-01-01T00:00:00Z"):
        answer = await service.get(f"{LOGS}?requestId=r&{other}")
        assert (answer.status, answer.code) == (400, "invalid_parameter")
        assert answer.pointers == ["requestId"]
    for wrong in ("action=!", "resourceType=.."):
        answer = await service.get(f"{LOGS}?{wrong}")
        assert (answer.status, answer.code) == (400, "invalid_parameter")
        assert answer.pointers == [wrong.partition("=")[0]]


@pytest.mark.usefixtures("logged")
async def test_totals_count_what_was_done_and_what_failed(service: Caller) -> None:
    since, until = (f"{at(hours):%Y-%m-%dT%H:%M:%SZ}" for hours in (0, 48))
    answer = await service.get(f"{LOGS}:totals?since={since}&until={until}")
    assert answer.json == {
        "total": 4,
        "successful": 3,
        "failed": 1,
        "successRate": 0.75,
        "byAction": [
            {"action": "a.made", "entries": 2, "failures": 1},
            {"action": "b.gone", "entries": 2, "failures": 0},
        ],
    }
    nothing = await service.get(f"{LOGS}:totals?since={until}&until=2099-01-01T00:00:00Z")
    assert (nothing.json["total"], nothing.json["successRate"]) == (0, None)


async def test_the_log_is_for_services_with_the_scope(
    anyone: Caller, people: People, db: Database
) -> None:
    owner = anyone.bearing(people.tokens["owner"])
    assert (await owner.get(LOGS)).code == "service_only"
    assert (await owner.post(LOGS, LOG)).code == "service_only"
    reader = anyone.bearing((await db.api_keys.create("r", ["audit-logs:read"])).key)
    assert (await reader.get(LOGS)).status == 200
    assert (await reader.post(LOGS, LOG)).code == "insufficient_scope"
    writer = anyone.bearing((await db.api_keys.create("w", ["audit-logs:write"])).key)
    assert (await writer.post(LOGS, LOG)).status == 201
    assert (await writer.get(LOGS)).code == "insufficient_scope"
    assert (await anyone.get(LOGS)).code == "unauthenticated"
