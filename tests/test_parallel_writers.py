"""32 writers on the same users, guilds and memberships at a time: nothing lost, nobody waits in a circle."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.membership_entries import RolesEntry
from slimy_dal.engine.errors import (
    AlreadyExists,
    Conflict,
    InvalidReference,
    NotFound,
    SerializationConflict,
)
from slimy_dal.engine.settings import PoolSettings
from tests import make
from tests.logins import signed_in
from tests.test_member_names import STALE

WRITERS, ROUNDS = 32, 6
GUILDS = [1, 2, 3, 4]
Call = Callable[[], Awaitable[Any]]


async def attempt(call: Call) -> None:
    """Make a call that may meet somebody else's work: gone, there already, refused; but no deadlock."""
    try:
        await call()
    except SerializationConflict:
        raise
    except (NotFound, AlreadyExists, Conflict, InvalidReference):
        return


def some_calls(db: Database, choose: random.Random, accounts: dict[int, UUID]) -> list[Call]:
    """One call of every kind that writes users, guilds or memberships, about anybody and anywhere."""
    discord_ids = choose.sample(sorted(accounts), 6)
    users = [accounts[discord_id] for discord_id in discord_ids]
    guild, other = choose.sample(GUILDS, 2)
    entries = [RolesEntry(user, (choose.choice(["owner", "admin", "member"]),)) for user in users]
    name = f"name {choose.random()}"
    return [
        partial(db.memberships.add, guild, users[0]),
        partial(db.memberships.put, guild, users[0], roles=["owner"]),
        partial(db.memberships.set_roles, guild, users[1], ["admin"]),
        partial(db.memberships.remove, guild, users[2]),
        partial(db.memberships.add_many, guild, entries),
        partial(db.memberships.set_roles_many, guild, entries),
        partial(db.memberships.remove_many, other, users[:3]),
        partial(db.users.find_or_create, discord_ids[3], username=name),
        partial(db.users.update, users[4], global_name=name),
        partial(db.users.set_last_active_guild, users[5], guild),
        partial(db.users.delete, users[choose.randrange(6)]),
        partial(db.guilds.upsert, guild, name=name, owner_id=users[0]),
        partial(db.guilds.merge_settings, guild, {name: 1}),
        partial(db.guilds.soft_delete, other),
        partial(db.guilds.restore, other),
        partial(db.guilds.delete, other, batch_size=3),
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.fault("D2")
async def test_every_kind_of_write_at_a_time_loses_nothing_and_never_deadlocks(
    database_url: str, seed: int
) -> None:
    settings = PoolSettings(pool_size=WRITERS)
    async with Database.open(signed_in(database_url), settings=settings) as db:
        for guild_id in GUILDS:
            await db.guilds.create(guild_id, name="club")
        home = await make.guild(db)
        own = [(await make.user(db)) for _ in range(WRITERS)]
        shared = [await make.user(db) for _ in range(24)]
        accounts = {user.discord_id: user.id for user in shared}

        async def write(number: int) -> None:
            choose = random.Random(seed * 1000 + number)
            await db.memberships.add(home.id, own[number].id)
            for turn in range(ROUNDS):
                await attempt(choose.choice(some_calls(db, choose, accounts)))
                await db.users.update(own[number].id, username=f"own {number} {turn}")
                await db.memberships.set_roles(
                    home.id, own[number].id, ["moderator"] if turn % 2 else ["member"]
                )

        async with asyncio.timeout(180):
            await asyncio.gather(*(write(number) for number in range(WRITERS)))
        page = await db.memberships.list_members(home.id, search=f"own {ROUNDS - 1}", limit=200)
        assert {member.user.id for member in page.items} == {user.id for user in own}
        assert {tuple(member.roles) for member in page.items} == {("moderator",)}
    with psycopg.connect(database_url) as connection:
        assert connection.execute(STALE).fetchone() == (0,)


async def test_renames_meet_bulk_changes_in_order(database_url: str) -> None:
    async with Database.open(
        signed_in(database_url), settings=PoolSettings(pool_size=WRITERS)
    ) as db:
        users = [(await make.user(db)).id for _ in range(16)]
        for guild_id in GUILDS:
            await db.guilds.create(guild_id, name="club")
            await db.memberships.add_many(guild_id, [RolesEntry(user) for user in users])

        async def write(number: int) -> None:
            choose = random.Random(number)
            for turn in range(ROUNDS):
                order = choose.sample(users, len(users))
                if number % 2:
                    await db.users.update(order[0], username=f"name {number} {turn}")
                else:
                    entries = [RolesEntry(user, ("admin",)) for user in order]
                    await db.memberships.set_roles_many(choose.choice(GUILDS), entries)

        async with asyncio.timeout(180):
            await asyncio.gather(*(write(number) for number in range(WRITERS)))
    with psycopg.connect(database_url) as connection:
        assert connection.execute(STALE).fetchone() == (0,)
