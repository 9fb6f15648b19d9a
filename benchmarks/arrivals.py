"""Callers of an HTTP server who come when they come, whatever became of those before them.

    python benchmarks/arrivals.py PORT SECONDS CONNECTIONS < streams

Standard input has a stream a line, as JSON: `{"name": …, "rate": a second, "asked": [requests as they go over the
wire]}`. Each stream's requests come at random moments (Poisson) that are set before it begins. How long an answer took
is counted from the moment at which its request was to come: where this program, a connection or the server was busy
then, the wait is part of it. Standard output has the outcomes, `[stream, status, moment, seconds]` each, and how late
this program itself sent them.
"""

# ruff: noqa: S311 -- nothing here is secret

import asyncio
import json
import random
import sys
import time
from collections import deque
from contextlib import suppress
from typing import cast

import uvloop
from load import END, LENGTH

PATIENCE = 20.0
"""Seconds after the last request in which answers may still come."""

Asked = tuple[str, bytes, float]
"""A request: its stream, its bytes, and when it was to come (time.perf_counter)."""


class Crew:
    """The connections, those that are free, and what could not be sent yet."""

    def __init__(self, expected: int) -> None:
        self.began = 0.0
        self.expected = expected
        self.all_came = asyncio.Event()
        self.free: list[Caller] = []
        self.waiting: deque[Asked] = deque()
        self.outcomes: list[tuple[str, int, float, float]] = []

    def come(self, asked: Asked) -> None:
        """Send a request by the connection that was free last, or as soon as one is."""
        if self.free:
            self.free.pop().send(asked)
        else:
            self.waiting.append(asked)

    def answered(self, caller: "Caller", status: int, asked: Asked) -> None:
        """Note an answer; its connection is free."""
        name, _, due = asked
        self.outcomes.append((name, status, due - self.began, time.perf_counter() - due))
        if len(self.outcomes) == self.expected:
            self.all_came.set()
        if self.waiting:
            caller.send(self.waiting.popleft())
        else:
            self.free.append(caller)


class Caller(asyncio.Protocol):
    """One connection, with no more than one request under way."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.buffer = b""
        self.asked: Asked | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be free."""
        self.transport = cast("asyncio.Transport", transport)
        self.crew.free.append(self)

    def send(self, asked: Asked) -> None:
        """Ask."""
        self.asked = asked
        self.transport.write(asked[1])

    def data_received(self, data: bytes) -> None:
        """Take an answer, or a part of one."""
        self.buffer += data
        head = self.buffer.find(END)
        length = LENGTH.search(self.buffer, 0, head) if head >= 0 else None
        if length is None or len(self.buffer) < head + len(END) + int(length[1]):
            return
        status, self.buffer = int(self.buffer[9:12]), b""
        asked, self.asked = self.asked, None
        assert asked is not None
        self.crew.answered(self, status, asked)


async def main(port: int, seconds: float, connections: int) -> None:
    """Let all come, and print what became of them."""
    chance, coming = random.Random(5), []
    for line in sys.stdin:
        stream = json.loads(line)
        asked, moment = [one.encode() for one in stream["asked"]], 0.0
        while (moment := moment + chance.expovariate(stream["rate"])) < seconds:
            coming.append((moment, stream["name"], asked[len(coming) % len(asked)]))
    coming.sort()
    crew, loop = Crew(len(coming)), asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Caller(crew), "127.0.0.1", port)
    crew.began, late, without = time.perf_counter(), [], 0
    for moment, name, asked_bytes in coming:
        if (pause := crew.began + moment - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        late.append(time.perf_counter() - crew.began - moment)
        without += not crew.free
        crew.come((name, asked_bytes, crew.began + moment))
    with suppress(TimeoutError):
        await asyncio.wait_for(crew.all_came.wait(), PATIENCE)
    late.sort()
    told = {
        "outcomes": crew.outcomes,
        "unanswered": len(coming) - len(crew.outcomes),
        "late": late[int(len(late) * 0.99)],
        "without": without,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
