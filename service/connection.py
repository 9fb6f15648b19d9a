"""What happens on a connection outside of requests: what is not HTTP, and what never becomes a whole request."""

import asyncio
import logging
import uuid
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from service import faults, pipeline, problems
from service.problems import Refusal

_log = logging.getLogger("service")

SAFE = frozenset({"GET", "HEAD"})
"""Methods whose work nobody misses when its caller has left."""


class _Connection(RequestHandler):
    """A connection whose answer to what is not HTTP is a problem too, and does not repeat what was sent."""

    def __init__(self, *arguments: Any, header_timeout: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._header_timeout = header_timeout
        self._timer: asyncio.TimerHandle | None = None
        self._requests = 0
        self._has_bytes = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect a whole head within the time for it."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take what has come; bytes while no request is under way begin the next head, and its time."""
        super().data_received(data)
        if self._request_count != self._requests:
            self._requests = self._request_count
            self._stop_timer()
        elif self._waiter is not None and not self._waiter.done():
            self._has_bytes = True
            self._expect_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the timer with the connection, and end what nobody waits for any more: all but writes.

        A write that was cancelled half-way would be one whose outcome nobody knows.
        """
        self._stop_timer()
        task, request = self._task_handler, self._current_request
        super().connection_lost(exc)
        if task is not None and (request is None or request.method in SAFE):
            task.cancel()

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
        if isinstance(exc, ContentEncodingError):
            status = pipeline.UNSUPPORTED_MEDIA_TYPE
        response = pipeline.unreadable(request, status)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; what aiohttp refused by itself, such as `OPTIONS *`, as a problem too."""
        if isinstance(resp, web.HTTPException):
            resp = pipeline.outside(request, faults.from_aiohttp(resp))
        return await super().finish_response(request, resp, start_time)

    def log_exception(self, *arguments: Any, exc_info: Any = None, **options: Any) -> None:
        """Keep the rest of a body that cannot be decoded out of the log: its sender has an answer already."""
        if isinstance(exc_info, web.RequestPayloadError | HttpProcessingError):
            _log.debug("the rest of a body could not be read: %s", type(exc_info).__name__)
            return
        super().log_exception(*arguments, exc_info=exc_info, **options)

    def _expect_head(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._header_timeout, self._head_is_late)

    def _stop_timer(self) -> None:
        self._has_bytes = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if self.transport is not None and self._has_bytes:
            self.transport.write(_too_late())
        self.force_close()


def _too_late() -> bytes:
    identifier = uuid.uuid4().hex
    refusal = Refusal("request_timeout", "the headers did not arrive in time; nothing was done")
    status, body = problems.render(refusal, identifier)
    headers = {
        **pipeline.HEADERS,
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "X-Request-Id": identifier,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Request Timeout\r\n{head}\r\n".encode() + body


class _Listener(web.Server):
    """Makes our connections instead of aiohttp's."""

    header_timeout: float

    def __call__(self) -> RequestHandler:
        return _Connection(
            self, loop=self._loop, header_timeout=self.header_timeout, **self._kwargs
        )


class Runner(web.AppRunner):
    """aiohttp's runner with our connections; it has no public way to say so."""

    def __init__(self, app: web.Application, header_timeout: float, **options: Any) -> None:
        super().__init__(app, **options)
        self._header_timeout = header_timeout

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Listener
        server.header_timeout = self._header_timeout  # type: ignore[attr-defined]
        return server
