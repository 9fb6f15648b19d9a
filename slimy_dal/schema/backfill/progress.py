"""What a data migration says while it runs: figures for a program, and a line for people."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Progress", "now_and_then"]

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a data migration is; rows and batches are counted over all its runs, the speed over this one."""

    id: str
    rows: int
    estimated: int
    """The planner's guess at the start; what is left is guessed from it."""
    changed: int
    batches: int
    batch_size: int
    rows_per_second: float
    waits_for: str | None = None
    """Why it holds back, in words; None while it works."""
    finished: bool = False

    @property
    def percent(self) -> int:
        """How much is done; 99 at most before the end, because the total is a guess."""
        if self.finished:
            return 100
        return min(99, self.rows * 100 // self.estimated) if self.estimated else 0

    @property
    def seconds_left(self) -> int | None:
        """How long it will take at this speed; None where nobody knows."""
        if self.finished:
            return 0
        if not self.rows_per_second or self.rows >= self.estimated:
            return None
        return round((self.estimated - self.rows) / self.rows_per_second)

    def as_json(self) -> dict[str, Any]:
        """Return it as a line of JSON lines has it."""
        speed = round(self.rows_per_second)
        return {
            **asdict(self),
            "rows_per_second": speed,
            "percent": self.percent,
            "seconds_left": self.seconds_left,
        }

    def __str__(self) -> str:
        done = f"{self.id}  {self.rows:,} of some {self.estimated:,} rows, {self.percent} %"
        if self.finished:
            return f"{self.id}  {self.rows:,} rows in {self.batches:,} batches, {self.changed:,} changed"
        if self.waits_for:
            return f"{done}; waits: {self.waits_for}"
        left = "" if self.seconds_left is None else f", {_time(self.seconds_left)} left"
        return f"{done}; {self.rows_per_second:,.0f} rows/s in batches of {self.batch_size:,}{left}"


def _time(seconds: int) -> str:
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min {seconds % MINUTE} s"
    return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"


def now_and_then(say: Callable[[str], None], seconds: float = 5.0) -> Callable[[Progress], None]:
    """Return what passes a line about progress on, once in so many seconds and at the end."""
    told = time.monotonic()

    def report(progress: Progress) -> None:
        nonlocal told
        now = time.monotonic()
        if progress.finished or now - told >= seconds:
            told = now
            say(str(progress))

    return report
