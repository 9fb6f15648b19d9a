"""A timetable of faults that follows from a seed, so that a run that failed can be run again."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Happening", "schedule"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One fault: when it begins, in seconds from the start, and for how long it lasts.

    `chance` is a number of its own for whatever the fault leaves to chance: `random.Random(one.chance)`.
    """

    at: float
    kind: str
    seconds: float
    chance: int

    def __str__(self) -> str:
        return f"{self.at:7.2f} s  {self.kind} for {self.seconds:.2f} s  ({self.chance})"


def schedule(
    seed: int | str,
    seconds: float,
    kinds: Mapping[str, tuple[float, float]],
    *,
    calm: tuple[float, float] = (0.5, 1.5),
) -> list[Happening]:
    """Return faults one after the other, for so many seconds in all; the same for the same arguments.

    `kinds` gives the shortest and the longest duration of each; all are equally frequent, and each is there before one
    comes again. Between two faults it is `calm` for some time between these two. Raises ValueError without kinds.
    """
    if not kinds:
        raise ValueError("there is no kind of fault to choose from")
    chance = random.Random(f"{seed} {sorted(kinds)}")  # noqa: S311 -- no secret
    found: list[Happening] = []
    waiting: list[str] = []
    now = chance.uniform(*calm)
    while True:
        if not waiting:
            waiting = _shuffled(sorted(kinds), chance)
        kind = waiting.pop()
        lasts = chance.uniform(*kinds[kind])
        if now + lasts > seconds:
            return found
        found.append(Happening(round(now, 2), kind, round(lasts, 2), chance.getrandbits(32)))
        now += lasts + chance.uniform(*calm)


def _shuffled(names: Iterable[str], chance: random.Random) -> list[str]:
    mixed = list(names)
    chance.shuffle(mixed)
    return mixed
