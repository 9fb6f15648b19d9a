"""Decides who gets in when there is more to do than can be done: the least urgent waits first, and is refused first."""

import asyncio
import math
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

from service import metrics
from service.flow import OUTLIER, Flow, Flows, Waiter
from service.problems import Refusal
from slimy_dal.engine.errors import Timeout, Unavailable

T = TypeVar("T")

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

AT_ONCE: Final = 0.25
"""Part of the turns with which a fast operation begins: a burst that meets a lock has no more of them."""

OUT_OF_TIME: Final = (Timeout, Unavailable, TimeoutError)
"""With these a turn may end that was stuck; with others it has got its answer."""

QUEUED: Final[tuple[Priority, ...]] = ("bulk", "write", "list")
"""They take turns, so that connections are left for small reads however long these take."""


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
        stalled: float = 0.5,
        at_once: float = AT_ONCE,
        relieve: Callable[[], object] = lambda: None,
    ) -> None:
        """Make the gate of `most` requests and a pool of `connections`; a turn is waited for `patience` seconds.

        Operations that have `stalled` get no more turns while they hold that part of them, and a fast one has no more
        than `at_once` before one has ended. `relieve` is called when a turn does not come soon: stuck calls of others
        may be what keeps it.
        """
        self._relieve = relieve
        self._patience, self._pool_wait, self._shares = patience, pool_wait, shares
        self._limits = {name: math.ceil(most * share.in_flight) for name, share in shares.items()}
        self._turns = [
            max(1, math.floor(connections * shares[name].connections)) for name in QUEUED
        ]
        self._flows = Flows(
            *(
                [max(1, math.floor(turns * part)) for turns in self._turns]
                for part in (stalled, at_once)
            )
        )
        self._counts: dict[Priority, int] = dict.fromkeys(PRIORITIES, 0)
        self._running = [0] * len(QUEUED)
        self._waiting: list[deque[Waiter]] = [deque() for _ in QUEUED]
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

    def check(self, priority: Priority, operation: str = "") -> None:
        """Let a request go on that has entered. Raises Refusal("overloaded")."""
        share = self._shares.get(priority)
        if share is None:
            return
        if self.in_flight > self._limits[priority]:
            raise self._refusal(priority, "in_flight")
        if self._pool_wait() > share.pool_wait * self._patience:
            raise self._refusal(priority, "pool")
        # Before anything is read or looked up for it: who is refused now would be refused then.
        if priority in QUEUED:
            self._check_queues(self._flow(priority, operation))

    async def within_turn(
        self, priority: Priority, operation: str, work: Callable[[], Awaitable[T]]
    ) -> T:
        """Return what `work` returns, done in a turn of an operation. Raises as `turn`, and what `work` does."""
        began, stuck = await self.turn(priority, operation), True
        try:
            result = await work()
        except Exception as error:
            stuck = isinstance(error, OUT_OF_TIME)
            raise
        else:
            stuck = False
            return result
        finally:
            self.done(priority, began, operation, stuck=stuck)

    async def turn(self, priority: Priority, operation: str = "") -> float:
        """Wait until the database has room for a call of this class. Raises Refusal("overloaded").

        Returns when the turn began, which `done` is told. Small reads do not wait here: the room that is kept from the
        others is theirs.
        """
        if priority not in QUEUED:
            return 0.0
        flow, now = self._flow(priority, operation), time.monotonic()
        level, is_held = flow.level, bool(flow.held) or self._flows.holds(flow, now)
        if not is_held and not any(self._waiting[level:]) and self._has_room(level):
            self._begin(flow, now)
            return now
        self._check_queues(flow)
        waiter = asyncio.get_running_loop().create_future(), now, flow
        if is_held:
            self._flows.hold(waiter)
        else:
            self._waiting[level].append(waiter)
        return await self._come(waiter)

    async def _come(self, waiter: Waiter) -> float:
        future, _, flow = waiter
        try:
            stall = STALL * self._patience
            await asyncio.wait((future,), timeout=stall)
            if not future.done():
                if time.monotonic() - self._moved >= stall:
                    self._relieve()
                await asyncio.wait((future,), timeout=self._patience - stall)
        except BaseException:
            if future.done():
                flow.give_back()
                self._freed(flow, time.monotonic())
            else:
                self._leave_queue(waiter)
            raise
        if not future.done():
            raise self._refusal(QUEUED[flow.level], self._leave_queue(waiter))
        return future.result()

    def _leave_queue(self, waiter: Waiter) -> str:
        """Take one out who waits no more, and return the reason of a refusal."""
        flow = waiter[2]
        is_held = waiter in flow.held
        (flow.held if is_held else self._waiting[flow.level]).remove(waiter)
        return "stalled" if is_held else "queue"

    def _check_queues(self, flow: Flow) -> None:
        """Refuse who would wait for longer than a queue may make one wait."""
        level, now = flow.level, time.monotonic()
        queue = flow.held or self._waiting[level]
        if not queue:
            return
        priority, turn = QUEUED[level], self._lasts[level]
        longest = self._shares[priority].queue * self._patience
        if flow.held and flow.has_stalled(now):
            # These are not to take the places in flight of all the others either.
            reason, is_full = "stalled", len(queue) > self._limits[priority] / 4
        else:
            expected = (len(queue) + 1) * turn / self._turns[level]
            reason, is_full = "queue", expected > max(longest, ALSO * turn)
        if is_full or now - queue[0][1] > longest:
            raise self._refusal(priority, reason)

    def done(
        self, priority: Priority, began: float, operation: str = "", *, stuck: bool = False
    ) -> None:
        """Let the next one have its turn, the most urgent first; `began` is what `turn` returned.

        `stuck` says that its time ran out.
        """
        if priority not in QUEUED:
            return
        flow, now = self._flow(priority, operation), time.monotonic()
        took, known = now - began, self._lasts[flow.level]
        self._lasts[flow.level] = (
            known + (min(took, OUTLIER * known) - known) * LATELY if known else took
        )
        flow.end(now, took, stuck=stuck)
        self._freed(flow, now)

    def _flow(self, priority: Priority, operation: str) -> Flow:
        return self._flows.of(QUEUED.index(priority), operation)

    def _begin(self, flow: Flow, now: float) -> None:
        self._running[flow.level] += 1
        flow.begin(now)

    def _freed(self, flow: Flow, now: float) -> None:
        """Give a turn of a flow that is over to the next, and others where that made more possible."""
        self._running[flow.level] -= 1
        self._moved = now
        if not self._flows.holding and not any(self._waiting):
            return
        for level in reversed(range(len(QUEUED))):
            while self._has_room(level):
                waiter = self._flows.first(level, self._waiting[level], now)
                if waiter is None:
                    break
                self._begin(waiter[2], now)
                waiter[0].set_result(now)

    def lines(self) -> Iterator[str]:
        """Yield what Prometheus reads."""
        name = "slimy_http_requests_in_flight"
        yield from metrics.family(name, "gauge", "Requests worked on now.")
        for priority, count in self._counts.items():
            yield metrics.sample(name, {"priority": priority}, count)
        name = "slimy_http_requests_waiting"
        yield from metrics.family(name, "gauge", "Requests that wait for their turn.")
        for level, queue in enumerate(self._waiting):
            count = len(queue) + self._flows.held(level)
            yield metrics.sample(name, {"priority": QUEUED[level]}, count)
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
    "stalled": "calls like it have stalled, and the room that is left is for others; nothing was done",
    "queue": "the database had no room for a call of this urgency in time; nothing was done",
}
