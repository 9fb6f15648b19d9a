"""Knows of each operation whether its calls still end: those at a locked table leave turns to all the others."""

import math
from asyncio import Future
from bisect import insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

OUTLIER: Final = 4.0
"""Times what was expected, beyond which a turn says no more: one that was stuck is no reason to refuse others."""
FADES: Final = 1 / 64
"""How much of what the slowest turn took is forgotten with each that was faster."""

TIMES: Final = 3.0
"""An operation has stalled when none of its turns has ended for so many times what slow ones take; all that comes of it
is that the next of its calls wait."""
SOONEST: Final = 0.02
"""Seconds before which it has not stalled: any machine pauses for a moment."""
UNKNOWN: Final = 0.25
"""Seconds after which it has where nothing is known of what its turns take."""
FAST: Final = 0.03
"""Seconds that slow turns of an operation take at most which begins with a few of them."""

Waiter = tuple[Future[float], float, "Flow"]
"""Who waits for a turn and is told when it begins, since when (time.monotonic), and for which operation."""


@dataclass(slots=True, eq=False)
class Flow:
    """The turns of one operation."""

    level: int
    """Which class it is of: a position in QUEUED."""
    running: int = 0
    held: deque[Waiter] = field(default_factory=deque)
    """Who waits for one of its own turns to end, and keeps nobody else waiting; the first came first."""
    earned: int = 0
    """How many more than at first it may have at once: one for each that ended while others waited; those that it does
    not use are lost."""
    _slow: float = 0.0
    _raised: float = -math.inf
    """When a turn showed last that they are slower: those that ran beside it show the same, and no more."""
    _moved: float = 0.0
    _jammed: bool = False
    """Whether the last that ended had been stuck: what comes after it would do the same."""

    def begin(self, now: float) -> None:
        """Count a turn."""
        if not self.running:
            self._moved = now
        self.running += 1

    def end(self, now: float, took: float, *, stuck: bool) -> None:
        """Count it no more. It may have been stuck where its time ran out, and was where that took long.

        After one that was, all are taken to be, until one ends as usual.
        """
        self.running -= 1
        self._jammed = stuck and took > self._patience
        if self._jammed:
            self.earned = 0
        else:
            self._moved = now
            self.earned = self.earned + 1 if self.held else min(self.earned, self.running)
        if not stuck:
            self._learn(now, took)

    def give_back(self) -> None:
        """Count a turn no more that was not used."""
        self.running -= 1
        self.earned = min(self.earned, self.running)

    def _learn(self, now: float, took: float) -> None:
        known = self._slow
        if took <= known:
            self._slow = max(took, known * (1 - FADES))
        elif now - took >= self._raised:
            self._slow, self._raised = min(took, OUTLIER * known) if known else took, now

    def has_stalled(self, now: float) -> bool:
        """Say whether none of its turns has ended as usual for too long."""
        return self._jammed or (self.running > 0 and now - self._moved > self._patience)

    @property
    def is_fast(self) -> bool:
        """Whether to wait for the end of a turn costs next to nothing, as long as they end."""
        return 0 < self._slow <= FAST

    @property
    def _patience(self) -> float:
        return max(TIMES * self._slow, SOONEST) if self._slow else UNKNOWN


class Flows:
    """The operations of one process."""

    def __init__(self, most: Sequence[int], at_once: Sequence[int]) -> None:
        """Let those that have stalled hold `most` turns together, and a fast one begin with `at_once`, by class."""
        self._most, self._at_once = most, at_once
        self._flows: dict[tuple[int, str], Flow] = {}
        self.holding: set[Flow] = set()
        """Those with calls that are held."""

    def of(self, level: int, operation: str) -> Flow:
        """Return the flow of an operation."""
        found = self._flows.get((level, operation))
        if found is None:
            found = self._flows[level, operation] = Flow(level)
        return found

    def stalled(self, now: float) -> int:
        """Return how many turns are held by operations that have stalled."""
        return sum(one.running for one in self._flows.values() if one.has_stalled(now))

    def holds(self, flow: Flow, now: float, stalled: int | None = None) -> bool:
        """Say whether its next call waits for one of its own or of those that have stalled, however much room there is.

        Where it does some of these run, and with the end of one it is asked again: nobody is held for ever.
        """
        if flow.is_fast and flow.running >= self._at_once[flow.level] + flow.earned:
            return True
        if not flow.has_stalled(now):
            return False
        return (self.stalled(now) if stalled is None else stalled) >= self._most[flow.level]

    def hold(self, waiter: Waiter) -> None:
        """Let one wait for its own kind."""
        flow = waiter[2]
        insort(flow.held, waiter, key=itemgetter(1))
        self.holding.add(flow)

    def first(self, level: int, waiting: deque[Waiter], now: float) -> Waiter | None:
        """Take out who has waited longest of a class and is not to be held, among `waiting` and those that were."""
        stalled = self.stalled(now)
        while waiting and self.holds(waiting[0][2], now, stalled):
            self.hold(waiting.popleft())
        self.holding = {flow for flow in self.holding if flow.held}
        mine = (one for one in self.holding if one.level == level)
        free = [one.held for one in mine if not self.holds(one, now, stalled)]
        queues = [queue for queue in (waiting, *free) if queue]
        return min(queues, key=lambda queue: queue[0][1]).popleft() if queues else None

    def held(self, level: int) -> int:
        """Return how many of a class are held."""
        return sum(len(flow.held) for flow in self.holding if flow.level == level)
