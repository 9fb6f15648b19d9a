"""Screenshots as the rows of all their tables have to know them: whose, when, and what is to be read in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal
from uuid import UUID

from slimy_dal.engine.types import Json
from slimy_dal.queries.screenshot_comparisons import Trend
from slimy_dal.queries.screenshot_data import DataType
from slimy_dal.seed.keys import key
from slimy_dal.seed.world import World

__all__ = ["Point", "Shot", "points", "shots", "trend"]

TRENDS: Final[tuple[Trend | None, ...]] = ("up", "down", "mixed", "stable", None)
SIGNS: Final = {"up": (1, 1, 1), "down": (-1, -1, -1), "mixed": (1, -1, 0), "stable": (0, 0, 0)}
"""Where each number of a screenshot goes until the next one."""

BARE: Final = 11
"""Of so many screenshots the last one showed nothing that could be read."""

APART: Final = timedelta(days=3, hours=12)

Point = tuple[str, Json, DataType, str]
"""Key, value, type and category of what is read."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A screenshot; the one with an odd number shows the same, of the same user, some days after the one before it.

    `randomness` is the shot's own, for one of its tables.
    """

    number: int
    id: UUID
    user: int
    time: datetime
    randomness: Random

    @property
    def bare(self) -> bool:
        """Whether nothing belongs to it."""
        return self.number % BARE == BARE - 1


def shots(world: World, what: str) -> Iterator[Shot]:
    """Return every screenshot, for one of its tables; active users have more."""
    plan = world.plan
    for number in range(plan.analyses if world.users else 0):
        first = number - number % 2
        user = world.active_user(plan.random("screenshots", first, "user"))
        came = max(plan.busier(first, plan.analyses), world.user_times[user])
        time = min(came, plan.as_of - 2 * APART) + (number - first) * APART
        id_ = key(time, plan.random("screenshots", number))
        yield Shot(number, id_, user, time, plan.random("screenshots", what, number))


def trend(number: int) -> Trend | None:
    """Return where the numbers of a pair of screenshots go; None where the second one has none."""
    return TRENDS[number // 2 % len(TRENDS)]


def points(world: World, shot: Shot) -> list[Point]:
    """Return what is read in a screenshot: a value of every type, and the same again from the same shot."""
    if shot.bare:
        return []
    pair, later = shot.number // 2, shot.number % 2
    randomness, goes = world.plan.random("screenshots", "points", pair), trend(shot.number)
    week = shot.time.date().isoformat()
    read: list[Point] = [
        ("club_name", f"Club {pair} 🦎", "string", "identity"),
        ("week", week, "date", "identity"),
        ("complete", bool(later), "boolean", "quality"),
        ("top_members", [f"Member {pair + place}" for place in range(3)], "array", "roster"),
        ("tiers", {"gold": pair % 7, "silver": 3 + later}, "object", "roster"),
    ]
    if later and goes is None:
        return read
    numbers: tuple[tuple[str, float, Literal["power", "roster"]], ...] = (
        ("members", randomness.randint(20, 100), "roster"),
        ("sim_power", randomness.randint(100_000, 900_000), "power"),
        ("total_power", randomness.randint(10, 99) + 0.5, "power"),
    )
    signs = SIGNS[goes] if goes is not None else (0, 0, 0)
    for (name, value, category), sign in zip(numbers, signs, strict=True):
        step = sign * later * randomness.randint(1, 9)
        read.append((name, value + step, "number", category))
    return read
