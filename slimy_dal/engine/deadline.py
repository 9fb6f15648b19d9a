"""Time limits: the one a caller sets around everything below it, and the one timer that enforces them all."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from slimy_dal.engine.errors import InvalidValue

__all__ = ["LIMIT", "Watch", "checked", "deadline", "for_all"]

NEVER = math.inf
SHORTEST = 0.001
"""Seconds; the event loop's clock may run a little behind, a timer for less would spin."""

LIMIT: ContextVar[float] = ContextVar("slimy_deadline", default=NEVER)
"""The moment (time.monotonic) at which the caller's time is over."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every database call within the block end `seconds` from now at the latest.

    Blocks nest, the nearest end counts; an HTTP request sets it once for all it does.
    """
    token = LIMIT.set(min(LIMIT.get(), time.monotonic() + checked(seconds)))
    try:
        yield
    finally:
        LIMIT.reset(token)


def for_all() -> None:
    """Free the present task of the limit of whoever started it: it works for others too, and later."""
    LIMIT.set(NEVER)


def checked(seconds: float) -> float:
    """Return a timeout given by a caller, or raise InvalidValue: it must end, so infinity is refused."""
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not math.isfinite(seconds)
    ):
        raise InvalidValue("timeout", "must be a finite number of seconds")
    return seconds


class Watch:
    """One timer for all deadlines of a pool.

    A timer per call would cost more than the rest of the pool. Calls only note their deadline and
    arm the watch when theirs is nearer than the moment it fires next; when it fires, `expire(now)`
    looks at everything that has a deadline, ends what is due and returns the nearest one left.
    """

    __slots__ = ("_expire", "_handle", "next")

    def __init__(self, expire: Callable[[float], float]) -> None:
        self._expire = expire
        self._handle: asyncio.TimerHandle | None = None
        self.next = NEVER

    def arm(self, moment: float) -> None:
        """Fire at `moment`, which is nearer than `next`."""
        delay = max(moment - time.monotonic(), SHORTEST)
        # First the new timer: without memory for one, the old one still fires.
        handle = asyncio.get_running_loop().call_later(delay, self._fire)
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self.next = handle, moment

    def stop(self) -> None:
        """Fire no more."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self.next = None, NEVER

    def _fire(self) -> None:
        self._handle, self.next = None, NEVER
        nearest = self._expire(time.monotonic())
        if nearest < self.next:
            self.arm(nearest)
