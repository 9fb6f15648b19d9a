"""Ends requests that take too long: one timer looks after all of them, because one for each would be felt."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from aiohttp.web import StreamResponse

from service.problems import Refusal
from service.routes import Call
from slimy_dal.engine.deadline import LIMIT, Watch
from slimy_dal.engine.isolation import REQUEST

Work = Callable[[Call], Awaitable[StreamResponse]]

GRACE = 0.5
"""Seconds in which a call that ran out of time may still be cancelled in the database."""


class Timekeeper:
    """The time limit of one application."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._running: set[Call] = set()
        self._watch = Watch(self._expire)

    async def within(self, call: Call, work: Work) -> StreamResponse:
        """Return what the work answers. Raises Refusal where its time is over before.

        The database's calls end first, and say what became of them; the timer is for all the rest.
        """
        now = time.monotonic()
        call.ends = now + self._limit + GRACE
        if call.ends < self._watch.next:
            self._watch.arm(call.ends)
        self._running.add(call)
        limit, request = LIMIT.set(now + self._limit), REQUEST.set(call.request_id)
        try:
            return await work(call)
        except asyncio.CancelledError:
            # Who leaves at the same moment cancels too, and is owed no answer.
            if not call.late or call.task.uncancel():
                raise
            raise self._late(call) from None
        finally:
            self._running.discard(call)
            LIMIT.reset(limit)
            REQUEST.reset(request)

    def _expire(self, now: float) -> float:
        """Cancel the requests whose time is over; return when the next one's is."""
        nearest = math.inf
        for call in self._running:
            if call.late:
                continue
            if call.ends > now:
                nearest = min(nearest, call.ends)
            else:
                call.late = True
                call.task.cancel()
        return nearest

    def _late(self, call: Call) -> Refusal:
        if call.reading:
            detail = f"the body did not arrive within {self._limit:g} seconds; nothing was done"
            return Refusal("request_timeout", detail)
        detail = f"there was no answer within {self._limit:g} seconds; read the state before you repeat a change"
        return Refusal("deadline_exceeded", detail)
