"""A guild that has an owner among its members keeps one, whoever asks and however many at a time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.guilds import Guild
from slimy_dal.domain.membership_entries import LastOwner, RolesEntry
from slimy_dal.engine.errors import Conflict, NotFound
from tests import make

T = TypeVar("T")

WAITING = """
SELECT count(*) FROM pg_locks AS l INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE NOT l.granted AND a.datname = current_database()
"""

LAST_OWNER = "the guild would be left without an owner"


async def club(db: Database, owners: int, members: int = 0) -> tuple[Guild, list[UUID]]:
    """A guild with so many owners, then members; their users in that order."""
    guild = await make.guild(db)
    users = [(await make.user(db)).id for _ in range(owners + members)]
    for place, user in enumerate(users):
        roles = ["owner", "member"] if place < owners else ["member"]
        await db.memberships.add(guild.id, user, roles=roles)
    return guild, users


async def owners_of(db: Database, guild: Guild) -> list[UUID]:
    page = await db.memberships.list_members(guild.id, limit=200)
    return [row.user.id for row in page.items if "owner" in row.roles]


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


async def test_the_last_owner_stays(db: Database) -> None:
    guild, (owner, _) = await club(db, 1, 1)
    for call in (
        db.memberships.remove(guild.id, owner),
        db.memberships.set_roles(guild.id, owner, ["admin"]),
        db.memberships.put(guild.id, owner, roles=["member"]),
    ):
        with pytest.raises(Conflict, match=LAST_OWNER) as refused:
            await call
        assert not refused.value.retryable
    assert await owners_of(db, guild) == [owner]
    assert (await db.memberships.set_roles(guild.id, owner, ["owner"])).roles == ["owner"]
    assert (await db.memberships.put(guild.id, owner)).roles == ["owner"]


async def test_one_of_two_owners_may_go(db: Database) -> None:
    guild, (first, second, member) = await club(db, 2, 1)
    await db.memberships.set_roles(guild.id, first, ["member"])
    await db.memberships.remove(guild.id, first)
    with pytest.raises(Conflict, match=LAST_OWNER):
        await db.memberships.remove(guild.id, second)
    await db.memberships.set_roles(guild.id, member, ["owner"])
    await db.memberships.remove(guild.id, second)
    assert await owners_of(db, guild) == [member]


async def test_a_guild_that_never_had_an_owner_needs_none(db: Database) -> None:
    guild, users = await club(db, 0, 2)
    await db.memberships.set_roles(guild.id, users[0], ["admin"])
    await db.memberships.remove(guild.id, users[0])
    assert await db.memberships.count(guild.id) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM slimy.user_guilds",
        "DELETE FROM slimy.user_guilds WHERE 'owner' = ANY(roles)",
        "UPDATE slimy.user_guilds SET roles = '{admin}'",
        "UPDATE slimy.user_guilds SET guild_id = 1 WHERE 'owner' = ANY(roles)",
    ],
)
async def test_the_database_refuses_it_too(
    db: Database, connection: psycopg.Connection[tuple[Any, ...]], statement: str
) -> None:
    guild, users = await club(db, 2, 1)
    await db.guilds.create(1, name="elsewhere")
    with pytest.raises(psycopg.errors.CheckViolation, match="left without an owner") as refused:
        connection.execute(statement)
    assert refused.value.diag.constraint_name == "user_guilds_last_owner_check"
    assert set(await owners_of(db, guild)) == set(users[:2])


async def test_one_statement_may_hand_the_role_over(
    db: Database, connection: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild, (owner, member) = await club(db, 1, 1)
    entries = [RolesEntry(owner, ("member",)), RolesEntry(member, ("owner",))]
    results = await db.memberships.set_roles_many(guild.id, entries)
    assert [result.ok for result in results] == [True, True]
    assert await owners_of(db, guild) == [member]
    connection.execute(
        "UPDATE slimy.user_guilds SET roles = CASE user_id WHEN %s THEN '{owner}'::text[]"
        " ELSE '{member}' END",
        (owner,),
    )
    assert await owners_of(db, guild) == [owner]


async def test_a_bulk_call_keeps_the_owners_and_does_the_rest(db: Database) -> None:
    guild, users = await club(db, 2, 2)
    entries = [RolesEntry(user, ("moderator",)) for user in users]
    results = await db.memberships.set_roles_many(guild.id, entries)
    assert [result.code for result in results] == ["last_owner", "last_owner", None, None]
    assert set(await owners_of(db, guild)) == set(users[:2])
    assert (await db.memberships.get(guild.id, users[2])).roles == ["moderator"]
    removed = await db.memberships.remove_many(guild.id, users)
    assert [result.code for result in removed] == ["last_owner", "last_owner", None, None]
    assert await db.memberships.count(guild.id) == 2
    one = await db.memberships.remove_many(guild.id, users[:1])
    assert one[0].ok
    assert await owners_of(db, guild) == [users[1]]


async def test_a_guild_with_owners_can_be_deleted(db: Database) -> None:
    guild, _ = await club(db, 2, 1)
    await db.guilds.delete(guild.id)
    with pytest.raises(NotFound):
        await db.guilds.get(guild.id)


async def test_erasing_the_last_owner_leaves_a_guild_that_can_get_another(db: Database) -> None:
    guild, (owner, member) = await club(db, 1, 1)
    await db.guilds.update(guild.id, owner_id=owner)
    await db.users.delete(owner)
    assert await owners_of(db, guild) == []
    assert (await db.memberships.get(guild.id, member)).roles == ["member"]
    assert (await db.guilds.get(guild.id)).owner_id is None
    await db.memberships.set_roles(guild.id, member, ["owner"])
    with pytest.raises(Conflict, match=LAST_OWNER):
        await db.memberships.remove(guild.id, member)


@pytest.mark.fault("D16")
async def test_of_32_owners_who_leave_at_the_same_time_one_stays(db: Database) -> None:
    guild, users = await club(db, 32)

    async def leave(number: int) -> bool:
        try:
            if number % 2:
                await db.memberships.remove(guild.id, users[number])
            else:
                await db.memberships.set_roles(guild.id, users[number], ["member"])
        except Conflict as conflict:
            if LAST_OWNER not in conflict.message:
                raise
            return False
        return True

    left = await asyncio.gather(*(leave(number) for number in range(32)))
    assert left.count(False) == 1
    assert await owners_of(db, guild) == [users[left.index(False)]]


@pytest.mark.fault("D16")
@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
async def test_two_last_owners_cannot_miss_each_other(
    db: Database, database_url: str, isolation: str
) -> None:
    guild, users = await club(db, 2)

    def leave(user: UUID, ready: Callable[[], int]) -> str:
        with psycopg.connect(database_url) as connection:
            connection.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            connection.execute("SELECT count(*) FROM slimy.user_guilds")
            ready()
            try:
                connection.execute(
                    "DELETE FROM slimy.user_guilds WHERE user_id = %s AND guild_id = %s",
                    (user, guild.id),
                )
                connection.commit()
            except (psycopg.errors.CheckViolation, psycopg.errors.SerializationFailure) as error:
                return type(error).__name__
            return "left"

    barrier = Barrier(2, timeout=10)
    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(lambda user: leave(user, barrier.wait), users))
    assert outcomes.count("left") == 1, outcomes
    assert len(await owners_of(db, guild)) == 1


async def test_every_kind_of_change_at_the_same_time_ends_without_a_deadlock(db: Database) -> None:
    guild, users = await club(db, 12, 12)
    await db.guilds.update(guild.id, owner_id=users[0])

    async def change(number: int) -> None:
        randomness = random.Random(number)
        for _ in range(4):
            some = randomness.sample(users, 6)
            entries = [
                RolesEntry(user, (randomness.choice(["owner", "admin", "member"]),))
                for user in some
            ]
            calls: list[Callable[[], Awaitable[Any]]] = [
                partial(db.memberships.remove, guild.id, some[0]),
                partial(db.memberships.put, guild.id, some[1], roles=["admin"]),
                partial(db.memberships.set_roles, guild.id, some[2], ["owner"]),
                partial(db.memberships.set_roles_many, guild.id, entries),
                partial(db.memberships.remove_many, guild.id, some[:3]),
                partial(db.memberships.add_many, guild.id, entries),
                partial(db.guilds.merge_settings, guild.id, {str(some[0]): 1}),
            ]
            try:
                await randomness.choice(calls)()
            except NotFound:
                continue
            except Conflict as conflict:
                if LAST_OWNER not in conflict.message:
                    raise

    erased = [db.users.delete(users[0]), db.users.delete(users[1])]
    async with asyncio.timeout(90):
        await asyncio.gather(*(change(number) for number in range(32)), *erased)
    assert await owners_of(db, guild)


async def while_a_member_is_held(
    connection: psycopg.Connection[tuple[Any, ...]],
    held: UUID,
    erased: UUID,
    call: Awaitable[T],
) -> T:
    """Let the call wait for a member's row, erase another user, let it go on."""
    with psycopg.connect(connection.info.dsn, password=connection.info.password) as holder:
        holder.execute("SELECT FROM slimy.user_guilds WHERE user_id = %s FOR UPDATE", (held,))
        task = asyncio.ensure_future(call)
        async with asyncio.timeout(30):
            while connection.execute(WAITING).fetchone() == (0,):  # noqa: ASYNC110 -- no event says it
                await asyncio.sleep(0.01)
        connection.execute("DELETE FROM slimy.users WHERE id = %s", (erased,))
    return await task


