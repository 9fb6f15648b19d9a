"""Waits before a call is tried on another connection, where that one is likely to break as well."""

import asyncio
import random
import time

from slimy_dal.engine.session import Session

__all__ = ["pause"]

FRESH = 1.0
"""Seconds; a session that breaks at this age was no idle one that an old failure had caught."""

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0


async def pause(broken: Session, attempt: int, deadline: float) -> None:
    """Wait before the attempt after number `attempt` (from 0), not beyond the deadline.

    The idle connections that a restart of the server broke are used up without a pause. Where
    fresh ones break, the server, or what stands before it, closes them: asking at once only adds
    to its load. Full jitter, so that the calls of a process do not return in step.
    """
    now = time.monotonic()
    if broken.usable or now - broken.opened_at > FRESH:
        return
    longest = min(FIRST_PAUSE * 2.0 ** min(attempt, 10), LONGEST_PAUSE, deadline - now)
    if longest > 0:
        await asyncio.sleep(random.uniform(longest / 4, longest))  # noqa: S311 -- no secret
