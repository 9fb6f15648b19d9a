"""Carries calls over HTTP: one deadline for all tries of a call, and a second try only where it is safe."""

import asyncio
import io
import random
import time
import uuid
from collections.abc import AsyncGenerator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import aiohttp
import msgspec
from yarl import URL

from slimy_dal.client.problems import CallFailed, DeadlinePassed, Lost, Unreadable, failure
from slimy_dal.client.replicas import HEADER, Shown
from slimy_dal.client.request import Operation, Request, request

T = TypeVar("T")

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
"""Seconds at most between two tries, where the service named none."""
CHUNK: Final = 64 * 1024
SUCCESS: Final = range(200, 300)


def new_key() -> str:
    """Return an Idempotency-Key that nobody used before."""
    return str(uuid.uuid4())


class Transport:
    """A connection pool to one service, with the credentials and the patience of its calls."""

    def __init__(
        self,
        address: str,
        credential: str | None = None,
        *,
        deadline: float = 30.0,
        attempts: int = 5,
        acting_for: UUID | None = None,
        session: aiohttp.ClientSession | None = None,
        replicas: bool | Shown = False,
    ) -> None:
        """Make it for the service at `address`, with an API key or a session token.

        `deadline` is the seconds that a call may take with all its tries, of which there are at most `attempts`.
        A `session` that is given stays open at the end. With `replicas`, reads may show the past, but always what
        this client wrote before.
        """
        if deadline <= 0 or attempts < 1:
            raise ValueError("deadline must be more than 0 seconds, and attempts at least 1")
        self._address = address.rstrip("/")
        self._credential = credential
        self._deadline = deadline
        self._attempts = attempts
        self._acting_for = acting_for
        self._session = session
        self._shown = replicas if isinstance(replicas, Shown) else Shown() if replicas else None
        self._closes = session is None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._address}>"

    async def __aenter__(self) -> Self:
        if self._closes:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._closes:
            await self._open_session().close()

    def acting_for(self, user_id: UUID) -> Self:
        """Return the same client, acting for a user: what either may not, it may not."""
        return self._sharing(self._deadline, user_id)

    def within(self, seconds: float) -> Self:
        """Return the same client with another deadline."""
        return self._sharing(seconds, self._acting_for)

    def _sharing(self, deadline: float, acting_for: UUID | None) -> Self:
        return type(self)(
            self._address,
            self._credential,
            deadline=deadline,
            attempts=self._attempts,
            acting_for=acting_for,
            session=self._open_session(),
            replicas=self._shown or False,
        )

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            raise RuntimeError("the client is not open: use it in `async with`")
        return self._session

    async def call(self, operation: Operation[T], **given: Any) -> T:
        """Make a call, again where it is safe and worth it, and return its answer. Raises CallFailed."""
        sent, identifier = request(operation, **given), uuid.uuid4().hex
        ends, attempt = time.monotonic() + self._deadline, 0
        while True:
            attempt += 1
            try:
                return await self._once(operation, sent, identifier, ends)
            except CallFailed as error:
                error.attempts = attempt
                pause = _pause(error, attempt)
                if (
                    attempt >= self._attempts
                    or not _again(error, sent)
                    or time.monotonic() + pause >= ends
                ):
                    raise
            await asyncio.sleep(pause)

    async def _once(
        self, operation: Operation[T], sent: Request, identifier: str, ends: float
    ) -> T:
        left = aiohttp.ClientTimeout(total=max(0.001, ends - time.monotonic()))
        shown = None
        try:
            async with self._sending(sent, identifier, left) as response:
                shown = response.headers.get(HEADER)
                body = await response.read()
        except TimeoutError as error:
            text = f"{operation.id}: no answer within {self._deadline:g} seconds"
            raise DeadlinePassed(text, request_id=identifier) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(operation, identifier, error) from error
        finally:
            if self._shown is not None and sent.method != "GET":
                self._shown.wrote(shown)
        if response.status not in SUCCESS:
            raise failure(response.status, response.headers, body, identifier)
        try:
            return operation.decode(body, response.headers)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            text = f"{operation.id}: the answer is not what this release of the client knows"
            raise Unreadable(text, request_id=identifier) from error

    async def stream(self, operation: Operation[Any], **given: Any) -> AsyncGenerator[bytes, None]:
        """Yield the body of an answer piece by piece, as it comes; the deadline is for each piece.

        It is never tried again. Raises CallFailed, also at the end of a body that was cut off.
        """
        sent, identifier = request(operation, **given), uuid.uuid4().hex
        each = aiohttp.ClientTimeout(total=None, sock_read=self._deadline)
        try:
            async with self._sending(sent, identifier, each) as response:
                if response.status not in SUCCESS:
                    body = await response.read()
                    raise failure(response.status, response.headers, body, identifier)
                async for piece in response.content.iter_chunked(CHUNK):
                    yield piece
        except TimeoutError as error:
            text = f"{operation.id}: nothing came for {self._deadline:g} seconds"
            raise DeadlinePassed(text, request_id=identifier) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(operation, identifier, error) from error

    def _sending(
        self, sent: Request, identifier: str, timeout: aiohttp.ClientTimeout
    ) -> "aiohttp.client._RequestContextManager":
        headers = {
            **sent.headers,
            "User-Agent": _USER_AGENT,
            "Accept-Encoding": "gzip",
            "X-Request-Id": identifier,
        }
        if self._credential is not None:
            headers["Authorization"] = f"Bearer {self._credential}"
        if self._shown is not None and sent.method == "GET":
            headers |= self._shown.asked()
        if self._acting_for is not None:
            headers["X-Acting-User"] = str(self._acting_for)
        return self._open_session().request(
            sent.method,
            URL(self._address + sent.target, encoded=True),
            data=None if sent.body is None else io.BytesIO(sent.body),
            headers=headers,
            timeout=timeout,
            # Credentials go to the address they were given for, and nowhere else.
            allow_redirects=False,
            middlewares=(_once_only,),
        )


async def _once_only(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending again by itself: it does so with every PUT and DELETE, and knows no versions."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error


def _again(error: CallFailed, sent: Request) -> bool:
    if isinstance(error, Lost):
        return sent.survives_loss
    return sent.is_repeatable and error.retryable


def _pause(error: CallFailed, attempt: int) -> float:
    """Return the seconds before the next try: what the service asked for, and some by chance, not all at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
    return (error.retry_after or 0.0) + random.uniform(0, longest)  # noqa: S311 -- no secret


def _lost(operation: Operation[Any], identifier: str, error: Exception) -> Lost:
    text = f"{operation.id}: the connection failed ({type(error).__name__})"
    return Lost(text, request_id=identifier, retryable=True)


def _user_agent() -> str:
    try:
        return f"slimy_dal/{version('slimy_dal')}"
    except PackageNotFoundError:
        return "slimy_dal"


_USER_AGENT = _user_agent()
