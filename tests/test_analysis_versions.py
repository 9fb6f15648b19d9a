"""An analysis is dated by every change of what belongs to it: its date is the version of all that is read with it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from slimy_dal import Database
from slimy_dal.domain.analysis_entries import (
    NewDataPoint,
    NewImage,
    NewInsight,
    NewMetric,
    NewRecommendation,
    NewTag,
)
from slimy_dal.engine.errors import NotFound
from tests import make

IMAGE = NewImage("https://cdn.example/1.png", "1.png", 1)
METRIC = NewMetric("power", 1, "c")
POINT = NewDataPoint("power", 1, "number", "c")
TAG = NewTag("tag", "c")
INSIGHT = NewInsight("growth", "low", "t", "d", 0.5)
ADVICE = NewRecommendation("train", "low", "t", "d", "low", "low")

Change = Callable[[], Awaitable[Any]]


def club_changes(db: Database, id: UUID, image_id: UUID) -> list[Change]:
    """Every change of what belongs to a club analysis."""
    return [
        partial(db.club_analysis_images.add_many, id, [IMAGE]),
        partial(db.club_analysis_images.delete, id, image_id),
        partial(db.club_metrics.put, id, METRIC),
        partial(db.club_metrics.delete, id, "power"),
        partial(db.club_metrics.replace, id, [METRIC]),
    ]


def screenshot_changes(
    db: Database, id: UUID, insight_id: UUID, recommendation_id: UUID
) -> list[Change]:
    """Every change of what belongs to a screenshot analysis."""
    return [
        partial(db.screenshot_data.put_many, id, [POINT]),
        partial(db.screenshot_data.delete, id, "power"),
        partial(db.screenshot_tags.put_many, id, [TAG]),
        partial(db.screenshot_tags.delete, id, "tag"),
        partial(db.screenshot_insights.add_many, id, [INSIGHT]),
        partial(db.screenshot_insights.delete, id, insight_id),
        partial(db.screenshot_recommendations.add_many, id, [ADVICE]),
        partial(db.screenshot_recommendations.delete, id, recommendation_id),
    ]


async def test_every_change_of_images_and_metrics_dates_their_analysis(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    other = await make.club_analysis(db, guild.id, user.id)
    before = await make.club_analysis(db, guild.id, user.id, images=[IMAGE])
    for change in club_changes(db, before.id, before.images[0].id):
        await change()
        after = await db.club_analyses.get(before.id)
        assert after.updated_at > before.updated_at, change
        before = after
    assert (await db.club_analyses.get(other.id)).updated_at == other.updated_at


async def test_every_change_of_what_was_read_dates_the_screenshot(db: Database) -> None:
    user = await make.user(db)
    other = await make.screenshot(db, user.id)
    before = await make.screenshot(db, user.id, insights=[INSIGHT], recommendations=[ADVICE])
    parts = before.insights[0].id, before.recommendations[0].id
    for change in screenshot_changes(db, before.id, *parts):
        await change()
        after = await db.screenshot_analyses.get(before.id)
        assert after.updated_at > before.updated_at, change
        before = after
    assert (await db.screenshot_analyses.get(other.id)).updated_at == other.updated_at


async def test_what_removes_or_adds_nothing_dates_nothing(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    club = await make.club_analysis(db, guild.id, user.id)
    shot = await make.screenshot(db, user.id)
    removals = [
        *(club_changes(db, club.id, uuid4())[number] for number in (1, 3)),
        *(screenshot_changes(db, shot.id, uuid4(), uuid4())[number] for number in (1, 3, 5, 7)),
    ]
    for removal in removals:
        with pytest.raises(NotFound):
            await removal()
    assert await db.club_analysis_images.add_many(club.id, []) == []
    assert await db.screenshot_data.put_many(shot.id, []) == []
    assert await db.screenshot_tags.put_many(shot.id, []) == []
    assert await db.screenshot_insights.add_many(shot.id, []) == []
    assert await db.screenshot_recommendations.add_many(shot.id, []) == []
    assert (await db.club_analyses.get(club.id)).updated_at == club.updated_at
    assert (await db.screenshot_analyses.get(shot.id)).updated_at == shot.updated_at


async def test_many_who_change_one_analysis_never_wait_in_a_circle(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    club = await make.club_analysis(db, guild.id, user.id, images=[IMAGE])
    shot = await make.screenshot(db, user.id, insights=[INSIGHT], recommendations=[ADVICE])
    changes: list[Change] = [
        *club_changes(db, club.id, club.images[0].id),
        partial(db.club_analyses.update, club.id, title="x"),
        *screenshot_changes(db, shot.id, shot.insights[0].id, shot.recommendations[0].id),
        partial(db.screenshot_analyses.update, shot.id, title="x"),
    ]
    choose = random.Random(7)

    async def attempt(change: Change) -> None:
        # Gone already, by somebody else: anything else, a deadlock above all, is a failure.
        try:
            await change()
        except NotFound:
            return

    await asyncio.gather(*(attempt(choose.choice(changes)) for _ in range(300)))
    again = await db.club_analyses.get(club.id)
    assert again.updated_at > club.updated_at
    assert len({image.id for image in again.images}) == len(again.images)
