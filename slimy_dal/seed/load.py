"""Stores made-up data by COPY, table after table, and the longest in runs."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import Conflict
from slimy_dal.engine.statement import Executor
from slimy_dal.queries import (
    audit_logs,
    chat_messages,
    club_members,
    code_reports,
    guild_feature_flags,
    guild_personalities,
    guild_settings,
    guilds,
    memberships,
    partitions,
    stats,
    user_preferences,
    users,
)
from slimy_dal.seed import accounts, chat, choices, events, world
from slimy_dal.seed.plan import BEGIN, Plan

__all__ = ["Tell", "is_empty", "load"]

Tell = Callable[[str, int, int], None]
"""Hears of a table how many rows of how many are stored."""

MONTHS: Final = 12
PATIENCE: Final = 600.0
"""Seconds that one COPY may take; the pool's own limit is made for requests."""


async def is_empty(db: Executor) -> bool:
    """Say whether the database holds neither users nor guilds."""
    cursors = Cursors(b"")  # no cursor is kept
    pages = (
        await users.list_newest(db, cursors, limit=1),
        await guilds.list_newest(db, cursors, limit=1),
        await guilds.list_deleted(db, cursors, limit=1),
    )
    return not any(page.items for page in pages)


async def load(db: Executor, plan: Plan, tell: Tell) -> dict[str, int]:
    """Store the plan's data and return how many rows each table got.

    Makes the partitions of the year it is set in, which takes the tables' owner. Raises Conflict when the database
    holds users or guilds already.
    """
    if not await is_empty(db):
        raise Conflict("the database holds users or guilds already: seed an empty one")
    await partitions.make(db, first_month=BEGIN.date(), months=MONTHS)
    made = world.make(plan)
    stored: dict[str, int] = {}
    for table, storing in _tables(db, made):
        stored[table] = stored.get(table, 0) + await storing
        tell(table, stored[table], stored[table])
    # One run after the other: several at a time lock the same guilds, share each lock, and take longer than one.
    for run in range(-(-plan.messages // chat.RUN) if any(made.weights()) else 0):
        count = await chat_messages.load(db, chat.messages(made, run), timeout=PATIENCE)
        stored["chat_messages"] = stored.get("chat_messages", 0) + count
        tell("chat_messages", stored["chat_messages"], plan.messages)
    return stored


def _tables(db: Executor, made: world.World) -> Iterator[tuple[str, Awaitable[int]]]:
    """Return the loading of each short table, in an order that finds every row that is pointed at."""
    yield "users", users.load(db, accounts.users(made, owners=True), timeout=PATIENCE)
    yield "guilds", guilds.load(db, accounts.guilds(made), timeout=PATIENCE)
    yield "users", users.load(db, accounts.users(made, owners=False), timeout=PATIENCE)
    yield "user_guilds", memberships.load(db, accounts.memberships(made), timeout=PATIENCE)
    rows = accounts.preferences(made)
    yield "user_preferences", user_preferences.load(db, rows, timeout=PATIENCE)
    yield "guild_settings", guild_settings.load(db, choices.settings(made), timeout=PATIENCE)
    flags = choices.flags(made)
    yield "guild_feature_flags", guild_feature_flags.load(db, flags, timeout=PATIENCE)
    personalities = choices.personalities(made)
    yield "guild_personalities", guild_personalities.load(db, personalities, timeout=PATIENCE)
    yield "code_reports", code_reports.load(db, choices.code_reports(made), timeout=PATIENCE)
    yield "stats", stats.load(db, events.stats(made), timeout=PATIENCE)
    yield "audit_logs", audit_logs.load(db, events.audit_logs(made), timeout=PATIENCE)
    observed = events.observations(made)
    yield "club_member_metrics", club_members.load(db, observed, timeout=PATIENCE)
