"""A small fuzz of every route, and the proof that its judge would see what is wrong."""

import json
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from service.app import GROUPS, STATE, create_app, endpoints
from service.problems import Refusal, render
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.service.conftest import Answer, People, crowd
from tests.service.fuzz.answers import Judge
from tests.service.fuzz.mutations import Maker, Sent, World
from tests.service.fuzz.run import broken_rules, fuzz

pytestmark = pytest.mark.slow

REQUESTS = 2500
GROWTH = 30
"""Megabytes: the caches of statements fill, and there they end."""


@pytest.mark.fault("V16")
async def test_thousands_of_spoilt_requests_find_no_defect(database_url: str) -> None:
    report = await fuzz(database_url, seed=7, numbers=range(REQUESTS))
    assert not report.faults, "\n".join(report.faults)
    assert not report.said, "\n".join(report.said)
    assert report.statuses.total() == REQUESTS
    assert report.growth < GROWTH, str(report)
    # What is never right would not come far, and what is never wrong would prove nothing.
    for status in (200, 201, 204, 400, 401, 403, 404, 405, 422):
        assert report.statuses[status] > 0, str(report)


async def test_a_request_follows_from_its_seed_and_number_alone(people: People) -> None:
    world = World(people, {"all": "a", "none": "", **people.tokens}, endpoints(GROUPS))
    once, again, other = ([Maker(seed).make(n, world) for n in range(300)] for seed in (1, 1, 2))
    assert once == again != other
    assert Maker(1).make(299, world) == once[299]
    reached = {one.method for one in once}
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= reached


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = {"X-Request-Id": "r-123456", "Content-Type": "application/problem+json"}
    return Answer(status, CIMultiDictProxy(CIMultiDict({**known, **(headers or {})})), content)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answer(500, render(Refusal("internal", "a"), "r-123456")[1]), "not to be expected"),
        (answer(418, render(Refusal("internal", "a"), "r-123456")[1]), "with status 418"),
        (answer(422, {"code": "new", "status": 422, "requestId": "r-123456"}), "catalogue"),
        (answer(400, b"<html>", {"Content-Type": "text/html"}), "without a problem"),
        (answer(406, render(Refusal("not_acceptable", "a"), "r-123456")[1]), "not to be expected"),
        (answer(404, render(Refusal("not_found", "a"), "another-id")[1]), "differ"),
        (answer(409, render(Refusal("busy", "a"), "r-123456")[1]), "with status 409"),
        (answer(202, {}), "not documented"),
        (Answer(200, CIMultiDictProxy(CIMultiDict()), b"{}"), "X-Request-Id"),
    ],
)
async def test_the_judge_sees_what_is_wrong(
    settings: Settings, db: Database, found: Answer, words: str
) -> None:
    """The control: a fuzz without faults is worth what its judge would have seen."""
    judge = Judge(json.loads(create_app(settings, db)[STATE].document), 1)
    fault = judge.fault(Sent(1, "GET", "/v1/guilds/5", [], None, "all"), found)
    assert fault is not None
    assert words in fault


async def test_what_is_half_done_in_the_database_is_found(db: Database, database_url: str) -> None:
    await crowd(db)
    assert broken_rules(database_url) == []
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM slimy.users WHERE discord_id = 1004")
        connection.execute(
            "INSERT INTO slimy.idempotency_keys (caller, key, request_hash)"
            " VALUES ('key:a', 'k', decode(repeat('00', 32), 'hex'))"
        )
    found = "\n".join(broken_rules(database_url))
    assert "user_guilds_user_id_fkey" in found
    assert "idempotency key without its answer" in found
