"""What row level security costs a call: the same call for a tenant and by the service's own right, in paired slices.

`by hand` is the driver alone in the tenant's transaction: BEGIN with its settings, the statement, ROLLBACK or COMMIT.
"""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from paired import Ground, Ready, always, by_hand, compare, ground, options

from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.tenant import Tenant, become
from slimy_dal.seed.load import load
from slimy_dal.seed.plan import plan

CALLS = 100


async def tenants(on: Ground, rounds: int) -> None:
    """Compare reads of one row, of pages, and a write."""
    user, guild, message = await _found(on)
    mine = on.db.as_user(user)
    calls: dict[str, Any] = {
        "a user": lambda db: db.users.get(user),
        "a guild": lambda db: db.guilds.get(guild),
        "a message": lambda db: db.chat_messages.get(message),
        "50 messages of a guild": lambda db: db.chat_messages.list_of_guild(guild),
        "50 members of a guild": lambda db: db.memberships.list_members(guild),
        "a new message": lambda db: db.chat_messages.create(user, "hello", guild_id=guild),
    }
    for title, call in calls.items():
        contestants: dict[str, Ready] = {
            "own right": always(lambda call=call: call(on.db)),  # type: ignore[misc]
            "again": always(lambda call=call: call(on.db)),  # type: ignore[misc]
            "for a tenant": always(lambda call=call: call(mine)),  # type: ignore[misc]
            "by hand": always(await _transaction(on, call, user, title)),
        }
        await compare(title, on, contestants, rounds=rounds, calls=CALLS)


async def _transaction(on: Ground, call: Any, user: UUID, title: str) -> Any:
    begin = f"BEGIN; {become(Tenant(user))}"
    end = "COMMIT" if title == "a new message" else "ROLLBACK"
    on.prepared.clear()

    async def overheard(db: Any) -> None:
        with suppress(SlimyError):  # who only listens gives no rows
            await call(db)

    await on.raw.execute(begin)
    statement = await by_hand(on, overheard)
    await on.raw.execute("ROLLBACK")

    async def run() -> object:
        await on.raw.execute(begin)
        rows = await statement()
        await on.raw.execute(end)
        return rows

    return run


async def _found(on: Ground) -> tuple[UUID, int, UUID]:
    """Return a member of the guild in which most was said, the guild, and a message there."""
    row = await on.raw.fetchrow(
        "SELECT guild_id FROM slimy.chat_messages"
        " WHERE guild_id IN (SELECT m.guild_id FROM slimy.user_guilds AS m) GROUP BY guild_id"
        " ORDER BY count(*) DESC LIMIT 1"
    )
    guild: int = row[0]
    user: UUID = await on.raw.fetchval(
        "SELECT user_id FROM slimy.user_guilds WHERE guild_id = $1 LIMIT 1",
        guild,
    )
    message: UUID = await on.raw.fetchval(
        "SELECT id FROM slimy.chat_messages WHERE guild_id = $1 AND NOT admin_only LIMIT 1", guild
    )
    return user, guild, message


async def main() -> None:
    """Seed a database and compare."""
    chosen = options(__doc__, rounds=(0, "how many; 0: as many as --quick says"))
    async with ground() as on:
        await load(on.db.pool, plan("demo"), lambda *_: None)
        await tenants(on, chosen.rounds or (7 if chosen.quick else 31))


if __name__ == "__main__":
    asyncio.run(main())
