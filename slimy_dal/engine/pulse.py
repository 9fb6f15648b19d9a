"""Finds out whether a server answers anybody at all, beside the sessions that wait for it."""

import asyncio
import math
import struct
import time
from typing import Any, TypeAlias

__all__ = ["Address", "Pulse"]

Address: TypeAlias = tuple[Any, ...] | str | None
"""As a socket names its other end: host and port, or the path of a local one; None where it is not known."""

PATIENCE = 0.5
"""Seconds until a question that was not answered is asked anew: the system may have dropped it."""

QUESTION = struct.pack("!II", 8, 80877103)
"""Whether the line may be encrypted: what a server, and a pooler, answers with one letter before it knows who asks."""


class Pulse:
    """Asks a server something that needs no session, no login and no lock, one question at a time.

    Silence is the one thing that says that it hangs: who refuses a line, or hangs up, has answered.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self.asked, self.heard = -math.inf, math.inf
        """When the question was asked that was answered last, and when its answer came (time.monotonic)."""

    def feel(self, address: Address, since: float) -> None:
        """Ask, unless something that was asked after `since` was answered or is being asked."""
        if self.asked < since and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._ask(address))

    def lives(self, since: float, for_seconds: float) -> bool:
        """Say whether something that was asked after `since` was answered so long ago, or longer."""
        return self.asked >= since and time.monotonic() - self.heard >= for_seconds

    def stop(self) -> None:
        """Wait for no answer any more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, address: Address) -> None:
        asked = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                await _answer(address)
        except TimeoutError:
            return
        except OSError:
            pass
        self.asked, self.heard = asked, time.monotonic()


async def _answer(address: Address) -> None:
    if address is None:
        return
    if isinstance(address, tuple):
        reader, writer = await asyncio.open_connection(*address[:2])
    else:
        reader, writer = await asyncio.open_unix_connection(address)
    try:
        writer.write(QUESTION)
        await reader.read(1)
    finally:
        writer.transport.abort()
