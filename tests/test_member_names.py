"""Members are found by the names their users have now, whoever is renamed or joins at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from slimy_dal import Database
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


async def test_a_search_stays_in_its_guild(db: Database) -> None:
    user = await make.user(db, username="abc")
    # In hexadecimal, as the index has them: 2 and 2a. A guild's words must not look like another's.
    short, long = await make.guild(db, id=0x2), await make.guild(db, id=0x2A)
    await db.memberships.add(long.id, user.id)
    for words in ("a", "abc", "bc", "2a"):
        assert await found(db, short.id, words) == []
    assert await found(db, long.id, "a") == [user.id]


@pytest.mark.parametrize(
    "typed", ["", " ", "&", "a & | !", "'", "\\", "a:*", "<->", "((", "💥", "%", "x'y", "x" * 3000]
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
            for _ in range(100):
                if following.done() or watching.execute(waits).fetchone() != (0,):
                    break
                watching.execute("SELECT pg_sleep(0.02)")
        one.commit()
        following.result(10)


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
    sql.execute("DROP TRIGGER users_meet_members ON slimy.users")
    await meet(db, database_url, first, second)
    assert stale(sql) == 1


async def test_a_login_with_the_same_names_waits_for_nobody_and_writes_no_membership(
    db: Database, database_url: str, sql: Connection
) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    user = await make.user(db, username="ann", global_name="Ann")
    await db.memberships.add(guild.id, user.id)
    versions = "SELECT ctid::text, xmin::text FROM slimy.user_guilds WHERE guild_id = %s"
    before = sql.execute(versions, (guild.id,)).fetchall()
    with psycopg.connect(database_url) as joining:
        joining.execute(JOIN, (user.id, other.id))
        sql.execute("SET lock_timeout = '1s'")
        sql.execute(
            "UPDATE slimy.users SET username = 'ann', global_name = 'Ann', avatar = 'a' WHERE id = %s",
            (user.id,),
        )
        with pytest.raises(psycopg.errors.LockNotAvailable):
            sql.execute(RENAME, (user.id,))
    assert sql.execute(versions, (guild.id,)).fetchall() == before
