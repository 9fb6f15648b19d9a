"""Deleting guilds in two steps: hidden, then restored or purged."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.chat_messages import NewMessage
from slimy_dal.domain.guilds import Guild
from slimy_dal.engine.errors import (
    AlreadyExists,
    Conflict,
    InvalidReference,
    InvalidValue,
    NotFound,
    SlimyError,
)
from tests import make

NOW = timedelta(0)


@pytest.fixture
def sql(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


async def furnished(db: Database) -> Guild:
    """A guild with a member, a conversation and messages."""
    guild, user = await make.guild(db, name="Slimy Club"), await make.user(db)
    await db.memberships.add(guild.id, user.id)
    conversation = await make.conversation(db, user_id=user.id, guild_id=guild.id)
    await make.message(db, user_id=user.id, conversation_id=conversation.id)
    await make.message(db, user_id=user.id, guild_id=guild.id, admin_only=True)
    return await db.guilds.get(guild.id)


async def test_a_deleted_guild_is_not_seen(db: Database) -> None:
    guild = await furnished(db)
    [member] = (await db.memberships.list_members(guild.id)).items
    await db.guilds.soft_delete(guild.id)
    for call in (
        db.guilds.get(guild.id),
        db.guilds.update(guild.id, name="x"),
        db.guilds.merge_settings(guild.id, {}),
        db.guilds.replace_settings(guild.id, {}),
        db.guilds.soft_delete(guild.id),
        db.memberships.allows(guild.id, member.user.id, "view_members"),
    ):
        with pytest.raises(NotFound):
            await call
    assert (await db.guilds.list()).items == []
    assert (await db.guilds.list(search="slimy")).items == []
    assert (await db.memberships.list_guilds(member.user.id)).items == []
    for admin_only in ("without", "with", "only"):
        page = await db.chat_messages.list_of_guild(guild.id, admin_only=admin_only)
        assert page.items == []


async def test_a_deleted_guild_is_not_revived_by_the_way(db: Database) -> None:
    guild = await make.guild(db)
    await db.guilds.soft_delete(guild.id)
    with pytest.raises(Conflict, match="the guild is deleted"):
        await db.guilds.upsert(guild.id, name="x")
    with pytest.raises(AlreadyExists):
        await db.guilds.create(guild.id, name="x")
    assert (await db.guilds.restore(guild.id)).name == guild.name


async def test_a_restored_guild_is_whole(db: Database) -> None:
    guild = await furnished(db)
    await db.guilds.soft_delete(guild.id)
    restored = await db.guilds.restore(guild.id)
    assert (restored.member_count, restored.message_count) == (1, 2)
    assert [row.id for row in (await db.guilds.list(search="slimy")).items] == [guild.id]
    assert len((await db.chat_messages.list_of_guild(guild.id, admin_only="with")).items) == 2
    with pytest.raises(NotFound, match="there is no such deleted guild"):
        await db.guilds.restore(guild.id)


async def test_pages_walk_the_bin_the_latest_deleted_first(db: Database) -> None:
    made = [await make.guild(db) for _ in range(4)]
    await make.guild(db)
    for guild in made:
        await db.guilds.soft_delete(guild.id)
    first = await db.guilds.list_deleted(limit=3)
    last = await db.guilds.list_deleted(limit=3, cursor=first.next_cursor)
    assert [row.id for row in first.items + last.items] == [g.id for g in reversed(made)]
    assert {row.purge_started_at for row in first.items} == {None}


async def test_a_purge_takes_what_is_past_its_grace_with_all_its_data(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    old, fresh, live = [await furnished(db) for _ in range(3)]
    await db.guilds.soft_delete(old.id)
    await db.guilds.soft_delete(fresh.id)
    sql.execute(
        "UPDATE slimy.guilds SET deleted_at = now() - interval '31 days' WHERE id = %s", (old.id,)
    )
    assert await db.guilds.purge_deleted(batch_size=1) == 1
    for table, column, left in (
        ("guilds", "id", 1),
        ("user_guilds", "guild_id", 1),
        ("conversations", "guild_id", 1),
        ("chat_messages", "guild_id", 2),
    ):
        for guild, expected in ((old, 0), (fresh, left), (live, left)):
            assert sql.execute(
                f"SELECT count(*) FROM slimy.{table} WHERE {column} = %s", (guild.id,)
            ).fetchone() == (expected,), table
    assert (await db.guilds.restore(fresh.id)).message_count == 2
    assert await db.guilds.purge_deleted() == 0
    with pytest.raises(InvalidValue, match="grace"):
        await db.guilds.purge_deleted(grace=timedelta(seconds=-1))


async def test_a_purge_that_was_stopped_is_taken_up_again_and_not_undone(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild = await furnished(db)
    await db.guilds.soft_delete(guild.id)
    sql.execute("UPDATE slimy.guilds SET purge_started_at = now()")
    with pytest.raises(NotFound, match="there is no such deleted guild"):
        await db.guilds.restore(guild.id)
    [binned] = (await db.guilds.list_deleted()).items
    assert binned.purge_started_at is not None
    assert await db.guilds.purge_deleted(grace=NOW) == 1


async def test_the_database_lets_no_purge_begin_on_a_live_guild(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild = await make.guild(db)
    with pytest.raises(psycopg.errors.CheckViolation, match="purge_started_at_deleted_check"):
        sql.execute("UPDATE slimy.guilds SET purge_started_at = now()")
    assert await db.guilds.purge_deleted(grace=NOW) == 0
    assert await db.guilds.get(guild.id)


async def test_purges_restores_and_writers_at_a_time_agree(db: Database) -> None:
    guilds = [await furnished(db) for _ in range(8)]
    user = await make.user(db)
    for guild in guilds:
        await db.guilds.soft_delete(guild.id)

    async def restore(id: int) -> int | None:
        try:
            return (await db.guilds.restore(id)).id
        except NotFound:
            return None

    async def write(id: int) -> None:
        # Deleted, or gone for good while the message was on its way: anything else is a failure.
        with contextlib.suppress(NotFound, InvalidReference):
            await db.chat_messages.create_many([NewMessage(user.id, "x", guild_id=id)] * 3)

    purging = [db.guilds.purge_deleted(grace=NOW, batch_size=1) for _ in range(8)]
    purged, restored, _ = await asyncio.gather(
        asyncio.gather(*purging),
        asyncio.gather(*(restore(guild.id) for guild in guilds[:4])),
        asyncio.gather(*(write(guild.id) for guild in guilds)),
    )
    kept = [guild_id for guild_id in restored if guild_id is not None]
    assert sum(purged) + len(kept) == 8
    for guild_id in kept:
        assert (await db.guilds.get(guild_id)).message_count >= 2


async def test_of_many_deletes_at_once_one_is_the_deletion(db: Database) -> None:
    guild = await make.guild(db)
    results = await asyncio.gather(
        *(db.guilds.soft_delete(guild.id) for _ in range(32)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 31


async def test_lists_count_messages_without_a_query_per_guild(db: Database) -> None:
    guilds = [await make.guild(db) for _ in range(3)]
    for number, guild in enumerate(guilds):
        for _ in range(number):
            await make.message(db, guild_id=guild.id)
    before = sum(query["calls"] for query in db.pool.snapshot()["queries"].values())
    page = await db.guilds.list()
    after = sum(query["calls"] for query in db.pool.snapshot()["queries"].values())
    assert after == before + 1
    assert [row.message_count for row in page.items] == [2, 1, 0]


async def rich(db: Database, sql: psycopg.Connection[tuple[Any, ...]], id: int) -> None:
    """A guild with ten rows of everything that a guild may have millions of."""
    await db.guilds.create(id, name="rich")
    for number in range(10):
        user = await make.user(db)
        await db.memberships.add(id, user.id, roles=["owner"])
        await db.users.set_last_active_guild(user.id, id)
        conversation = await make.conversation(db, user_id=user.id, guild_id=id)
        await make.message(db, user_id=user.id, conversation_id=conversation.id)
        await make.club_analysis(db, id, user.id)
        sql.execute(
            "INSERT INTO slimy.club_member_metrics (guild_id, member_key, name, total_power)"
            " VALUES (%s, %s, 'a', 1)",
            (id, f"member {number}"),
        )
        sql.execute(
            "INSERT INTO slimy.guild_stat_totals"
            " (guild_id, grain, bucket_start, type, entries, numbers, total)"
            " VALUES (%s, 'day', '2026-01-01', %s, 1, 1, 1)",
            (id, f"type {number}"),
        )


DATA = {
    "chat_messages": "guild_id",
    "conversations": "guild_id",
    "club_analyses": "guild_id",
    "club_member_metrics": "guild_id",
    "guild_stat_totals": "guild_id",
    "user_guilds": "guild_id",
    "users": "last_active_guild_id",
}


async def test_no_statement_of_a_deletion_takes_more_than_a_batch(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    await rich(db, sql, 1)
    await rich(db, sql, 2)
    sql.execute("CREATE TABLE public.taken (entry text, rows bigint)")
    sql.execute(
        "CREATE FUNCTION public.take() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO public.taken SELECT TG_TABLE_NAME, count(*) FROM gone; RETURN NULL; END $$"
    )
    for table in DATA:
        event = "UPDATE" if table == "users" else "DELETE"
        sql.execute(
            f"CREATE TRIGGER take AFTER {event} ON slimy.{table} REFERENCING OLD TABLE AS gone"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.take()"
        )
    await db.guilds.delete(1, batch_size=3)
    seen = dict(
        sql.execute(
            "SELECT entry, max(rows) FROM public.taken WHERE rows > 0 GROUP BY 1"
        ).fetchall()
    )
    # A conversation takes its messages along, one statement for each; here they were gone before.
    assert seen == dict.fromkeys(DATA, 3)
    for table, column in DATA.items():
        left = f"SELECT count(*) FROM slimy.{table} WHERE {column} = %s"
        assert sql.execute(left, (1,)).fetchone() == (0,), table
        assert sql.execute(left, (2,)).fetchone() == (10,), table
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.guilds.delete(1)


async def test_a_deletion_that_was_stopped_is_finished_by_the_next_purge(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    await rich(db, sql, 1)
    sql.execute(
        "CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'stopped'; END $$"
    )
    sql.execute(
        "CREATE TRIGGER stop BEFORE DELETE ON slimy.user_guilds"
        " FOR EACH ROW EXECUTE FUNCTION public.stop()"
    )
    with pytest.raises(SlimyError, match="purge_members"):
        await db.guilds.delete(1)
    with pytest.raises(NotFound):
        await db.guilds.get(1)
    with pytest.raises(NotFound):
        await db.guilds.restore(1)
    sql.execute("DROP TRIGGER stop ON slimy.user_guilds")
    assert await db.guilds.purge_deleted() == 1
    assert sql.execute("SELECT count(*) FROM slimy.guilds").fetchone() == (0,)


async def test_of_many_deletions_at_once_one_is_the_deletion(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    await rich(db, sql, 1)
    results = await asyncio.gather(
        *(db.guilds.delete(1, batch_size=2) for _ in range(16)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 15
