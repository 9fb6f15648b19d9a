"""Keeps book of writes under faults: what was acknowledged, refused and unknown, against what was kept."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from slimy_dal.engine.errors import OutcomeUnknown, SlimyError

__all__ = ["Ledger", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What must be empty: `lost` was acknowledged and is not there, `lied` was refused and is, `twice` is there twice.

    `summary` says in words how many of each there were.
    """

    lost: list[int]
    lied: list[int]
    twice: list[int]
    summary: str

    @property
    def clean(self) -> bool:
        """Whether nothing of it happened."""
        return not (self.lost or self.lied or self.twice)


@dataclass
class Ledger:
    """Numbers every write, and notes what its caller was told.

    `longest` is the longest that a write took, `successes` the moments (time.monotonic) of those that were
    acknowledged. `doubtful` are the errors after which nobody knows, `refusals` those that promise that nothing was
    kept; with another driver they are other ones.
    """

    doubtful: tuple[type[Exception], ...] = (OutcomeUnknown,)
    refusals: tuple[type[Exception], ...] = (SlimyError,)
    done: set[int] = field(default_factory=set)
    failed: dict[int, str] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    successes: list[float] = field(default_factory=list)
    longest: float = 0.0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def write(self, add: Callable[[int], Awaitable[object]]) -> bool:
        """Make one write by `add(number)` and note its outcome; true when it was acknowledged.

        Other errors go on: they are a broken promise of their own.
        """
        number, began = next(self._numbers), time.monotonic()
        try:
            await add(number)
        except (OutcomeUnknown, asyncio.CancelledError) as error:
            self.unknown.add(number)
            if isinstance(error, asyncio.CancelledError):
                raise
        except self.refusals as error:
            self.failed[number] = type(error).__name__
        else:
            self.done.add(number)
            self.successes.append(time.monotonic())
            return True
        finally:
            self.longest = max(self.longest, time.monotonic() - began)
        return False

    async def writers(
        self,
        add: Callable[[int], Awaitable[object]],
        *,
        count: int,
        until: Callable[[], bool],
        pause: float = 0.01,
    ) -> None:
        """Let `count` tasks write until `until()` is true; after a refusal each waits for `pause` seconds."""

        async def one() -> None:
            while not until():
                if not await self.write(add):
                    await asyncio.sleep(pause)

        await asyncio.gather(*(one() for _ in range(count)))

    def first_success_after(self, moment: float) -> float:
        """Return the seconds from a moment to the next acknowledged write. Raises ValueError where none came."""
        return min(success for success in self.successes if success >= moment) - moment

    def verdict(self, kept: Iterable[int]) -> Verdict:
        """Compare the book with the ids that the database kept."""
        counts = Counter(kept)
        kinds = ", ".join(f"{kind} {n}" for kind, n in Counter(self.failed.values()).most_common())
        return Verdict(
            lost=sorted(self.done - counts.keys()),
            lied=sorted(self.failed.keys() & counts.keys()),
            twice=sorted(number for number, times in counts.items() if times > 1),
            summary=f"{len(self.done):,} done, {len(self.unknown):,} unknown "
            f"({len(self.unknown & counts.keys()):,} kept), {len(self.failed):,} refused"
            + (f" ({kinds})" if kinds else ""),
        )
