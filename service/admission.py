"""Decides who gets in when there is more to do than can be done: the least urgent waits first, and is refused first."""

import asyncio
import math
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from service import metrics
from service.problems import Refusal

Priority = Literal["bulk", "write", "list", "small", "vital"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""The least urgent first."""


@dataclass(frozen=True, slots=True)
class Share:
    """How far a class may go."""

    in_flight: float
    """Part of `max_in_flight` that, once taken by requests of any class, is where this class ends."""
    connections: float
    """Part of the pool that this class and the less urgent ones may use together."""
    pool_wait: float
    """Part of `queue_patience` that a call may have waited for a connection before no more of this class is begun."""
    queue: float
    """Part of `queue_patience` that the next would wait for its turn, by what turns took lately, or that the first has
    waited already, beyond which the next is refused at once: a refusal that comes late has cost both sides its wait."""
    back_in: tuple[int, int]
    """Seconds after which a refused caller may come back: at random, or all come back together."""


SHARES: Final[dict[Priority, Share]] = {
    "bulk": Share(0.25, 0.5, 0.05, 0.1, (2, 8)),
    "write": Share(0.5, 0.75, 0.125, 0.1, (1, 4)),
    "list": Share(0.75, 0.9, 0.25, 0.25, (1, 3)),
    "small": Share(1.0, 1.0, math.inf, math.inf, (1, 2)),
}
"""Nothing stands here for `vital`: whoever watches an overloaded service must still see it."""

STALL: Final = 0.25
"""Part of `queue_patience` without a turn for anybody, by which those who have one are stuck: where all change one row
it is slow, and goes on."""

ALSO: Final = 0.75
"""Part of a turn that may be waited for however long turns are."""
LATELY: Final = 1 / 16
"""How much one turn says about how long the next will take."""
OUTLIER: Final = 4.0
"""Times what was expected, beyond which a turn says no more: one that was stuck is no reason to refuse others."""

QUEUED: Final[tuple[Priority, ...]] = ("bulk", "write", "list")
"""They take turns, so that connections are left for small reads however long these take."""


Waiting = tuple[asyncio.Future[float], float]
"""Who waits for a turn and is told when it begins, and since when (time.monotonic)."""


class Admission:
    """The gate of one process. Nothing here asks the database or another process: refusing must cost nothing."""

    def __init__(
        self,
        most: int,
        connections: int,
        patience: float,
        pool_wait: Callable[[], float],
        shares: dict[Priority, Share] = SHARES,
        *,
        relieve: Callable[[], object] = lambda: None,
    ) -> None:
        """Make the gate of `most` requests and a pool of `connections`; a turn is waited for `patience` seconds.

        `relieve` is called when one does not come soon: stuck calls of others may be what keeps it.
        """
        self._relieve = relieve
        self._patience, self._pool_wait, self._shares = patience, pool_wait, shares
        self._limits = {name: math.ceil(most * share.in_flight) for name, share in shares.items()}
        self._turns = [
            max(1, math.floor(connections * shares[name].connections)) for name in QUEUED
        ]
        self._counts: dict[Priority, int] = dict.fromkeys(PRIORITIES, 0)
        self._running = [0] * len(QUEUED)
        self._waiting: list[deque[Waiting]] = [deque() for _ in QUEUED]
        self._shed: Counter[tuple[Priority, str]] = Counter()
        self._moved = 0.0
        self._lasts = [0.0] * len(QUEUED)
        self.in_flight = 0

    def enter(self, priority: Priority) -> None:
        """Count a request, or what goes on after its caller left; `leave` ends it."""
        self.in_flight += 1
        self._counts[priority] += 1

    def leave(self, priority: Priority) -> None:
        """Count it no more."""
        self.in_flight -= 1
        self._counts[priority] -= 1

    def check(self, priority: Priority) -> None:
        """Let a request go on that has entered. Raises Refusal("overloaded")."""
        share = self._shares.get(priority)
        if share is None:
            return
        if self.in_flight > self._limits[priority]:
            raise self._refusal(priority, "in_flight")
        if self._pool_wait() > share.pool_wait * self._patience:
            raise self._refusal(priority, "pool")
        # Before anything is read or looked up for it: who is refused now would be refused then.
        if priority in QUEUED and self._is_full(QUEUED.index(priority)):
            raise self._refusal(priority, "queue")

    async def turn(self, priority: Priority) -> float:
        """Wait until the database has room for a call of this class. Raises Refusal("overloaded").

        Returns when the turn began, which `done` is told. Small reads do not wait here: the room that is kept from the
        others is theirs.
        """
        if priority not in QUEUED:
            return 0.0
        level = QUEUED.index(priority)
        if not any(self._waiting[level:]) and self._has_room(level):
            self._running[level] += 1
            return time.monotonic()
        if self._is_full(level):
            raise self._refusal(priority, "queue")
        future = await self._queue(level)
        if not future.done():
            raise self._refusal(priority, "queue")
        return future.result()

    async def _queue(self, level: int) -> asyncio.Future[float]:
        """Wait for a turn; it has not come where what is returned is not done."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[level].append((future, time.monotonic()))
        try:
            stall = STALL * self._patience
            await asyncio.wait((future,), timeout=stall)
            if not future.done():
                if time.monotonic() - self._moved >= stall:
                    self._relieve()
                await asyncio.wait((future,), timeout=self._patience - stall)
        except BaseException:
            if future.done():
                self.done(QUEUED[level], None)
            raise
        finally:
            if not future.done():
                self._waiting[level] = deque(
                    one for one in self._waiting[level] if one[0] is not future
                )
        return future

    def _is_full(self, level: int) -> bool:
        """Say whether one more would wait for longer than a queue may make it wait."""
        waiting = self._waiting[level]
        if not waiting:
            return False
        longest = self._shares[QUEUED[level]].queue * self._patience
        if time.monotonic() - waiting[0][1] > longest:
            return True
        turn = self._lasts[level]
        return (len(waiting) + 1) * turn / self._turns[level] > max(longest, ALSO * turn)

    def done(self, priority: Priority, began: float | None) -> None:
        """Let the next one have its turn, the most urgent first; `began` is what `turn` returned, None for unused."""
        if priority not in QUEUED:
            return
        level, now = QUEUED.index(priority), time.monotonic()
        self._running[level] -= 1
        self._moved = now
        if began is not None:
            took, known = now - began, self._lasts[level]
            self._lasts[level] = (
                known + (min(took, OUTLIER * known) - known) * LATELY if known else took
            )
        for level in reversed(range(len(QUEUED))):
            waiting = self._waiting[level]
            while waiting and self._has_room(level):
                self._running[level] += 1
                waiting.popleft()[0].set_result(now)

    def lines(self) -> Iterator[str]:
        """Yield what Prometheus reads."""
        name = "slimy_http_requests_in_flight"
        yield from metrics.family(name, "gauge", "Requests worked on now.")
        for priority, count in self._counts.items():
            yield metrics.sample(name, {"priority": priority}, count)
        name = "slimy_http_requests_waiting"
        yield from metrics.family(name, "gauge", "Requests that wait for their turn.")
        for priority, queue in zip(QUEUED, self._waiting, strict=True):
            yield metrics.sample(name, {"priority": priority}, len(queue))
        name = "slimy_http_requests_shed_total"
        yield from metrics.family(name, "counter", "Requests refused as too many.")
        for (priority, reason), count in self._shed.items():
            yield metrics.sample(name, {"priority": priority, "reason": reason}, count)

    def _has_room(self, level: int) -> bool:
        """Say whether one more fits among those of its class and below, and among those of each class above it."""
        together = 0
        for above, (running, turns) in enumerate(zip(self._running, self._turns, strict=True)):
            together += running
            if above >= level and together >= turns:
                return False
        return True

    def _refusal(self, priority: Priority, reason: str) -> Refusal:
        self._shed[priority, reason] += 1
        after = random.randint(*self._shares[priority].back_in)  # noqa: S311 -- no secret
        return Refusal("overloaded", DETAILS[reason], headers={"Retry-After": str(after)})


DETAILS: Final = {
    "in_flight": "as many requests of this urgency as this process takes are under way",
    "pool": "calls wait for the database already, and what is less urgent is not begun",
    "queue": "the database had no room for a call of this urgency in time; nothing was done",
}
