"""Rows of club analyses with their images and metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from slimy_dal.engine.types import Json
from slimy_dal.queries.club_analyses import LoadItem as AnalysisItem
from slimy_dal.queries.club_analysis_images import LoadItem as ImageItem
from slimy_dal.queries.club_metrics import LoadItem as MetricItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.words import longest, sentence
from slimy_dal.seed.world import World

__all__ = ["analyses", "images", "metrics"]

BARE: Final = 7
"""Of so many analyses the last has neither images nor metrics."""

TITLES: Final = (longest(200), None, "סיכום שבועי", "Week 🗓", None, "Weekly review")
SUMMARIES: Final = (longest(20_000), "🦎", "القوة الإجمالية في ازدياد.")


@dataclass(frozen=True, slots=True)
class _Entry:
    """An analysis, as far as its images and metrics have to know it; `randomness` has made it, and goes on."""

    number: int
    id: UUID
    guild: int
    user: int
    time: datetime
    randomness: Random


def _entries(world: World, what: str) -> Iterator[_Entry]:
    """Give every analysis; busy guilds have more. None where no guild has members who could make one."""
    plan = world.plan
    for number in range(plan.analyses if world.inhabited else 0):
        randomness = plan.random("club_analyses", number)
        guild = world.busy_guild(randomness)
        user = world.active_member(guild, randomness)
        time = max(plan.busier(number, plan.analyses), world.guild_times[guild])
        id_ = key(time, randomness)
        yield _Entry(number, id_, guild, user, time, plan.random("club_analyses", what, number))


def analyses(world: World) -> Iterator[AnalysisItem]:
    """Return the analyses; one is as long as it may be, some have no title, some were changed later."""
    for entry in _entries(world, "texts"):
        number, randomness = entry.number, entry.randomness
        text = " ".join(sentence(randomness) for _ in range(randomness.randint(1, 6)))
        changed = min(entry.time + timedelta(minutes=7), world.plan.as_of)
        yield AnalysisItem(
            id=entry.id,
            guild_id=world.guilds[entry.guild],
            user_id=world.users[entry.user],
            title=TITLES[number] if number < len(TITLES) else TITLES[3 + number % 3],
            summary=SUMMARIES[number] if number < len(SUMMARIES) else text,
            confidence=float(number) if number < 2 else round(1 - randomness.random() ** 2 / 2, 3),  # noqa: PLR2004
            created_at=entry.time,
            updated_at=changed if number % 4 == 1 else entry.time,
        )


def images(world: World) -> Iterator[ImageItem]:
    """Return one to five images of each analysis but the bare ones."""
    for entry in _entries(world, "images"):
        number, randomness = entry.number, entry.randomness
        for turn in range(0 if number % BARE == BARE - 1 else randomness.randint(1, 5)):
            time = entry.time - timedelta(seconds=30 - turn)
            most = number == turn == 0
            size = int(randomness.paretovariate(1.5) * 150_000)
            yield ImageItem(
                analysis_id=entry.id,
                id=key(time, randomness),
                image_url=_url(f"club/{number}/{turn}.png", 2048 if most else 0),
                original_name=longest(255) if most else f"Screenshot {turn} 🦎.png",
                file_size=0 if turn == 4 else size,  # noqa: PLR2004 -- the fifth was cut off
                uploaded_at=time,
            )


def _url(path: str, length: int) -> str:
    return f"https://images.example.com/{path}".ljust(length, "x")


def metrics(world: World) -> Iterator[MetricItem]:
    """Return the metrics of each analysis but the bare ones: a value of every kind that JSON has."""
    for entry in _entries(world, "metrics"):
        if entry.number % BARE == BARE - 1:
            continue
        for name, value, unit, category in _metrics(world, entry):
            yield MetricItem(
                analysis_id=entry.id, name=name, value=value, unit=unit, category=category
            )


def _metrics(world: World, entry: _Entry) -> Iterator[tuple[str, Json, str | None, str]]:
    randomness, members = entry.randomness, len(world.members[entry.guild])
    total = int(members * randomness.uniform(200_000, 900_000))
    yield "member_count", members, "members", "activity"
    yield "active_share", round(randomness.random(), 3), None, "activity"
    yield "total_power", total, "power", "performance"
    yield "average_power", round(total / members, 2), "power", "performance"
    yield "change", randomness.randint(-20, 60), "%", "performance"
    yield "top_member", f"Member {randomness.randrange(members)} 🏆", None, "performance"
    yield "by_tier", {"gold": members // 5, "silver": members // 3}, "members", "performance"
    yield "absent", [f"Member {place}" for place in range(randomness.randint(0, 3))], None, "social"
    yield "recruiting", randomness.random() < 0.5, None, "social"  # noqa: PLR2004 -- even odds
    if entry.number == 0:
        yield longest(100), "x" * (16_384 - len('""')), longest(32), longest(64)
