"""What can be wrong with a network between two hosts, one class for each kind."""

# ruff: noqa: ARG002 -- each kind needs another part of what all are given

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from slimy_dal.testing.protocol import Side

__all__ = [
    "Bandwidth",
    "Blackhole",
    "Broken",
    "Flow",
    "Latency",
    "LimitData",
    "Reset",
    "Slicer",
    "SlowClose",
    "Timeout",
    "Toward",
    "Toxic",
    "Write",
]

Toward: TypeAlias = Literal["client", "server", "both"]
"""Which way the bytes go that a toxic works on."""

Write: TypeAlias = Callable[[bytes], Awaitable[None]]
"""Sends bytes on: to the next toxic, or at last to the host."""

TICK = 0.02
"""Seconds between two pieces of a slow line: short beside what tests measure."""


class Broken(Exception):
    """A toxic ends the line; `reset` as a crashed host does."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("the line is broken on purpose")
        self.reset = reset


@dataclass(slots=True)
class Flow:
    """One direction of one line, as toxics see it."""

    sender: Side
    chance: random.Random
    came: float = 0.0
    """When the bytes in hand came in, by the loop's clock."""
    passed: "dict[Toxic, int]" = field(default_factory=dict)
    """Bytes that a toxic which counts has let through."""
    swallowed: bool = False
    """Whether bytes were lost for good."""


@dataclass(frozen=True, eq=False)
class Toxic:
    """Lets everything through; the others say what they do instead.

    Compared by identity: two of a kind may work at once.
    """

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Send bytes on, later or in other pieces or not at all. Raises Broken to end the line."""
        await onward(data)

    async def close(self, flow: Flow) -> None:
        """Wait until the end of what was sent may be passed on."""

    async def age(self) -> None:
        """Run from the moment the toxic and the line are both there. Raises Broken to end the line."""


@dataclass(frozen=True, eq=False)
class Latency(Toxic):
    """Everything arrives `seconds` later, give or take `jitter`; in order, and as much at a time as before."""

    seconds: float
    jitter: float = 0.0

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Wait from the moment the bytes came in, so that what came together arrives together."""
        delay = self.seconds + flow.chance.uniform(-self.jitter, self.jitter)
        await asyncio.sleep(max(0.0, flow.came + delay - asyncio.get_running_loop().time()))
        await onward(data)


@dataclass(frozen=True, eq=False)
class Bandwidth(Toxic):
    """No more than so many bytes per second go through."""

    bytes_per_second: int

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Send a tick's worth at a time."""
        size = max(1, int(self.bytes_per_second * TICK))
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            await asyncio.sleep(len(piece) / self.bytes_per_second)
            await onward(piece)


@dataclass(frozen=True, eq=False)
class Slicer(Toxic):
    """Everything arrives in pieces of `size` bytes, `pause` seconds apart."""

    size: int = 1
    pause: float = 0.0

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Give way after each piece, so that the receiver can see it alone."""
        for start in range(0, len(data), self.size):
            await onward(data[start : start + self.size])
            await asyncio.sleep(self.pause)


@dataclass(frozen=True, eq=False)
class LimitData(Toxic):
    """The line breaks when so many bytes have gone through, counted for each line from when the toxic came."""

    size: int
    reset: bool = False

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Send what is allowed, then break."""
        left = self.size - flow.passed.get(self, 0)
        flow.passed[self] = self.size - left + len(data)
        if data[:left]:
            await onward(data[:left])
        if len(data) >= left:
            raise Broken(reset=self.reset)


@dataclass(frozen=True, eq=False)
class SlowClose(Toxic):
    """The end of the line is passed on `seconds` late."""

    seconds: float

    async def close(self, flow: Flow) -> None:
        """Wait."""
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True, eq=False)
class Timeout(Toxic):
    """Nothing gets through, and the line is closed after `seconds`."""

    seconds: float

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Lose the bytes."""
        flow.swallowed = True

    async def age(self) -> None:
        """Close in order."""
        await asyncio.sleep(self.seconds)
        raise Broken(reset=False)


@dataclass(frozen=True, eq=False)
class Blackhole(Toxic):
    """Nothing gets through and nobody says so: half-open connections, and hosts that accept and keep silent.

    When it is taken away, lines that lost something are reset, as by a host that has forgotten them.
    """

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Lose the bytes."""
        flow.swallowed = True


@dataclass(frozen=True, eq=False)
class Reset(Toxic):
    """The line is reset (RST) after `seconds`; until then everything goes through."""

    seconds: float = 0.0

    async def age(self) -> None:
        """Reset."""
        await asyncio.sleep(self.seconds)
        raise Broken(reset=True)
