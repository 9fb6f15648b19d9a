"""Knows of each operation whether its calls still end: those at a locked table leave turns to all the others."""

from asyncio import Future
from collections import deque
from dataclasses import dataclass, field
from typing import Final

LATELY: Final = 1 / 16
"""How much one turn says about how long the next will take."""
OUTLIER: Final = 4.0
"""Times what was expected, beyond which a turn says no more: one that was stuck is no reason to refuse others."""

TIMES: Final = 4.0
"""An operation has stalled when none of its turns has ended for so many times what one takes; all that comes of it is
that the next of its calls wait."""
SOONEST: Final = 0.02
"""Seconds before which it has not stalled: any machine pauses for a moment."""
UNKNOWN: Final = 0.25
"""Seconds after which it has where nothing is known of what its turns take."""

Waiter = tuple[Future[float], float, "Flow"]
"""Who waits for a turn and is told when it begins, since when (time.monotonic), and for which operation."""


@dataclass(slots=True, eq=False)
class Flow:
    """The turns of one operation."""

    level: int
    """Which class it is of: a position in QUEUED."""
    running: int = 0
    held: deque[Waiter] = field(default_factory=deque)
    """Who waits for one of its own turns to end, and keeps nobody else waiting."""
    _usual: float = 0.0
    _moved: float = 0.0
    _jammed: bool = False
    """Whether the last that ended was one that had stalled: what comes after it would do the same."""

    def begin(self, now: float) -> None:
        """Count a turn."""
        if not self.running:
            self._moved = now
        self.running += 1

    def end(self, now: float, took: float, *, failed: bool) -> None:
        """Count it no more. One that failed after a long wait is not one that goes on."""
        self.running -= 1
        self._jammed = failed and took > self._patience
        if not self._jammed:
            self._moved = now
        if not failed:
            self._usual = learnt(self._usual, took)

    def has_stalled(self, now: float) -> bool:
        """Say whether it has turns, and none of them has ended as usual for too long."""
        return self.running > 0 and (self._jammed or now - self._moved > self._patience)

    @property
    def _patience(self) -> float:
        return max(TIMES * self._usual, SOONEST) if self._usual else UNKNOWN


def learnt(known: float, took: float) -> float:
    """Return what a turn is expected to take after one more took so long; 0.0 stands for nothing known."""
    return known + (min(took, OUTLIER * known) - known) * LATELY if known else took
