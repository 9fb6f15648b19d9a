"""Spans of requests: in whose trace they are, and what their queries are to them."""

import re

import pytest

from service.app import create_app
from service.server import listening
from service.settings import Settings, SettingsError
from slimy_dal import Database
from tests.service.conftest import Caller

pytest.importorskip("opentelemetry.sdk.trace", reason="the SDK is not installed here")

from slimy_dal.engine import otel
from tests.test_spans import Spans, of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_a_request_is_a_span_in_its_callers_trace_and_its_queries_are_its_children(
    anyone: Caller, db: Database, settings: Settings, key: str
) -> None:
    spans = Spans()
    on = settings.model_copy(update={"otel": True})
    with otel.tracing(spans.provider):
        async with listening(create_app(on, db), on) as address:
            caller = Caller(address, anyone.session, anyone.documented, key)
            sent = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
            answer = await caller.get("/v1/guilds?limit=3", headers=sent)
            assert answer.status == 200
            made = spans.taken()
            server = of(made, "GET /v1/guilds")
            assert dict(server.attributes) == {
                "http.request.method": "GET",
                "http.route": "/v1/guilds",
                "http.response.status_code": 200,
            }
            assert f"{server.parent.span_id:016x}" == SPAN
            assert answer.headers["traceparent"] == f"00-{TRACE}-{server.context.span_id:016x}-01"
            queries = [span for span in made if span is not server]
            assert {span.name for span in queries} >= {"guilds.list_newest"}
            assert {f"{span.context.trace_id:032x}" for span in made} == {TRACE}
            assert server.context.span_id in {span.parent.span_id for span in queries}
            # Nothing is taken from a trace that is not well formed, and nothing of one request is left to the next.
            answer = await caller.get("/v1/nowhere", headers={"traceparent": f"00-{TRACE}-0-01"})
            (lost,) = spans.taken()
            assert (lost.name, lost.parent) == ("GET unmatched", None)
            assert re.match(f"00-{lost.context.trace_id:032x}-", answer.headers["traceparent"])
            assert "error.type" not in lost.attributes


def test_spans_are_refused_at_the_start_where_they_cannot_be_made() -> None:
    assert Settings.from_environment({"DATABASE_URL": "x", "SLIMY_OTEL": "1"}).otel
    with pytest.raises(SettingsError):
        Settings.from_environment({"DATABASE_URL": "x", "SLIMY_OTEL": "perhaps"})
