"""Measures how late this process was served by its machine, so that a bound in a test is about the code alone."""

import asyncio
import time
from types import TracebackType
from typing import Self

__all__ = ["Lateness"]

BEAT = 0.005
"""Seconds between two looks at the clock."""


class Lateness:
    """For an `async with` block; `worst` is by how much a sleeping task woke up too late, in seconds.

    Other processes' waits are not seen here: a server that starves on the same machine is late by about as much.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(BEAT)
            self.worst = max(self.worst, time.monotonic() - began - BEAT)
