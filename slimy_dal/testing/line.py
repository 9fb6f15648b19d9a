"""One client's connection through the proxy: carries messages both ways, until one side or the test ends it."""

import asyncio
import random
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Protocol

from slimy_dal.testing.cuts import Trap
from slimy_dal.testing.protocol import Framer, Message, Side
from slimy_dal.testing.toxics import Broken, Flow, Toxic, Write

__all__ = ["Answered", "Ends", "Gate", "Line"]

CHUNK = 65536
AHEAD = 64
"""Chunks that a slow direction lets its sender be ahead."""

REFUSED = b"N"
"""The answer to a wish for TLS or GSSAPI: only plain messages can be read on the way."""

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Answered = Callable[[bytes], bool]


class Gate(Protocol):
    """What a line asks of its proxy."""

    going: asyncio.Event
    trap: Trap | None
    lose_answer_to: Answered | None
    cut_after_answer_to: Answered | None

    def toxics(self, sender: Side) -> list[Toxic]:
        """Return what works on the bytes of a sender just now."""
        ...

    def heard(self, message: Message) -> None:
        """Take note of a message."""
        ...

    def wrote(self) -> None:
        """Count what a client sent in one piece."""
        ...


class Line:
    """Two directions, each with a reader that finds the messages and a writer that the toxics slow down."""

    def __init__(self, gate: Gate, number: int, client: Ends, server: Ends, seed: object) -> None:
        self.number = number
        self._gate = gate
        self._ends: dict[Side, Ends] = {"client": client, "server": server}
        self._flows = {
            side: Flow(side, random.Random(f"{seed}/{number}/{side}"))  # noqa: S311 -- no secret
            for side in self._ends
        }
        self._lose = self._cut_after_answer = False
        self._aging: dict[Toxic, asyncio.Task[None]] = {}
        self._over = asyncio.get_running_loop().create_future()
        for _, writer in self._ends.values():
            # What `drain` waits for is then out of this process, so that a break later loses none of it.
            writer.transport.set_write_buffer_limits(high=0)

    async def run(self) -> None:
        """Carry messages until the line is over."""
        ways = [asyncio.create_task(self._way(side)) for side in self._ends]
        try:
            await self._over
        finally:
            for task in (*ways, *self._aging.values()):
                task.cancel()
            await asyncio.gather(*ways, *self._aging.values(), return_exceptions=True)

    @property
    def swallowed(self) -> bool:
        """Whether bytes of the line were lost for good."""
        return any(flow.swallowed for flow in self._flows.values())

    def age(self, toxic: Toxic) -> None:
        """Let a toxic's time begin on this line."""

        async def aging() -> None:
            try:
                await toxic.age()
            except Broken as broken:
                self.cut(reset=broken.reset)

        self._aging[toxic] = asyncio.create_task(aging())

    def spare(self, toxic: Toxic) -> None:
        """End a toxic's time."""
        if task := self._aging.pop(toxic, None):
            task.cancel()

    def cut(self, *, reset: bool = False) -> None:
        """Break the line at once, for the client as a crashed host does if `reset`."""
        if self._over.done():
            return
        if reset:
            endpoint = self._ends["client"][1].get_extra_info("socket")
            if endpoint.family in {socket.AF_INET, socket.AF_INET6}:
                now = struct.pack("ii", 1, 0)
                endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        for _, writer in self._ends.values():
            writer.transport.abort()
        self._over.set_result(None)

    # -- one direction ----------------------------------------------------------------------------

    async def _way(self, sender: Side) -> None:
        """Carry what one side sends: read ahead of the writer, so that delays do not add up."""
        waiting: asyncio.Queue[tuple[float, bytes] | Broken | None] = asyncio.Queue(AHEAD)
        reading = asyncio.create_task(self._read(sender, waiting))
        try:
            await self._write(sender, waiting)
        except Broken as broken:
            self.cut(reset=broken.reset)
        except (ConnectionError, OSError):
            self.cut()
        finally:
            reading.cancel()

    async def _read(
        self, sender: Side, waiting: "asyncio.Queue[tuple[float, bytes] | Broken | None]"
    ) -> None:
        framer, gate = Framer(self.number, sender), self._gate
        reader = self._ends[sender][0]
        try:
            while data := await reader.read(CHUNK):
                came = asyncio.get_running_loop().time()
                await gate.going.wait()
                lost = self._lose
                if sender == "client":
                    self._ask(data)
                ready, end = self._sift(framer, data)
                if sender == "server" and lost:
                    ready, end = b"", Broken(reset=False)
                if ready:
                    await waiting.put((came, ready))
                if end is None and sender == "server" and self._cut_after_answer:
                    end = Broken(reset=False)
                if end is not None:
                    await waiting.put(end)
                    return
        except (ConnectionError, OSError):
            pass  # a sender that broke off has sent its last
        if rest := framer.remainder():
            await waiting.put((0.0, rest))
        await waiting.put(None)

    def _ask(self, data: bytes) -> None:
        gate = self._gate
        gate.wrote()
        self._lose |= bool(gate.lose_answer_to and gate.lose_answer_to(data))
        self._cut_after_answer |= bool(gate.cut_after_answer_to and gate.cut_after_answer_to(data))

    def _sift(self, framer: Framer, data: bytes) -> tuple[bytes, Broken | None]:
        """Return what goes on of a chunk, and the break that follows it."""
        ready = bytearray()
        for message in framer.feed(data):
            self._gate.heard(message)
            if message.name in {"SSLRequest", "GSSENCRequest"}:
                self._ends["client"][1].write(REFUSED)
                continue
            trap = self._gate.trap
            sprung = trap is not None and trap.springs_at(message)
            if trap is None or not sprung or trap.cut.when == "after":
                ready += message.data
            if trap is not None and sprung:
                return bytes(ready), Broken(reset=trap.cut.reset)
        return bytes(ready), None

    async def _write(
        self, sender: Side, waiting: "asyncio.Queue[tuple[float, bytes] | Broken | None]"
    ) -> None:
        flow = self._flows[sender]
        to = self._ends["server" if sender == "client" else "client"][1]

        async def send(data: bytes) -> None:
            await self._gate.going.wait()
            to.write(data)
            await to.drain()

        while (item := await waiting.get()) is not None:
            if isinstance(item, Broken):
                raise item
            flow.came, data = item
            toxics = self._gate.toxics(sender)
            if not toxics:  # it was let through when it was read, even if all is held back since
                to.write(data)
                await to.drain()
                continue
            write: Write = send
            for toxic in reversed(toxics):
                write = partial(toxic.carry, flow, onward=write)
            await write(data)
        for toxic in self._gate.toxics(sender):
            await toxic.close(flow)
        self.cut()
