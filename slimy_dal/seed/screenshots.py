"""Rows of screenshot analyses and of what belongs to each: data points, tags, insights and recommendations."""

from collections.abc import Iterator
from typing import Final, get_args

from slimy_dal.engine.types import Json
from slimy_dal.queries.screenshot_analyses import LoadItem as AnalysisItem
from slimy_dal.queries.screenshot_data import LoadItem as DataItem
from slimy_dal.queries.screenshot_insights import LoadItem as InsightItem
from slimy_dal.queries.screenshot_insights import Priority
from slimy_dal.queries.screenshot_recommendations import LoadItem as RecommendationItem
from slimy_dal.queries.screenshot_tags import LoadItem as TagItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.shots import Shot, points, shots
from slimy_dal.seed.words import filled, longest, sentence
from slimy_dal.seed.world import World

__all__ = ["analyses", "data", "insights", "recommendations", "tags"]

WORD: Final = "a".ljust(64, "z")
"""The longest word of ours, such as a type."""

TYPES: Final = ("club_roster", "raid_score", "tier_list", "gift-codes", "event.result")
TITLES: Final = (longest(200), "🦎", "قائمة النادي")
MODELS: Final = ("reader-2", "reader-2-large", "reader-3")
TAGS: Final = (
    ("roster", "content"),
    ("needs review", "quality"),
    ("🦎", "mood"),
    ("שבועי", "schedule"),
    ("power", "content"),
    ("blurred", "quality"),
)
PRIORITIES: Final = get_args(Priority)


def analyses(world: World) -> Iterator[AnalysisItem]:
    """Return the analyses; one is as long as it may be, of every third pair the model answered with a list."""
    for shot in shots(world, "texts"):
        number, randomness, most = shot.number, shot.randomness, shot.number == 0
        name = f"https://images.example.com/shot/{number}.png"
        yield AnalysisItem(
            id=shot.id,
            user_id=world.users[shot.user],
            screenshot_type=WORD if most else TYPES[number // 2 % len(TYPES)],
            image_url=name.ljust(2048, "x") if most else name,
            title=TITLES[number] if number < len(TITLES) else sentence(randomness),
            description=longest(4000) if most else "" if number % 5 == 1 else sentence(randomness),
            summary=longest(20_000) if most else sentence(randomness, 40),
            confidence=float(number) if number < 2 else round(1 - randomness.random() ** 2 / 2, 3),  # noqa: PLR2004
            processing_time_ms=0 if number == 1 else int(randomness.paretovariate(2) * 900),
            model_used=longest(100) if most else MODELS[number % len(MODELS)],
            raw_response=filled(1_048_576) if most else _answer(world, shot),
            created_at=shot.time,
            updated_at=shot.time,
        )


def _answer(world: World, shot: Shot) -> Json:
    """Return what the model said before it was read: what was read is in there."""
    said = [{"key": name, "value": value} for name, value, _, _ in points(world, shot)]
    return said if shot.number // 2 % 3 == 1 else {"found": said, "warnings": []}


def data(world: World) -> Iterator[DataItem]:
    """Return the data points: a value of every type; of some the model did not say how sure it is."""
    for shot in shots(world, "data"):
        for place, (name, value, type_, category) in enumerate(points(world, shot)):
            sure = round(1 - shot.randomness.random() / 3, 3)
            yield DataItem(
                analysis_id=shot.id,
                key=name,
                value=value,
                data_type=type_,
                category=category,
                confidence=None if (shot.number + place) % 4 == 0 else sure,
            )
        if shot.number == 0:
            value = "x" * (16_384 - len('""'))
            yield DataItem(shot.id, longest(100), value, "string", longest(64), 1.0)


def tags(world: World) -> Iterator[TagItem]:
    """Return one to four tags of each analysis but the bare ones."""
    for shot in shots(world, "tags"):
        count = 0 if shot.bare else shot.randomness.randint(1, 4)
        for tag, category in shot.randomness.sample(TAGS, count):
            yield TagItem(analysis_id=shot.id, tag=tag, category=category)
        if shot.number == 0:
            yield TagItem(analysis_id=shot.id, tag=longest(64), category=longest(64))


def insights(world: World) -> Iterator[InsightItem]:
    """Return one to three insights of each analysis but the bare ones."""
    for shot in shots(world, "insights"):
        randomness = shot.randomness
        for turn in range(0 if shot.bare else 1 + shot.number % 3):
            most = shot.number == turn == 0
            yield InsightItem(
                analysis_id=shot.id,
                id=key(shot.time, randomness),
                type=WORD if most else ("growth", "absence", "risk")[turn],
                priority=PRIORITIES[(shot.number + turn) % len(PRIORITIES)],
                title=longest(200) if most else sentence(randomness, 5),
                description=longest(4000) if most else sentence(randomness),
                confidence=round(randomness.random(), 3),
                actionable=turn == 0,
                created_at=shot.time,
            )


def recommendations(world: World) -> Iterator[RecommendationItem]:
    """Return one or two recommendations of each analysis but the bare ones, of every impact for every effort."""
    for shot in shots(world, "recommendations"):
        randomness = shot.randomness
        for turn in range(0 if shot.bare else 1 + shot.number % 2):
            most, place = shot.number == turn == 0, shot.number + turn
            yield RecommendationItem(
                analysis_id=shot.id,
                id=key(shot.time, randomness),
                type=WORD if most else ("recruit", "remind")[turn],
                priority=PRIORITIES[place % len(PRIORITIES)],
                title=longest(200) if most else sentence(randomness, 5),
                description=longest(4000) if most else sentence(randomness),
                impact=PRIORITIES[place // 3 % len(PRIORITIES)],
                effort=PRIORITIES[(place + place // 3) % len(PRIORITIES)],
                actionable=turn == 0,
                created_at=shot.time,
            )
