"""Waits before a call is tried on another connection, where that one is likely to break as well."""

import asyncio
import random
import time

from slimy_dal.engine.session import Session

__all__ = ["CROWDED_PAUSES", "pause"]

FRESH = 1.0
"""Seconds; a session that breaks at this age was no idle one that an old failure had caught."""

HEARD = 0.002
"""Seconds in which the ends of other sessions are heard of, which the same failure broke."""

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
CROWDED_PAUSES = 0.005, 0.25
"""Seconds: the first covers a short lock, the last a busy second."""


async def pause(broken: Session, attempt: int, deadline: float, *, crowded: bool = False) -> None:
    """Wait before the attempt after number `attempt` (from 0), not beyond the deadline.

    The idle connections that a restart of the server broke are not worth a pause. Where
    fresh ones break, the server, or what stands before it, closes them: asking at once only adds
    to its load; so it does where others were at the same rows (`crowded`). Full jitter, so that the
    calls of a process do not return in step.
    """
    now = time.monotonic()
    if not crowded and (broken.usable or now - broken.opened_at > FRESH):
        if not broken.usable:
            await asyncio.sleep(HEARD)
        return
    first, last = CROWDED_PAUSES if crowded else (FIRST_PAUSE, LONGEST_PAUSE)
    longest = min(first * 2.0 ** min(attempt, 10), last, deadline - now)
    if longest > 0:
        await asyncio.sleep(random.uniform(longest / 4, longest))  # noqa: S311 -- no secret
