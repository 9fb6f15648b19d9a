"""Speaks to a service in bytes: what no HTTP client library would send."""

import asyncio
import json
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
BODY = b'{"name": "a"}'


@dataclass
class Said:
    """What a service said on one connection."""

    content: bytes
    closed: bool
    """Whether it hung up, and did not only fall silent."""

    @property
    def statuses(self) -> list[int]:
        return [int(one) for one in re.findall(rb"HTTP/\d\.\d (\d{3})", self.content)]

    @property
    def codes(self) -> list[str]:
        return [one.decode() for one in re.findall(rb'"code":"(\w+)","requestId"', self.content)]


async def said(
    address: str, *pieces: bytes, pause: float = 0.0, eof: bool = False, silence: float = 0.5
) -> Said:
    """Send the pieces, and return what comes until the service hangs up or says nothing for a while."""
    host, port = address.removeprefix("http://").split(":")
    loop, content, closed = asyncio.get_running_loop(), b"", False
    with socket.socket() as raw:
        raw.settimeout(0)
        await loop.sock_connect(raw, (host, int(port)))
        # Who is refused while still sending finds the answer behind the error, as with any HTTP library.
        with suppress(ConnectionError):
            for piece in pieces:
                await loop.sock_sendall(raw, piece)
                await asyncio.sleep(pause)
            if eof:
                raw.shutdown(socket.SHUT_WR)
        try:
            while not closed:
                patience = silence if content else 10
                async with asyncio.timeout(patience):
                    got = await loop.sock_recv(raw, 65536)
                content, closed = content + got, not got
        except ConnectionError:
            closed = True
        except TimeoutError:
            pass
    return Said(content, closed)


def put(key: str) -> bytes:
    """The beginning of a head that changes a guild."""
    return (
        b"PUT /v1/guilds/5 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer " + key.encode() + b"\r\n"
    )


def memory(pid: int) -> float:
    """Megabytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


@dataclass
class Pulse:
    """Asks for something small all the while, and keeps how long it took at worst."""

    address: str
    seconds: list[float] = field(default_factory=list)
    late: float = 0.0
    """By how many seconds this process was served too late at worst: its machine is busy."""
    _task: asyncio.Task[None] | None = None
    _ended: bool = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._ended = True
        await self._task
        assert self.seconds, "it never got an answer"

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._ended:
            started = loop.time()
            answer = await said(self.address, LIVE + b"Connection: close\r\n\r\n")
            assert answer.statuses == [200], answer
            rested = loop.time()
            self.seconds.append(rested - started)
            await asyncio.sleep(0.02)
            self.late = max(self.late, loop.time() - rested - 0.02)


def problem(answer: Said) -> Any:
    """The problem document at the end of what was said."""
    return json.loads(answer.content.rpartition(b"\r\n\r\n")[2])
