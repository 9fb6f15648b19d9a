"""The one thing around every request: its id, its place in the queue, its deadline, its errors and its record."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict, CIMultiDictProxy

from service import admission, audits, faults, logs, problems
from service.accesslog import AccessLog, Line, now
from service.endpoint import Endpoint
from service.problems import Refusal
from service.routes import Call
from service.state import State
from service.streams import Stream
from service.traces import Trace
from slimy_dal.engine.deadline import deadline
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.isolation import on_behalf_of

CALL = web.RequestKey("call", Call)

UNMATCHED = "unmatched"
CLIENT_CLOSED = 499
"""Only in logs and metrics: the caller left before there was an answer."""

REQUEST_TIMEOUT = 408
UNSUPPORTED_MEDIA_TYPE = 415

OPERATORS = frozenset({"permission_denied"})
"""The caller's problems by their status, but those who run the service must hear of them."""

GRACE = 0.5
"""Seconds in which a call that ran out of time may still be cancelled in the database."""

HEADERS: Mapping[str, str] = {
    "Server": "slimy",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}\Z")


@dataclass(slots=True)
class _Answer:
    """A response on its way out, with what the record says about it."""

    response: web.StreamResponse
    code: str | None = None


class Pipeline:
    """The middleware of one application."""

    def __init__(
        self, state: State, endpoints: Mapping[Handler, Endpoint], log: AccessLog | None
    ) -> None:
        self._state = state
        self._endpoints = endpoints
        self._log = log

    def middleware(self) -> Middleware:
        """Return what aiohttp calls around every handler, the one for unknown addresses included."""

        @web.middleware
        async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._around(request, handler)

        return around

    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        state = self._state
        call = Call(request, state, request_id(request), Trace.of(request.headers))
        request[CALL] = call
        endpoint = self._endpoints.get(request.match_info.handler)
        state.admission.enter(_priority(endpoint))
        answer = None
        try:
            answer = await self._answer(call, endpoint, handler)
            self._dress(call, answer.response)
            return answer.response
        finally:
            if answer is not None and isinstance(answer.response, Stream):
                answer.response.ended = partial(self._ended, call, endpoint, started, answer)
            else:
                self._ended(call, endpoint, started, answer)

    def _ended(
        self, call: Call, endpoint: Endpoint | None, started: float, answer: _Answer | None
    ) -> None:
        """Give the place free and record the request: of what is sent piece by piece, after its last piece."""
        self._state.admission.leave(_priority(endpoint))
        seconds = time.perf_counter() - started
        status = CLIENT_CLOSED if answer is None else answer.response.status
        route = UNMATCHED if endpoint is None else endpoint.route.path
        self._state.metrics.record(call.request.method, route, status, seconds)
        if self._log is not None:
            self._log.write(_line(call, route, status, seconds, answer))

    async def _answer(self, call: Call, endpoint: Endpoint | None, handler: Handler) -> _Answer:
        """Return the response; a write goes on when its caller leaves, and then records its end by itself."""
        if endpoint is None or endpoint.route.method == "GET":
            return await self._outcome(call, endpoint, handler)
        state = self._state
        task = asyncio.create_task(self._outcome(call, endpoint, handler))
        state.writes.add(task)
        task.add_done_callback(state.writes.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                # It still takes a place: those who hang up must not get more in than those who wait.
                state.admission.enter(endpoint.priority)
                task.add_done_callback(partial(self._ended_alone, call, endpoint))
            raise

    def _ended_alone(self, call: Call, endpoint: Endpoint, task: asyncio.Task[_Answer]) -> None:
        self._state.admission.leave(endpoint.priority)
        answer = None if task.cancelled() else task.result()
        logs.event(
            logging.WARNING if answer is None or answer.response.status >= 500 else logging.INFO,  # noqa: PLR2004
            "a write ended after its caller had left",
            requestId=call.request_id,
            route=endpoint.route.path,
            status=None if answer is None else answer.response.status,
            code="cancelled" if answer is None else answer.code,
        )

    async def _outcome(self, call: Call, endpoint: Endpoint | None, handler: Handler) -> _Answer:
        """Return the response of the handler, or the problem that stands for its failure."""
        places: faults.Places = {} if endpoint is None else endpoint.places
        try:
            self._state.admission.check(_priority(endpoint))
            return _Answer(await self._within_deadline(call, handler))
        except Refusal as error:
            refusal = error
        except SlimyError as error:
            refusal = faults.refusal(error, places)
            if refusal.kind.status >= 500 or refusal.code in OPERATORS:  # noqa: PLR2004
                _report(call, error, refusal)
        except web.HTTPException as error:
            refusal = faults.from_aiohttp(error)
        except Exception as error:  # noqa: BLE001 -- the last place where a caller can be told
            refusal = Refusal("internal", "something failed inside the service")
            _report(call, error, refusal)
        if endpoint is not None:
            audits.refused(call, endpoint.route, refusal)
        return _Answer(_response(refusal, call.request_id), refusal.code)

    async def _within_deadline(self, call: Call, handler: Handler) -> web.StreamResponse:
        limit = self._state.settings.request_timeout
        timer = asyncio.timeout(limit + GRACE)
        try:
            # The database's calls end first, and say what became of them; the timer is for all the rest.
            with deadline(limit), on_behalf_of(call.request_id):
                async with timer:
                    return await handler(call.request)
        except TimeoutError:
            if not timer.expired():
                raise
            if call.reading:
                detail = f"the body did not arrive within {limit:g} seconds; nothing was done"
                raise Refusal("request_timeout", detail) from None
            detail = f"there was no answer within {limit:g} seconds; read the state before you repeat a change"
            raise Refusal("deadline_exceeded", detail) from None

    def _dress(self, call: Call, response: web.StreamResponse) -> None:
        headers = response.headers
        headers["X-Request-Id"] = call.request_id
        headers.update(call.told)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.update(call.trace.headers)
        if self._state.draining or response.status == REQUEST_TIMEOUT:
            response.force_close()


def _priority(endpoint: Endpoint | None) -> admission.Priority:
    return "small" if endpoint is None else endpoint.priority


def unreadable(request: web.BaseRequest, status: int) -> web.Response:
    """Return the answer to what cannot be read as HTTP, or failed before the pipeline."""
    if status >= 500:  # noqa: PLR2004 -- the service's own failures
        refusal = Refusal("internal", "something failed inside the service")
    elif status == UNSUPPORTED_MEDIA_TYPE:
        refusal = Refusal("unsupported_media_type", faults.ENCODING)
    else:
        refusal = Refusal("bad_request", "this cannot be read as an HTTP request", status=status)
    identifier = request_id(request)
    response = _response(refusal, identifier)
    # What could not be read has a plain dict for headers.
    trace = Trace.of(CIMultiDictProxy(CIMultiDict(request.headers))).headers
    response.headers.update({**HEADERS, **trace, "X-Request-Id": identifier})
    return response


def request_id(request: web.BaseRequest) -> str:
    """Return the caller's request id where it is well formed, else a new one."""
    given = request.headers.get("X-Request-Id")
    return given if given is not None and _REQUEST_ID.match(given) else uuid.uuid4().hex


def _response(refusal: Refusal, identifier: str) -> web.Response:
    status, body = problems.render(refusal, identifier)
    headers = dict(refusal.headers)
    return web.Response(status=status, body=body, content_type=problems.MEDIA_TYPE, headers=headers)


def _line(call: Call, route: str, status: int, seconds: float, answer: _Answer | None) -> Line:
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
        bytes=None if answer is None else answer.response.content_length,
        caller=None if call.principal is None else call.principal.label,
        remote=call.remote,
        code=None if answer is None else answer.code,
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
        logging.WARNING if refusal.kind.retryable else logging.ERROR,
        f"request {call.request_id} failed: {type(error).__name__}: {words}",
        requestId=call.request_id,
        error=type(error).__name__,
        code=refusal.code,
        **places,
    )
