"""W3C Trace Context over HTTP: whose trace a request is a part of, and where that is to be read."""

import io
import json
import re
from uuid import uuid4

import pytest

from service.accesslog import AccessLog
from service.app import GROUPS, create_app, endpoints
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def parts(parent: str) -> tuple[str, ...]:
    match = FORM.fullmatch(parent)
    assert match, parent
    return match.groups()


async def test_the_callers_trace_goes_on_with_a_span_of_the_requests_own(anyone: Caller) -> None:
    spans = set()
    for _ in range(2):
        answer = await anyone.get("/health/live", headers={"traceparent": GOOD})
        trace, span, flags = parts(answer.headers["traceparent"])
        assert (trace, flags) == (TRACE, "01")
        spans.add(span)
    assert len(spans | {SPAN}) == 3


@pytest.mark.parametrize(
    "bad",
    [
        "00-0-0-0",
        GOOD.upper(),
        GOOD.replace(TRACE, "0" * 32),
        GOOD.replace(SPAN, "0" * 16),
        f"ff{GOOD[2:]}",
        f"{GOOD}-more",
        f"01-{TRACE}-{SPAN}-01more",
        "",
    ],
)
async def test_without_a_good_one_a_new_trace_begins(anyone: Caller, bad: str) -> None:
    sent = {"traceparent": bad, "tracestate": "a=1"}
    made = {
        parts((await anyone.get("/health/live", headers=sent)).headers["traceparent"])
        for _ in range(2)
    }
    assert len({trace for trace, _, _ in made} | {TRACE}) == 3
    assert {flags for _, _, flags in made} == {"00"}
    assert "tracestate" not in (await anyone.get("/health/live", headers=sent)).headers


async def test_a_later_version_is_read_as_far_as_it_is_known(anyone: Caller) -> None:
    later = f"01-{TRACE}-{SPAN}-ff-what-is-to-come"
    answer = await anyone.get("/health/live", headers={"traceparent": later})
    assert parts(answer.headers["traceparent"])[::2] == (TRACE, "03")


@pytest.mark.parametrize(
    ("state", "passed"),
    [
        ("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
        ("a=" + "b" * 510, "a=" + "b" * 510),
        ("a=" + "b" * 511, None),
        ("a=é", None),
        ("", None),
    ],
)
async def test_a_tracestate_goes_with_its_trace_and_is_bounded(
    anyone: Caller, state: str, passed: str | None
) -> None:
    sent = {"traceparent": GOOD, "tracestate": state}
    assert (await anyone.get("/health/live", headers=sent)).headers.get("tracestate") == passed
    alone = await anyone.get("/health/live", headers={"tracestate": state})
    assert "tracestate" not in alone.headers


async def test_every_answer_names_its_trace(service: Caller, people: People) -> None:
    tag = (await service.get("/v1/guilds/7000")).headers["ETag"]
    for answer in (
        await service.get("/v1/nothing"),
        await service.get("/v1/guilds/7001"),
        await service.get("/v1/guilds/7000", headers={"If-None-Match": tag}),
        await service.get("/v1/guilds/7000/exports/members"),
        await service.bearing(None).get("/v1/guilds"),
    ):
        parts(answer.headers["traceparent"])


async def test_the_log_line_and_the_audit_row_tell_of_the_trace(
    service: Caller, people: People, db: Database, settings: Settings
) -> None:
    stream, request = io.BytesIO(), f"test-{uuid4().hex}"
    log = AccessLog(stream)
    app = create_app(settings, db, access_log=log)
    async with listening(app, settings) as address:
        caller = Caller(address, service.session, service.documented, service.token)
        sent = {"traceparent": GOOD, "X-Request-Id": request}
        answer = await caller.patch("/v1/guilds/7000", {"name": "a"}, headers=sent)
    log.flush()
    line = json.loads(stream.getvalue())
    assert (line["traceId"], line["spanId"]) == parts(answer.headers["traceparent"])[:2]
    (row,) = (await db.audit_logs.list_of_request(request)).items
    assert row.details["traceId"] == TRACE


def test_the_document_promises_it_of_every_answer(anyone: Caller) -> None:
    document = anyone.documented
    for endpoint in endpoints(GROUPS):
        operation = document.operation(endpoint.route.method, endpoint.route.path)
        assert operation is not None
        for status, response in operation["responses"].items():
            headers = document.resolved(response)["headers"]
            assert {"X-Request-Id", "traceparent"} <= set(headers), (endpoint.route, status)
