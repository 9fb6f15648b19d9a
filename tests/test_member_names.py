"""Members are found by the names their users have now, whoever is renamed or joins at the same time."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.membership_entries import RolesEntry
from slimy_dal.engine.errors import SerializationConflict
from tests import make

if TYPE_CHECKING:
    from slimy_dal.domain.memberships import MemberOrder
    from slimy_dal.domain.users import User

Connection = psycopg.Connection[tuple[Any, ...]]

STALE = """
SELECT count(*)
FROM slimy.user_guilds AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE m.names != coalesce(u.username, '') || ' ' || coalesce(u.global_name, '')
"""
JOIN = "INSERT INTO slimy.user_guilds (user_id, guild_id) VALUES (%s, %s)"
RENAME = "UPDATE slimy.users SET username = 'renamed' WHERE id = %s"


@pytest.fixture
def sql(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def stale(sql: Connection) -> int:
    """How many memberships have other names than their users."""
    [(count,)] = sql.execute(STALE).fetchall()
    return int(count)


def weaker(sql: Connection) -> bytes:
    """Return what joins with the lock that a foreign key takes, and no more."""
    [(source,)] = sql.execute("SELECT pg_get_functiondef('slimy.take_names()'::regprocedure)")
    assert "FOR NO KEY UPDATE" in source
    return str(source).replace("FOR NO KEY UPDATE", "FOR KEY SHARE").encode()


async def found(db: Database, guild_id: int, words: str) -> list[UUID]:
    page = await db.memberships.list_members(guild_id, search=words)
    return [member.user.id for member in page.items]


async def test_a_renamed_member_is_found_by_the_new_names_only(db: Database) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    user = await make.user(db, username="ann", global_name="Ann Lee")
    for place in (guild, other):
        await db.memberships.add(place.id, user.id)
    await db.users.find_or_create(user.discord_id, username="berta")
    for place in (guild, other):
        assert await found(db, place.id, "ber lee") == [user.id]
    await db.users.update(user.id, username=None, global_name="Chris")
    for place in (guild, other):
        assert await found(db, place.id, "chr") == [user.id]
        for gone in ("ann", "lee", "berta"):
            assert await found(db, place.id, gone) == []
    [member] = (await db.memberships.list_members(guild.id, search="chris")).items
    assert (member.user.username, member.user.global_name) == (None, "Chris")
    assert member.user.discord_id == user.discord_id
    assert (await db.memberships.list_members(guild.id)).items == [member]


async def test_a_new_name_is_no_change_of_the_membership(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db, username="ann")
    joined = await db.memberships.add(guild.id, user.id)
    await db.users.update(user.id, username="anna")
    assert await db.memberships.get(guild.id, user.id) == joined
    changed = await db.memberships.set_roles(guild.id, user.id, ["admin"])
    assert changed.updated_at > joined.updated_at


async def test_a_membership_takes_its_users_names_whatever_is_written(
    db: Database, sql: Connection
) -> None:
    guild, ann, ben = (
        await make.guild(db),
        await make.user(db, username="ann"),
        await make.user(db, username="ben"),
    )
    sql.execute(
        "INSERT INTO slimy.user_guilds (user_id, guild_id, names) VALUES (%s, %s, 'king')",
        (ann.id, guild.id),
    )
    assert await found(db, guild.id, "king") == []
    assert await found(db, guild.id, "ann") == [ann.id]
    sql.execute("UPDATE slimy.user_guilds SET user_id = %s", (ben.id,))
    assert await found(db, guild.id, "ben") == [ben.id]
    sql.execute("UPDATE slimy.user_guilds SET names = 'hacker'")
    assert await found(db, guild.id, "hacker") == []
    assert await found(db, guild.id, "ben") == [ben.id]


async def test_a_search_stays_in_its_guild(db: Database) -> None:
    user = await make.user(db, username="abc")
    # In hexadecimal, as the index has them: 2 and 2a. A guild's words must not look like another's.
    short, long = await make.guild(db, id=0x2), await make.guild(db, id=0x2A)
    await db.memberships.add(long.id, user.id)
    for words in ("a", "abc", "bc", "2a"):
        assert await found(db, short.id, words) == []
    assert await found(db, long.id, "a") == [user.id]


@pytest.mark.parametrize(
    "typed", ["", " ", "&", "a & | !", "'", "\\", "a:*", "<->", "((", "💥", "%", "x'y", "x" * 200]
)
async def test_no_typed_search_of_members_is_an_error(db: Database, typed: str) -> None:
    guild, user = await make.guild(db), await make.user(db, username="zoe")
    await db.memberships.add(guild.id, user.id)
    assert await found(db, guild.id, typed) == []


@pytest.mark.parametrize("name", ["🦎" * 100, "יעל הלוי", "o'brien\\\"", "a" * 100, "--", "a:b|c"])
async def test_every_name_can_be_joined_and_searched(db: Database, name: str) -> None:
    guild, user = await make.guild(db), await make.user(db, username=name, global_name=name)
    await db.memberships.add(guild.id, user.id)
    by_words = {row.id for row in (await db.users.list(search=name)).items}
    assert set(await found(db, guild.id, name)) == by_words


async def test_finds_are_paged_in_both_orders(db: Database) -> None:
    guild = await make.guild(db)
    users = [await make.user(db, username=f"ann {number}") for number in range(5)]
    for user in users:
        await db.memberships.add(guild.id, user.id)
    orders: dict[MemberOrder, list[User]] = {"oldest": users, "newest": users[::-1]}
    for sort, expected in orders.items():
        seen: list[UUID] = []
        cursor = None
        for _ in range(3):
            page = await db.memberships.list_members(
                guild.id, search="ann", sort=sort, limit=2, cursor=cursor
            )
            seen += [member.user.id for member in page.items]
            cursor = page.next_cursor
        assert seen == [user.id for user in expected]
        assert cursor is None


async def meet(
    db: Database, database_url: str, first: LiteralString, second: LiteralString
) -> None:
    """Begin the first statement, begin the second in another session, end the first, then the second."""
    guild, user = await make.guild(db, id=1), await make.user(db, username="ann")
    values: dict[str, tuple[Any, ...]] = {JOIN: (user.id, guild.id), RENAME: (user.id,)}
    begun = Event()

    def follow() -> None:
        with psycopg.connect(database_url, autocommit=True) as other:
            begun.set()
            other.execute(second, values[second])

    with psycopg.connect(database_url) as one, ThreadPoolExecutor(1) as threads:
        one.execute(first, values[first])
        following = threads.submit(follow)
        begun.wait(10)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with psycopg.connect(database_url, autocommit=True) as watching:
            for _ in range(1000):
                if following.done() or watching.execute(waits).fetchone() != (0,):
                    break
                watching.execute("SELECT pg_sleep(0.02)")
        one.commit()
        following.result(60)


@pytest.mark.parametrize(("first", "second"), [(JOIN, RENAME), (RENAME, JOIN)])
async def test_a_join_and_a_rename_wait_for_each_other(
    db: Database, database_url: str, sql: Connection, first: LiteralString, second: LiteralString
) -> None:
    await meet(db, database_url, first, second)
    assert stale(sql) == 0
    assert len(await found(db, 1, "renamed")) == 1


@pytest.mark.parametrize(("first", "second"), [(JOIN, RENAME), (RENAME, JOIN)])
async def test_without_their_meeting_they_would_miss_each_other(
    db: Database, database_url: str, sql: Connection, first: LiteralString, second: LiteralString
) -> None:
    sql.execute(weaker(sql))
    await meet(db, database_url, first, second)
    assert stale(sql) == 1


async def join_and_rename(db: Database, user: UUID, guilds: list[int], how: str) -> None:
    """In one transaction for each guild, at the same time: let a user join, then rename them."""
    both = asyncio.Barrier(2)

    async def one(guild_id: int, name: str) -> None:
        async with db.transaction() as tx:
            if how == "add":
                await tx.memberships.add(guild_id, user)
            elif how == "put":
                await tx.memberships.put(guild_id, user)
            else:
                await tx.memberships.add_many(guild_id, [RolesEntry(user)])
            # The other one either comes here too, or waits for us.
            with suppress(TimeoutError, asyncio.BrokenBarrierError):
                async with asyncio.timeout(0.3):
                    await both.wait()
            await tx.users.update(user, username=name)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for number, guild_id in enumerate(guilds):
            group.create_task(one(guild_id, f"name{number}"))


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("how", ["add", "put", "add_many"])
async def test_two_transactions_that_let_a_user_join_and_rename_them_wait_in_turn(
    db: Database, sql: Connection, how: str, turn: int
) -> None:
    user = await make.user(db, username="ann")
    guilds = [(await make.guild(db)).id for _ in range(2)]
    await join_and_rename(db, user.id, guilds[::turn], how)
    assert stale(sql) == 0
    for guild_id in guilds:
        assert await found(db, guild_id, "name") == [user.id]


async def test_with_a_weaker_lock_and_a_stronger_one_they_would_wait_in_a_circle(
    db: Database, sql: Connection
) -> None:
    sql.execute(weaker(sql))
    sql.execute(
        "CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM FROM slimy.users WHERE id = OLD.id FOR UPDATE; RETURN NEW; END $$"
    )
    sql.execute(
        "CREATE TRIGGER meet BEFORE UPDATE ON slimy.users FOR EACH ROW EXECUTE FUNCTION meet()"
    )
    user = await make.user(db, username="ann")
    guilds = [(await make.guild(db)).id for _ in range(2)]
    with pytest.raises(ExceptionGroup) as caught:
        await join_and_rename(db, user.id, guilds, "add")
    assert caught.group_contains(SerializationConflict)


async def test_whoever_joins_keeps_renames_waiting_and_not_what_the_user_writes(
    db: Database, database_url: str, sql: Connection
) -> None:
    guild, user = await make.guild(db), await make.user(db, username="ann")
    with psycopg.connect(database_url) as joining:
        joining.execute(JOIN, (user.id, guild.id))
        sql.execute("SET lock_timeout = '1s'")
        sql.execute("INSERT INTO slimy.conversations (user_id) VALUES (%s)", (user.id,))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            sql.execute(RENAME, (user.id,))


async def test_a_login_with_the_same_names_writes_no_membership(
    db: Database, sql: Connection
) -> None:
    guild = await make.guild(db)
    user = await make.user(db, username="ann", global_name="Ann")
    await db.memberships.add(guild.id, user.id)
    versions = "SELECT ctid::text, xmin::text FROM slimy.user_guilds WHERE guild_id = %s"
    before = sql.execute(versions, (guild.id,)).fetchall()
    await db.users.find_or_create(user.discord_id, username="ann", global_name="Ann", avatar="a")
    assert sql.execute(versions, (guild.id,)).fetchall() == before
