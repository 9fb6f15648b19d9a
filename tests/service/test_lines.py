"""Bulk bodies line by line (NDJSON): the same as one JSON value, each line checked as it arrives."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from service.app import GROUPS, endpoints
from slimy_dal.domain.database import Database
from tests.service.conftest import Answer, Caller, People

NDJSON = {"Content-Type": "application/x-ndjson"}
BATCH = "/v1/stats:batch"
GOOD = b'{"type":"a","value":1}'


def lines(*entries: Any) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


async def post(caller: Caller, data: Any, path: str = BATCH, **headers: str) -> Answer:
    return await caller.post(path, data=data, headers={**NDJSON, **headers})


async def kept(service: Caller) -> int:
    return len((await service.get("/v1/stats?limit=200")).json["data"])


async def test_every_bulk_call_that_is_nothing_but_a_list_takes_lines(
    service: Caller, people: People
) -> None:
    taking = {one.route.operation_id: one for one in endpoints(GROUPS) if one.lines}
    bulk = {one.route.operation_id for one in endpoints(GROUPS) if one.route.entries}
    # A club is observed at one moment, which is no line.
    assert bulk - set(taking) == {"club_members_ingest"}
    for endpoint in taking.values():
        route = endpoint.route
        operation = service.documented.operation(route.method, route.path)
        assert operation is not None
        assert operation["x-also-takes"] == ["application/x-ndjson"]
        assert "x-ndjson" in operation["requestBody"]["description"]
        assert {"each": "`results`", "all": "or none"}[route.entries] in operation["description"]


async def test_lines_are_kept_like_a_list(service: Caller, people: People) -> None:
    member, stranger = str(people.ids["member"]), str(people.ids["stranger"])
    stats = [{"type": "a", "value": number, "userId": member} for number in range(3)]
    assert (await post(service, lines(*stats))).json == {"recorded": 3}
    # The last line may do without its end.
    assert (await post(service, GOOD)).json == {"recorded": 1}
    said = [{"userId": member, "text": "x"}] * 2
    assert len((await post(service, lines(*said), "/v1/messages:batch")).json["ids"]) == 2
    removed = await post(service, lines(member, stranger), "/v1/guilds/7000/members:remove")
    assert [one["ok"] for one in removed.json["results"]] == [True, False]
    added = await post(service, lines({"userId": stranger}), "/v1/guilds/7000/members:add")
    assert [one["ok"] for one in added.json["results"]] == [True]


@pytest.mark.parametrize(
    ("bad", "code", "pointer"),
    [
        (b'{"type":"a"', "malformed_json", "/2"),
        (b"", "malformed_json", "/2"),
        (b'{"type":"a","value":1} {}', "malformed_json", "/2"),
        (b'{"type":"a","value":1,"value":2}', "unacceptable_json", "/2/value"),
        (b'{"type":"a","value":"\\u0000"}', "unacceptable_json", "/2/value"),
        (b'{"type":"","value":1}', "validation_failed", "/2/type"),
        (b'{"type":"a","value":1,"more":1}', "validation_failed", "/2/more"),
        (b"[]", "validation_failed", "/2"),
        (b'{"type":"a","value":1,"guildId":"7005"}', "missing_reference", "/2/guildId"),
    ],
)
async def test_a_line_that_is_wrong_is_told_of_by_its_number_and_nothing_is_kept(
    service: Caller, bad: bytes, code: str, pointer: str
) -> None:
    answer = await post(service, b"\n".join([GOOD, GOOD, bad, GOOD]))
    assert (answer.code, answer.pointers) == (code, [pointer])
    assert await kept(service) == 0


async def test_too_many_lines_and_none_are_refused(service: Caller) -> None:
    many = await post(service, (GOOD + b"\n") * 10_001)
    assert (many.status, many.code, many.pointers) == (422, "validation_failed", [""])
    for nothing in (b"", b"\n"):
        answer = await post(service, nothing)
        assert answer.status in {400, 422}
    assert await kept(service) == 0


async def test_what_comes_piece_by_piece_is_read_as_it_comes(service: Caller) -> None:
    async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
        for part in parts:
            yield part
            await asyncio.sleep(0.01)

    body = pieces(b'{"type":"a",', b'"value":1}', b"\n", GOOD + b"\n" + GOOD[:5], GOOD[5:])
    assert (await post(service, body)).json == {"recorded": 3}


async def test_a_wrong_line_is_refused_before_the_rest_has_come(service: Caller) -> None:
    waiting = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"wrong\n"
        await waiting.wait()
        yield GOOD

    answer = await asyncio.wait_for(post(service, endless()), 30)
    assert (answer.code, answer.pointers) == ("malformed_json", ["/0"])
    waiting.set()


async def test_lines_have_the_limits_of_other_bodies(service: Caller) -> None:
    async def large() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 64 * 1024

    long = await post(service, b" " * (4 * 1024 * 1024 + 1))
    assert (long.status, long.code) == (413, "payload_too_large")
    chunked = await post(service, large())
    assert (chunked.status, chunked.code) == (413, "payload_too_large")
    packed = gzip.compress(GOOD + b"\n" + GOOD)
    assert (await post(service, packed, **{"Content-Encoding": "gzip"})).json == {"recorded": 2}
    elsewhere = await service.post("/v1/guilds", data=GOOD, headers=NDJSON)
    assert elsewhere.code == "unsupported_media_type"


async def test_lines_are_done_once_for_a_key(service: Caller, db: Database) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first, again = await post(service, GOOD, **key), await post(service, GOOD + b"\n", **key)
    assert (first.json, again.json) == ({"recorded": 1}, {"recorded": 1})
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await post(service, GOOD + b"\n" + GOOD, **key)
    assert other.code == "idempotency_key_reused"
    assert await kept(service) == 1
