"""Keeps calls that are stuck, at a locked table or in slow queries, from holding all connections of a pool."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import accumulate

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import PoolTimeout
from slimy_dal.engine.metrics import BOUNDS, Metrics
from slimy_dal.engine.pulse import Pulse
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.waiting import Waiting

__all__ = ["LATEST", "Bulkhead"]

LOOK, STALL = 0.025, 0.2
"""Seconds between two looks, and for which no connection has come free when a look has consequences."""

SOONEST, LATEST, TIMES = 0.25, 1.0, 20
"""A call is stuck after 20 times what its statement usually takes, but no sooner and no later than these seconds: a
machine that has too much to do keeps calls waiting for a tenth of a second without any of them being stuck."""

SETTLED, AGAIN = 0.15, 1.0
"""Seconds after an answer of the server's in which calls would have been answered too, and for which it is good."""

LIFTED = 30.0
"""Seconds after which a statement that was found stuck may fill the pool again, and be found stuck again."""


class Bulkhead:
    """Watches only while calls wait, and steps in only when no connection comes free.

    And only while the server answers somebody else: where it hangs as a whole nobody would gain by it.
    Then statements whose running calls are stuck are `limited`: together they may hold no more than their
    share of the pool. What they hold beyond it is cancelled, the last begun first, and what more of them
    comes is refused at once: PoolTimeout. One of their calls that ends as usual lifts the limit.
    """

    def __init__(self, size: int, share: float, metrics: Metrics) -> None:
        self._most = max(1, int(size * share))
        self._size = size
        self._metrics = metrics
        self.limited: dict[Statement | None, float] = {}
        """Until when (time.monotonic) each statement is limited; empty as long as nothing is wrong."""
        self._handle: asyncio.TimerHandle | None = None
        self._since = self._due = 0.0
        self._pulse = Pulse()
        self.queued = 0
        """How many calls of limited statements wait for a connection."""

    def watch(self, look: Callable[[], bool]) -> None:
        """Call `look` in a moment, and again until it returns False; nothing if that is under way already."""
        if self._handle is None and self._most < self._size:
            self._since = time.monotonic()
            self._again(look)

    def _again(self, look: Callable[[], bool]) -> None:
        self._due = time.monotonic() + LOOK
        self._handle = asyncio.get_running_loop().call_later(LOOK, self._look, look)

    def _look(self, look: Callable[[], bool]) -> None:
        self._handle = None
        now = time.monotonic()
        if now - self._due > LOOK:
            self._since = (
                now  # this process was late itself: answers may have come that nobody has read
            )
        if look():
            self._again(look)

    def stop(self) -> None:
        """Look no more."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None
        self._pulse.stop()

    def came_free(self) -> None:
        """Note that a waiting call has been given a connection: the pool is not stuck."""
        self._since = time.monotonic()

    def look(self, busy: Iterable[Connection], waiters: Waiting) -> bool:
        """Make room where no waiting call has been given a connection for a while; say whether to look again."""
        now = time.monotonic()
        if waiters and now - self._since >= STALL:
            alive = waiters.alive()
            found = self.relieve(busy, {one.statement for one in alive})
            for one in alive:
                if one.statement in found:
                    one.future.set_exception(self.refusal(one.statement))
        return bool(waiters)

    def relieve(
        self, busy: Iterable[Connection], waiting: Collection[Statement | None] = (None,)
    ) -> set[Statement | None]:
        """Limit statements that are stuck in the way of others, and stop what is too much of them; return them."""
        now = time.monotonic()
        near = [one for one in busy if self._is_stuck(one, now + STALL)]
        if len(near) <= self._most or {one.running for one in near}.issuperset(waiting):
            return set()  # nobody would gain by it
        # Asked a little before they are stuck: after an answer, one to a call must have had its time to come too.
        self._pulse.feel(near[0].address, since := max(self._since, now - AGAIN))
        stuck = [one for one in near if self._is_stuck(one, now)]
        found = {one.running for one in stuck}
        few = len(stuck) <= self._most or found.issuperset(waiting)
        if few or not self._pulse.lives(since, SETTLED):
            return set()
        self.limited.update(dict.fromkeys(found, now + LIFTED))
        stuck.sort(key=lambda one: one.since)
        for one in stuck[self._most :]:
            self._metrics.events["evicted"] += 1
            one.evict()
        return found

    def _is_stuck(self, connection: Connection, now: float) -> bool:
        statement = connection.running
        if statement is None or connection.expired:
            return False
        return now - connection.since >= self._patience(statement)

    def _patience(self, statement: Statement) -> float:
        """Return the seconds after which a call is stuck, by what half of its statement's calls took at most."""
        counts = self._metrics.of(statement).buckets
        half = sum(counts) / 2
        if not half:
            return LATEST  # nothing is known of it yet
        reached = (n for n, total in enumerate(accumulate(counts)) if total >= half)
        usual = BOUNDS[min(next(reached), len(BOUNDS) - 1)]
        return min(max(usual * TIMES, SOONEST), LATEST)

    def admit(self, statement: Statement, busy: Iterator[Connection]) -> None:
        """Let a call of a limited statement go on where its kind has room left. Raises PoolTimeout."""
        if self.limited[statement] <= time.monotonic():
            del self.limited[statement]
            return
        held = sum(one.running in self.limited for one in busy)
        if held + self.queued >= self._most:
            raise self.refusal(statement)

    def lift(self, now: float) -> None:
        """Lift the limits whose time is over, also of statements that nobody calls any more."""
        for statement in [one for one, until in self.limited.items() if until <= now]:
            del self.limited[statement]

    def refusal(self, statement: Statement | None) -> PoolTimeout:
        """Count and return the error for a call that finds no room beside its stuck kind."""
        self._metrics.events["refused_stuck"] += 1
        name = "a transaction" if statement is None else statement.name
        return PoolTimeout(f"{name}: {STUCK}", query=None if statement is None else statement.name)

    def ended(self, connection: Connection) -> None:
        """Lift the limit of a statement of which a call has just ended as usual."""
        statement = connection.running
        if statement is None or statement not in self.limited or connection.expired:
            return
        if time.monotonic() - connection.since < self._patience(statement):
            del self.limited[statement]


STUCK = (
    "too many calls like it are stuck, and the rest of the pool is kept for others; "
    "see SLIMY_STUCK_SHARE"
)
