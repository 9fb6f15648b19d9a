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
        self._worst = 0.0
        self._looked: float | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def worst(self) -> float:
        """The seconds so far, with those of a look at the clock that is overdue: whoever asks may be ahead of it."""
        if self._looked is not None:
            self._worst = max(self._worst, time.monotonic() - self._looked - BEAT)
        return self._worst

    async def __aenter__(self) -> Self:
        self._looked = time.monotonic()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._worst, self._looked = self.worst, None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            self._looked = time.monotonic()
            await asyncio.sleep(BEAT)
            self._worst = self.worst
