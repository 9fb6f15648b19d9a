"""What happens on a connection outside of requests: what is not HTTP, and who sends or reads too slowly."""

import asyncio
import logging
import socket
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler

from service import faults, pipeline, problems
from service.crowd import Crowd
from service.problems import Refusal

LINGERING = 2.0
"""Seconds in which the rest of a body that nobody wants is taken in, so that its sender gets to read the answer."""

HALF_CLOSED = 1.0
"""Seconds that a read goes on whose caller has closed: perhaps one side only, and it waits for the answer."""

LOOK_EVERY = 0.1
LEAST = 64 * 1024
"""Bytes that a reader must take within the patience there is."""

LINE, FIELD = 8190, 8192
"""The longest first line and header; they differ, because an error tells which it was by nothing else."""

_log = logging.getLogger("service")

SAFE = frozenset({"GET", "HEAD"})
"""Methods whose work nobody misses when its caller has left."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long, in seconds, a connection waits for its other end, and among how many."""

    header_timeout: float
    reader_patience: float
    crowd: Crowd


class _Connection(RequestHandler):
    """A connection whose answer to what is not HTTP is a problem too, and does not repeat what was sent."""

    def __init__(self, *arguments: Any, bounds: Bounds, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._bounds = bounds
        self._timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._requests = 0
        self._has_bytes = False
        self._body: StreamReader | None = None
        self._left_at = 0.0

    @property
    def rests(self) -> bool:
        """Whether it waits for a request."""
        return self._waiter is not None and not self._waiter.done() and not self._messages

    # -- what comes -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect a whole head within the time for it, or refuse at once where there is no room."""
        super().connection_made(transport)
        _give_up_on_silence(transport, self._bounds.reader_patience)
        if self._bounds.crowd.enter(self):
            self._expect_head()
            return
        detail = "as many connections as this process holds are at work"
        self._say(Refusal("overloaded", detail, headers={"Retry-After": "1"}))

    def data_received(self, data: bytes) -> None:
        """Take what has come; bytes while no request is under way begin the next head, and its time."""
        super().data_received(data)
        if self._request_count != self._requests:
            self._requests = self._request_count
            self._stop_timer()
            self._bounds.crowd.asked(self)
            if self._messages:
                self._body = self._messages[-1][1]
        elif self._waiter is not None and not self._waiter.done():
            self._has_bytes = True
            self._expect_head()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Stay open for the answer where a whole request has come; TLS cannot be closed by half."""
        whole = self._body is None or self._body.is_eof()
        if self.rests or not self._requests or not whole or self.ssl_context is not None:
            return False
        self._left_at = self._loop.time()
        self._look_at_half_closed()
        return True

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the timers with the connection, and end what nobody waits for any more: all but writes.

        A write that was cancelled half-way would be one whose outcome nobody knows.
        """
        self._stop_timer()
        self._stop_watching()
        self._bounds.crowd.leave(self)
        task, request = self._task_handler, self._current_request
        super().connection_lost(exc)
        if task is not None and (request is None or request.method in SAFE):
            task.cancel()

    # -- what goes ------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Let what is written wait for its reader, but not for ever."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """Go on: the reader has taken enough."""
        self._stop_watching()
        super().resume_writing()

    @property
    def expects_request(self) -> bool:
        """Whether it has had no request yet, or has had the beginning of the next."""
        return self.transport is not None and (self._request_count == 0 or self._has_bytes)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 -- it quotes the request
    ) -> web.StreamResponse:
        """Return the answer to what could not be read."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        _log.debug("a request could not be read: %s", type(exc).__name__)
        response = pipeline.unreadable(request, _status(exc, status))
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; what aiohttp refused by itself, such as `OPTIONS *`, as a problem too."""
        if isinstance(resp, web.HTTPException):
            resp = pipeline.outside(request, faults.from_aiohttp(resp))
            resp.force_close()  # what follows may be meant for a tunnel
        return await super().finish_response(request, resp, start_time)

    def log_exception(self, *arguments: Any, exc_info: Any = None, **options: Any) -> None:
        """Keep the rest of a body that cannot be decoded out of the log: its sender has an answer already."""
        if isinstance(exc_info, web.RequestPayloadError | HttpProcessingError):
            _log.debug("the rest of a body could not be read: %s", type(exc_info).__name__)
            return
        super().log_exception(*arguments, exc_info=exc_info, **options)

    # -- time -----------------------------------------------------------------------------------

    def _expect_head(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self._bounds.header_timeout, self._head_is_late)

    def _stop_timer(self) -> None:
        self._has_bytes = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if self._has_bytes:
            detail = "the headers did not arrive in time; nothing was done"
            self._say(Refusal("request_timeout", detail))
        else:
            self.force_close()

    def _watch_reader(self) -> None:
        if self.transport is not None:
            unread = self.transport.get_write_buffer_size()
            patience = self._bounds.reader_patience
            self._reader_timer = self._loop.call_later(patience, self._look_at_reader, unread)

    def _look_at_reader(self, unread: int) -> None:
        if self.transport is None:
            return
        if unread - self.transport.get_write_buffer_size() < LEAST:
            self.transport.abort()
        else:
            self._watch_reader()

    def _stop_watching(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    def _look_at_half_closed(self) -> None:
        """Close when all is answered, or when a read goes on for nobody; a write's caller is told its end."""
        if self.transport is None:
            return
        if self.rests:
            self.force_close()
            return
        if not self._messages:
            self._close = True  # after the answer that is under way
        request, late = self._current_request, self._loop.time() - self._left_at > HALF_CLOSED
        if late and request is not None and request.method in SAFE:
            self.transport.abort()
            return
        self._loop.call_later(LOOK_EVERY, self._look_at_half_closed)

    def _say(self, refusal: Refusal) -> None:
        """Answer without a request, and close."""
        if self.transport is not None:
            self.transport.write(_written(refusal))
        self.force_close()


def _give_up_on_silence(transport: asyncio.BaseTransport, seconds: float) -> None:
    """Let the kernel end a connection whose reader takes nothing at all, when we have long closed it too."""
    found = transport.get_extra_info("socket")
    if found is not None and found.family in {socket.AF_INET, socket.AF_INET6}:
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def _status(error: BaseException | None, status: int) -> int:
    """Return what an error of the parser is to a client."""
    if isinstance(error, LineTooLong):
        return pipeline.URI_TOO_LONG if error.args[1] == LINE else pipeline.HEADERS_TOO_LARGE
    if isinstance(error, HttpProcessingError) and error.message.startswith("Too many headers"):
        return pipeline.HEADERS_TOO_LARGE
    return status


def _written(refusal: Refusal) -> bytes:
    """Return a whole answer for who sent no whole request."""
    identifier = uuid.uuid4().hex
    status, body = problems.render(refusal, identifier)
    headers = {
        **pipeline.HEADERS,
        **refusal.headers,
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "X-Request-Id": identifier,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{head}\r\n".encode() + body


class Listener(web.Server):
    """Makes our connections instead of aiohttp's."""

    bounds: Bounds

    def __call__(self) -> RequestHandler:
        """Return what handles a new connection."""
        return _Connection(
            self,
            loop=self._loop,
            bounds=self.bounds,
            lingering_time=LINGERING,
            auto_decompress=False,  # it would go on in the rest of a body that nobody wants
            max_line_size=LINE,
            max_field_size=FIELD,
            **self._kwargs,
        )

    @property
    def expects_requests(self) -> bool:
        """Whether a request is on its way: on a connection that has had none yet, or whose next has begun."""
        return any(one.expects_request for one in self.connections if isinstance(one, _Connection))


class Runner(web.AppRunner):
    """aiohttp's runner with our connections; it has no public way to say so."""

    def __init__(self, app: web.Application, bounds: Bounds, **options: Any) -> None:
        super().__init__(app, **options)
        self._bounds = bounds

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = Listener
        server.bounds = self._bounds  # type: ignore[attr-defined]
        return server

    @property
    def listener(self) -> Listener:
        """What makes the connections, once it is set up."""
        assert isinstance(self.server, Listener)  # noqa: S101 -- made above
        return self.server
