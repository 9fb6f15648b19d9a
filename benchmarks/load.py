"""Callers of an HTTP server: some connections that ask again as soon as they have the answer, and nothing else.

    python benchmarks/load.py PORT SECONDS CONNECTIONS < requests

Standard input has the requests, one JSON string a line, as they go over the wire; they are sent round and round. It is
a program of its own so that the server has its core for itself.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import cast

import uvloop

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
END = b"\r\n\r\n"


class Caller(asyncio.Protocol):
    """One connection, which keeps no more than one request under way."""

    def __init__(self, asked: list[bytes], first: int, took: list[float]) -> None:
        self.asked, self.next, self.took = asked, first, took
        self.buffer = b""
        self.failed: dict[bytes, int] = {}
        self.began = 0.0
        self.over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self.transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.asked[self.next % len(self.asked)])
        self.next += 1

    def data_received(self, data: bytes) -> None:
        """Take an answer, or a part of one, and ask again."""
        self.buffer += data
        head = self.buffer.find(END)
        if head < 0:
            return
        length = LENGTH.search(self.buffer, 0, head)
        assert length is not None
        if len(self.buffer) < head + len(END) + int(length[1]):
            return
        self.took.append(time.perf_counter() - self.began)
        if self.buffer[9:10] != b"2":
            status = self.buffer[9:12]
            self.failed[status] = self.failed.get(status, 0) + 1
        self.buffer = b""
        if not self.over:
            self._ask()


async def main(port: int, seconds: float, connections: int) -> None:
    """Ask for some seconds, and print how long each answer took."""
    asked = [json.loads(line).encode() for line in sys.stdin]
    took: list[float] = []
    loop = asyncio.get_running_loop()
    callers = [Caller(asked, n * len(asked) // connections, took) for n in range(connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed, count = time.perf_counter() - began, len(took)
    for caller in callers:
        caller.over = True
    await asyncio.sleep(0.1)
    ordered = sorted(took[:count])
    failed = Counter[str]()
    for caller in callers:
        failed.update({status.decode(): many for status, many in caller.failed.items()})
    middle, late = (ordered[int(count * part)] for part in (0.5, 0.99))
    print(
        json.dumps(
            {
                "rate": count / elapsed,
                "p50": middle,
                "p99": late,
                "count": len(took),
                "failed": failed,
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
