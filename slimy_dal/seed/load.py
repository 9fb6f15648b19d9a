"""Stores made-up data by COPY, table after table, and the long ones in runs side by side."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from slimy_dal.engine.errors import Conflict
from slimy_dal.engine.statement import Executor
from slimy_dal.queries import (
    chat_messages,
    code_reports,
    guild_feature_flags,
    guild_personalities,
    guild_settings,
    guilds,
    memberships,
    user_preferences,
    users,
)
from slimy_dal.seed import accounts, chat, choices, world
from slimy_dal.seed.plan import Plan

__all__ = ["Tell", "is_empty", "load"]

Tell = Callable[[str, int, int], None]
"""Hears of a table how many rows of how many are stored."""

LAST_ID: Final = UUID(int=2**128 - 1)
LAST_TIME: Final = datetime(9999, 12, 31, tzinfo=UTC)

PATIENCE: Final = 600.0
"""Seconds that one COPY may take; the pool's own limit is made for requests."""


async def is_empty(db: Executor) -> bool:
    """Say whether the database holds neither users nor guilds."""
    if await users.list_newest(db, before_id=LAST_ID, row_limit=1):
        return False
    found = await guilds.list_newest(
        db, before_created_at=LAST_TIME, before_id=2**63 - 1, row_limit=1
    )
    return not found


async def load(db: Executor, plan: Plan, tell: Tell, *, at_once: int = 1) -> dict[str, int]:
    """Store the plan's data and return how many rows each table got.

    With `at_once` above 1, `db` has to be a pool: runs of messages are then stored on so many connections. Raises
    Conflict when the database holds users or guilds already.
    """
    if not await is_empty(db):
        raise Conflict("the database holds users or guilds already: seed an empty one")
    made = world.make(plan)
    stored: dict[str, int] = {}

    def note(table: str, count: int, of: int | None = None) -> None:
        stored[table] = stored.get(table, 0) + count
        tell(table, stored[table], stored[table] if of is None else of)

    for table, storing in (
        ("users", users.load(db, accounts.users(made, owners=True), timeout=PATIENCE)),
        ("guilds", guilds.load(db, accounts.guilds(made), timeout=PATIENCE)),
        ("users", users.load(db, accounts.users(made, owners=False), timeout=PATIENCE)),
        ("memberships", memberships.load(db, accounts.memberships(made), timeout=PATIENCE)),
        (
            "user_preferences",
            user_preferences.load(db, accounts.preferences(made), timeout=PATIENCE),
        ),
        ("guild_settings", guild_settings.load(db, choices.settings(made), timeout=PATIENCE)),
        ("guild_feature_flags", guild_feature_flags.load(db, choices.flags(made), timeout=PATIENCE)),
        (
            "guild_personalities",
            guild_personalities.load(db, choices.personalities(made), timeout=PATIENCE),
        ),
        ("code_reports", code_reports.load(db, choices.code_reports(made), timeout=PATIENCE)),
    ):
        note(table, await storing)

    gate = asyncio.Semaphore(at_once)

    async def store(run: int) -> None:
        async with gate:
            rows = chat.messages(made, run)
            note("chat_messages", await chat_messages.load(db, rows, timeout=PATIENCE), plan.messages)

    if any(made.weights()):
        async with asyncio.TaskGroup() as runs:
            for run in range(-(-plan.messages // chat.RUN)):
                runs.create_task(store(run))
    return stored
