"""Runs what goes on beside the calls, whatever it raises: an error of one moment must not end it for good."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

__all__ = ["Background", "lasting"]

PAUSE = 1.0
"""Seconds until it is begun again: what is short now, as memory, is not asked for again at once."""

LOG = logging.getLogger("slimy_dal.background")


class Background:
    """Tasks that nobody waits for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Begin some work; False where there is no memory for its task."""
        try:
            task = asyncio.get_running_loop().create_task(work)
        except MemoryError:
            work.close()
            return False
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def end(self) -> None:
        """Cancel what is under way, and wait for its end."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def lasting(work: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
    """Do `work` until it returns, from its beginning again after an error of any kind; `what` names it in the log."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 -- that is the point
            with suppress(Exception):  # to say so may need what is short
                words = "%s failed with %s; it begins again in %g s"
                LOG.warning(words, what, type(error).__name__, PAUSE)
        else:
            return
        with suppress(Exception):
            await asyncio.sleep(PAUSE)
