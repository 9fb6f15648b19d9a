"""Stores made-up data by COPY, table after table and the longest in runs: all of it, or nothing."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from slimy_dal.engine.errors import Conflict
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.transaction import Transaction
from slimy_dal.queries import (
    api_keys,
    audit_logs,
    chat_messages,
    club_analyses,
    club_analysis_images,
    club_members,
    club_metrics,
    code_reports,
    conversations,
    guild_feature_flags,
    guild_personalities,
    guild_settings,
    guilds,
    health,
    memberships,
    partitions,
    screenshot_analyses,
    screenshot_comparisons,
    screenshot_data,
    screenshot_insights,
    screenshot_recommendations,
    screenshot_tags,
    sessions,
    stats,
    user_preferences,
    users,
)
from slimy_dal.seed import access, accounts, chat, choices, clubs, events, screenshots, talks, world
from slimy_dal.seed.comparisons import comparisons
from slimy_dal.seed.plan import Plan

__all__ = ["Tell", "load"]

Tell = Callable[[str, int, int], None]
"""Hears of a table how many rows of how many are stored."""

PATIENCE: Final = 600.0
"""Seconds that one COPY may take; the pool's own limit is made for requests."""

WHOLE: Final = 86_400.0
"""Seconds that all of it may take: fifty million messages, on a slow machine."""

FOLD: Final = 10_000
"""Deltas that are folded at a time."""


async def load(db: Pool | Transaction, plan: Plan, tell: Tell) -> dict[str, int]:
    """Store the plan's data in one transaction and return how many rows each table got.

    Makes the partitions of the year it is set in, which takes the tables' owner; folds what was counted into the
    totals, and analyses every table. Raises Conflict where the database holds any data already.
    """
    async with db.transaction(timeout=WHOLE) as tx:
        found = await health.find_data(tx)
        if found is not None:
            raise Conflict(
                f"the database holds {found} already, and only an empty one is seeded: make one "
                "(`createdb NAME`, then `slimy migrate apply --dsn postgresql:///NAME`) and seed that"
            )
        # One at a time: a year of them takes so long that it would be logged as a slow query.
        for month in plan.months:
            await partitions.make(tx, first_month=month, months=1)
        made = world.make(plan)
        stored: dict[str, int] = {}
        for table, storing in _tables(tx, made):
            stored[table] = stored.get(table, 0) + await storing
            tell(table, stored[table], stored[table])
        stored["chat_messages"] = await _messages(tx, made, tell)
        while await stats.fold(tx, batch_size=FOLD, timeout=PATIENCE):
            pass
        while await audit_logs.fold(tx, batch_size=FOLD, timeout=PATIENCE):
            pass
        await health.analyze(tx, timeout=PATIENCE)
    return stored


async def _messages(db: Executor, made: world.World, tell: Tell) -> int:
    """Store the messages, one run after the other: several at a time lock the same guilds, and take longer than one."""
    wanted = made.plan.messages if made.users else 0
    stored = 0
    while stored < wanted:
        run = chat.messages(made, stored // chat.RUN)
        stored += await chat_messages.load(db, run, timeout=PATIENCE)
        tell("chat_messages", stored, wanted)
    return stored


def _tables(db: Executor, made: world.World) -> Iterator[tuple[str, Awaitable[int]]]:
    """Return the loading of each short table, in an order that finds every row that is pointed at."""
    yield from _accounts(db, made)
    yield from _choices(db, made)
    yield from _clubs(db, made)
    yield from _screenshots(db, made)
    yield "stats", stats.load(db, events.stats(made), timeout=PATIENCE)
    yield "audit_logs", audit_logs.load(db, events.audit_logs(made), timeout=PATIENCE)
    begun = talks.conversations(made)
    yield "conversations", conversations.load(db, begun, timeout=PATIENCE)


def _accounts(db: Executor, made: world.World) -> Iterator[tuple[str, Awaitable[int]]]:
    yield "users", users.load(db, accounts.users(made, owners=True), timeout=PATIENCE)
    yield "guilds", guilds.load(db, accounts.guilds(made), timeout=PATIENCE)
    yield "users", users.load(db, accounts.users(made, owners=False), timeout=PATIENCE)
    yield "user_guilds", memberships.load(db, accounts.memberships(made), timeout=PATIENCE)
    yield "sessions", sessions.load(db, access.sessions(made), timeout=PATIENCE)
    yield "api_keys", api_keys.load(db, access.api_keys(made), timeout=PATIENCE)


def _choices(db: Executor, made: world.World) -> Iterator[tuple[str, Awaitable[int]]]:
    rows = accounts.preferences(made)
    yield "user_preferences", user_preferences.load(db, rows, timeout=PATIENCE)
    yield "guild_settings", guild_settings.load(db, choices.settings(made), timeout=PATIENCE)
    flags = choices.flags(made)
    yield "guild_feature_flags", guild_feature_flags.load(db, flags, timeout=PATIENCE)
    personalities = choices.personalities(made)
    yield "guild_personalities", guild_personalities.load(db, personalities, timeout=PATIENCE)
    yield "code_reports", code_reports.load(db, choices.code_reports(made), timeout=PATIENCE)


def _clubs(db: Executor, made: world.World) -> Iterator[tuple[str, Awaitable[int]]]:
    # The latest first: the trigger of the observations finds them true, and dates none of them today.
    latest = events.latest(made)
    yield "club_member_latest", club_members.load_latest(db, latest, timeout=PATIENCE)
    observed = events.observations(made)
    yield "club_member_metrics", club_members.load(db, observed, timeout=PATIENCE)
    yield "club_analyses", club_analyses.load(db, clubs.analyses(made), timeout=PATIENCE)
    images = clubs.images(made)
    yield "club_analysis_images", club_analysis_images.load(db, images, timeout=PATIENCE)
    yield "club_metrics", club_metrics.load(db, clubs.metrics(made), timeout=PATIENCE)


def _screenshots(db: Executor, made: world.World) -> Iterator[tuple[str, Awaitable[int]]]:
    texts = screenshots.analyses(made)
    yield "screenshot_analyses", screenshot_analyses.load(db, texts, timeout=PATIENCE)
    yield "screenshot_data", screenshot_data.load(db, screenshots.data(made), timeout=PATIENCE)
    yield "screenshot_tags", screenshot_tags.load(db, screenshots.tags(made), timeout=PATIENCE)
    insights = screenshots.insights(made)
    yield "screenshot_insights", screenshot_insights.load(db, insights, timeout=PATIENCE)
    advice = screenshots.recommendations(made)
    yield (
        "screenshot_recommendations",
        screenshot_recommendations.load(db, advice, timeout=PATIENCE),
    )
    pairs = comparisons(made)
    yield "screenshot_comparisons", screenshot_comparisons.load(db, pairs, timeout=PATIENCE)
