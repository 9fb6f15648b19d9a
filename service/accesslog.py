"""One JSON line per request, without anything a caller might want to keep secret."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from select import PIPE_BUF
from typing import BinaryIO

import msgspec

FLUSH_SECONDS = 0.2
MOST_WAITING = 256
"""Lines put on the stream at once, so that no request waits long for those of others."""


class Line(msgspec.Struct, rename="camel"):
    """What is written about a request: the route's template, never the address, headers or bodies."""

    time: datetime
    level: str
    request_id: str
    trace_id: str
    span_id: str
    method: str
    route: str
    status: int
    milliseconds: float
    bytes: int | None
    caller: str | None
    remote: str | None
    code: str | None
    """The problem's code, where the answer was one."""


class AccessLog:
    """Writes lines to a stream, gathered for a fraction of a second: a system call each costs more than the rest."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = sys.stdout.buffer if stream is None else stream
        self._encode = msgspec.json.Encoder().encode
        self._waiting: list[Line] = []

    def write(self, line: Line) -> None:
        """Add a line; it is on the stream within a fifth of a second."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        self._waiting.append(line)
        if len(self._waiting) >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Put what is waiting on the stream now."""
        if self._waiting:
            lines, self._waiting = self._waiting, []
            try:
                for piece in _pieces(map(self._encode, lines)):
                    self._stream.write(piece)
                    self._stream.flush()
            except (OSError, ValueError):
                # Nobody reads any more; requests are answered all the same.
                return


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines in pieces that a pipe takes at once: what other workers write never gets between."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) >= PIPE_BUF:
            yield piece
            piece = b""
        piece += line + b"\n"
    yield piece


def now() -> datetime:
    """Return the time a line is written at."""
    return datetime.now(UTC)
