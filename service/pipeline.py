"""The one thing around every request: its id, its place in the queue, its deadline, its errors and its record."""

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TypeVar

from aiohttp import HttpVersion10, web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict, CIMultiDictProxy, istr

from service import admission, audits, faults, logs, problems, unmatched
from service.accesslog import AccessLog, Line, now
from service.endpoint import Endpoint
from service.problems import Refusal
from service.routes import Call
from service.state import State
from service.streams import Stream
from service.timekeeper import Timekeeper
from service.traces import Trace
from slimy_dal.engine.errors import LoginRefused, SlimyError

E = TypeVar("E", bound=Exception)

UNMATCHED = "unmatched"
CLIENT_CLOSED = 499
"""Only in logs and metrics: the caller left before there was an answer."""

REQUEST_TIMEOUT = 408
URI_TOO_LONG = 414
HEADERS_TOO_LARGE = 431

OPERATORS = frozenset({"permission_denied"})
"""The caller's problems by their status, but those who run the service must hear of them."""

REQUEST_ID = istr("X-Request-Id")
HEADERS: Mapping[str, str] = {
    "Server": "slimy",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

_HEADERS = tuple((istr(name), value) for name, value in HEADERS.items())
"""The same, with names that need not be folded for each answer."""

_HOST = re.compile(r"(?:[\w.~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?\Z", re.ASCII)
"""What RFC 3986 lets a host be; who takes less for one may have been told apart by it on the way."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}\Z")


class Pipeline:
    """What every request of one application goes through."""

    def __init__(self, state: State, log: AccessLog | None) -> None:
        self._state = state
        self._log = log
        self._time = Timekeeper(state.settings.request_timeout)

    def around(self, endpoint: Endpoint | None) -> Handler:
        """Return what aiohttp calls for an endpoint, or, for None, where no endpoint is meant."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._around(request, endpoint, Trace.of(request.headers))

        if self._state.settings.otel:
            from service.spans import traced  # noqa: PLC0415 -- what it needs may not be installed

            route = UNMATCHED if endpoint is None else endpoint.route.path
            return traced(lambda request, trace: self._around(request, endpoint, trace), route)
        return handle

    async def _around(
        self, request: web.Request, endpoint: Endpoint | None, trace: Trace
    ) -> web.StreamResponse:
        started, state = time.perf_counter(), self._state
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- aiohttp runs every request in a task of its own
        call = Call(request, state, request_id(request, trace), trace, task)
        writes = endpoint is not None and endpoint.writes
        if writes:
            state.writes.add(task)
        state.admission.enter(_priority(endpoint))
        response = None
        try:
            response = await self._outcome(call, endpoint)
            self._dress(call, response)
            return response
        finally:
            if isinstance(response, Stream):
                response.ended = partial(self._ended, call, endpoint, started, response)
            else:
                self._ended(call, endpoint, started, response)

    def _ended(
        self,
        call: Call,
        endpoint: Endpoint | None,
        started: float,
        response: web.StreamResponse | None,
    ) -> None:
        """Give the place free and record the request: of what is sent piece by piece, after its last piece."""
        self._state.admission.leave(_priority(endpoint))
        seconds = time.perf_counter() - started
        status = CLIENT_CLOSED if response is None else response.status
        route = UNMATCHED if endpoint is None else endpoint.route.path
        self._state.metrics.record(call.request.method, route, status, seconds)
        if endpoint is not None and endpoint.writes:
            self._written(call, route, status)
        if self._log is not None:
            self._log.write(_line(call, route, status, seconds, response))

    def _written(self, call: Call, route: str, status: int) -> None:
        """Tell of a write that nobody heard the end of: it goes on when its caller leaves (see `connection`)."""
        self._state.writes.discard(call.task)
        if call.request.transport is None:
            logs.event(
                logging.WARNING if status >= CLIENT_CLOSED else logging.INFO,
                "a write ended after its caller had left",
                requestId=call.request_id,
                route=route,
                status=status,
                code=call.code,
            )

    async def _outcome(self, call: Call, endpoint: Endpoint | None) -> web.StreamResponse:
        """Return the response of the handler, or the problem that stands for its failure."""
        places: faults.Places = {} if endpoint is None else endpoint.places
        try:
            _check_head(call.request)
            operation = "" if endpoint is None else endpoint.operation
            self._state.admission.check(_priority(endpoint), operation)
            work = unmatched.refuse if endpoint is None else endpoint.answer
            return await self._time.within(call, work)
        except Refusal as error:
            refusal = _alone(error)
        except SlimyError as error:
            refusal = faults.refusal(error, places)
            if refusal.kind.status >= 500 or refusal.code in OPERATORS:  # noqa: PLR2004
                _report(call, error, refusal)
            _alone(error)
        except web.HTTPException as error:
            refusal = faults.from_aiohttp(error)
        except Exception as error:  # noqa: BLE001 -- the last place where a caller can be told
            refusal = Refusal("internal", "something failed inside the service")
            _report(call, error, refusal)
        if endpoint is not None:
            audits.refused(call, endpoint.route, refusal)
        call.code = refusal.code
        return _response(refusal, call.request_id)

    def _dress(self, call: Call, response: web.StreamResponse) -> None:
        headers = response.headers
        headers[REQUEST_ID] = call.request_id
        headers.update(call.told)
        for name, value in _HEADERS:
            headers.setdefault(name, value)
        headers.update(call.trace.headers)
        asked = call.request
        # What follows a request for another protocol may be in that protocol, or lost to the parser.
        switches = "Upgrade" in asked.headers or asked.method == "CONNECT"
        if switches or self._state.draining or response.status == REQUEST_TIMEOUT:
            response.force_close()


def _alone(error: E) -> E:
    """Return an error without its frames: one of them holds it, and so nothing of its request would be let go."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _check_head(request: web.Request) -> None:
    if request.version < HttpVersion10:
        raise Refusal("bad_request", "only HTTP/1.0 and HTTP/1.1 are spoken here")
    if not _is_host(request.headers.get("Host", "")):
        raise Refusal("bad_request", "the Host header does not name a host")


@lru_cache(maxsize=64)
def _is_host(name: str) -> bool:
    return _HOST.match(name) is not None


def _priority(endpoint: Endpoint | None) -> admission.Priority:
    return "small" if endpoint is None else endpoint.priority


def unreadable(request: web.BaseRequest, status: int) -> web.Response:
    """Return the answer to what cannot be read as HTTP, or failed before the pipeline."""
    if status >= 500:  # noqa: PLR2004 -- the service's own failures
        refusal = Refusal("internal", "something failed inside the service")
    elif status == URI_TOO_LONG:
        refusal = Refusal("uri_too_long", "the address may have at most 8190 bytes")
    elif status == HEADERS_TOO_LARGE:
        detail = "a header may have at most 8192 bytes, and a request at most 128 of them"
        refusal = Refusal("headers_too_large", detail)
    else:
        refusal = Refusal("bad_request", "this cannot be read as an HTTP request", status=status)
    return outside(request, refusal)


def outside(request: web.BaseRequest, refusal: Refusal) -> web.Response:
    """Return the answer to what never came as far as a pipeline."""
    # What could not be read has a plain dict for headers.
    trace = Trace.of(CIMultiDictProxy(CIMultiDict(request.headers)))
    identifier = request_id(request, trace)
    response = _response(refusal, identifier)
    response.headers.update({**HEADERS, **trace.headers, REQUEST_ID: identifier})
    return response


def request_id(request: web.BaseRequest, trace: Trace) -> str:
    """Return the caller's request id where it is well formed, else the one of its trace."""
    given = request.headers.get(REQUEST_ID)
    return given if given is not None and _REQUEST_ID.match(given) else trace.trace_id


def _response(refusal: Refusal, identifier: str) -> web.Response:
    status, body = problems.render(refusal, identifier)
    return web.Response(
        status=status,
        body=body,
        content_type=problems.MEDIA_TYPE,
        headers=problems.headers(refusal),
    )


def _line(
    call: Call, route: str, status: int, seconds: float, response: web.StreamResponse | None
) -> Line:
    request = call.request
    return Line(
        time=now(),
        level="error" if status >= 500 else "info",  # noqa: PLR2004 -- the service's own failures
        request_id=call.request_id,
        trace_id=call.trace.trace_id,
        span_id=call.trace.span_id,
        method=request.method,
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 2),
        bytes=None if response is None else response.content_length,
        caller=None if call.principal is None else call.principal.label,
        remote=call.remote,
        code=call.code,
    )


def _report(call: Call, error: Exception, refusal: Refusal) -> None:
    """Log a failure as one line; only our own errors are known to quote no values, and only defects need places."""
    words = (
        error.message
        if isinstance(error, SlimyError)
        else "(message withheld: it may quote values)"
    )
    places = {"frames": logs.frames(error)} if refusal.code == "internal" else {}
    logs.event(
        logging.WARNING
        if refusal.kind.retryable and not isinstance(error, LoginRefused)
        else logging.ERROR,
        f"request {call.request_id} failed: {type(error).__name__}: {words}",
        requestId=call.request_id,
        error=type(error).__name__,
        code=refusal.code,
        **places,
    )
