"""Puts a span of OpenTelemetry around each handler: its ids are those that the answer and the log name."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from service.metrics import METHODS
from service.traces import PARENT, STATE, Trace
from slimy_dal.engine.otel import request_span

Traced = Callable[[web.Request, Trace], Awaitable[web.StreamResponse]]


def traced(handle: Traced, route: str) -> Handler:
    """Return what aiohttp calls: `handle` within a span, which has the route's template for a name."""

    async def within(request: web.Request) -> web.StreamResponse:
        where = Trace.of(request.headers)
        method = request.method if request.method in METHODS else "_OTHER"
        with request_span(method, route, _parent(request, where)) as span:
            if span.ids is not None:
                where.trace_id, where.span_id, where.flags = span.ids
            response = await handle(request, where)
            span.answered(response.status)
            return response

    return within


def _parent(request: web.Request, where: Trace) -> dict[str, str]:
    """Return the headers of the caller's trace; none where they are not taken, as those that are sent twice."""
    said = request.headers.get(PARENT, "")
    return {PARENT: said, STATE: where.state} if where.trace_id in said else {}