async def test_an_owner_erased_while_members_change_is_not_counted_on(
    db: Database, connection: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild, (first, second, member) = await club(db, 2, 1)
    entries = [RolesEntry(first, ("member",)), RolesEntry(member, ("admin",))]
    change = db.memberships.set_roles_many(guild.id, entries)
    results = await while_a_member_is_held(connection, member, second, change)
    assert [result.code for result in results] == ["last_owner", None]
    assert await owners_of(db, guild) == [first]


async def test_an_owner_erased_while_members_are_removed_is_not_counted_on(
    db: Database, connection: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild, (first, second, member) = await club(db, 2, 1)
    removal = db.memberships.remove_many(guild.id, [first, member])
    results = await while_a_member_is_held(connection, member, second, removal)
    assert [result.code for result in results] == ["last_owner", None]
    assert await owners_of(db, guild) == [first]


async def test_inside_a_transaction_an_owner_erased_meanwhile_is_a_conflict(
    db: Database, connection: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild, (first, second, member) = await club(db, 2, 1)

    async def remove() -> None:
        async with db.transaction() as tx:
            await tx.memberships.remove_many(guild.id, [first, member])

    with pytest.raises(LastOwner, match=LAST_OWNER):
        await while_a_member_is_held(connection, member, second, remove())
    assert await owners_of(db, guild) == [first]


async def test_who_may_leave_can_be_asked_beforehand(db: Database) -> None:
    guild, first, second = await make.guild(db), await make.user(db), await make.user(db)
    await db.memberships.add(guild.id, first.id, roles=("owner",))
    await db.memberships.add(guild.id, second.id)
    assert not await db.memberships.has_other_owner(guild.id, first.id)
    assert await db.memberships.has_other_owner(guild.id, second.id)
    await db.memberships.set_roles(guild.id, second.id, ("owner", "member"))
    assert await db.memberships.has_other_owner(guild.id, first.id)
