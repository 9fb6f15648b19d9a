import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.guilds import GuildCount
from slimy_dal.engine.errors import (
    AlreadyExists,
    CheckViolated,
    InvalidReference,
    InvalidValue,
    NotFound,
)
from tests import make


async def test_a_guild_is_made_once_and_brought_up_to_date(db: Database) -> None:
    owner = await make.user(db)
    made = await db.guilds.upsert(1, name="Slimy Club", icon="i", owner_id=owner.id)
    again = await db.guilds.upsert(1, name="Slimy Club")
    assert again == made
    assert (made.icon, made.owner_id, made.settings, made.member_count) == ("i", owner.id, {}, 0)
    renamed = await db.guilds.upsert(1, name="Club", icon=None, owner_id=None)
    assert (renamed.name, renamed.icon, renamed.owner_id) == ("Club", None, None)
    with pytest.raises(AlreadyExists) as refused:
        await db.guilds.create(1, name="Other")
    assert refused.value.constraint == "guilds_pkey"


async def test_an_owner_is_found_by_discord_id_where_we_know_the_account(db: Database) -> None:
    owner = await make.user(db)
    known = await db.guilds.upsert(1, name="a", owner_discord_id=owner.discord_id)
    unknown = await db.guilds.upsert(2, name="b", owner_discord_id=5)
    assert (known.owner_id, unknown.owner_id) == (owner.id, None)
    with pytest.raises(InvalidValue, match="owner_id: is given twice"):
        await db.guilds.upsert(3, name="c", owner_id=owner.id, owner_discord_id=5)
    with pytest.raises(InvalidReference) as refused:
        await db.guilds.upsert(3, name="c", owner_id=uuid4())
    assert refused.value.fields == ("owner_id",)


async def test_an_update_changes_what_is_given(db: Database) -> None:
    guild = await make.guild(db, name="a", icon="i")
    changed = await db.guilds.update(guild.id, name="b")
    assert (changed.name, changed.icon) == ("b", "i")
    assert (await db.guilds.update(guild.id, icon=None)).icon is None
    assert changed.updated_at > guild.updated_at


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "x" * 101), ("icon", ""), ("icon", "x" * 2049)]
)
async def test_a_value_the_rules_refuse_is_named(db: Database, field: str, value: str) -> None:
    guild = await make.guild(db)
    change: dict[str, Any] = {field: value}
    with pytest.raises(CheckViolated) as refused:
        await db.guilds.update(guild.id, **change)
    assert refused.value.fields == (field,)


async def test_settings_merge_at_the_top_and_null_removes_a_key(db: Database) -> None:
    guild = await make.guild(db, settings={"language": "en", "features": {"a": 1}})
    merged = await db.guilds.merge_settings(
        guild.id, {"language": None, "features": {"b": 2}, "zone": "UTC", "none": None}
    )
    assert merged.settings == {"features": {"b": 2}, "zone": "UTC"}
    replaced = await db.guilds.replace_settings(guild.id, {"kept": None})
    assert replaced.settings == {"kept": None}
    assert (await db.guilds.merge_settings(guild.id, {})).settings == {"kept": None}


async def test_concurrent_merges_all_last(db: Database) -> None:
    guild = await make.guild(db)
    await asyncio.gather(*(db.guilds.merge_settings(guild.id, {f"k{n}": n}) for n in range(32)))
    assert (await db.guilds.get(guild.id)).settings == {f"k{n}": n for n in range(32)}


@pytest.mark.parametrize("settings", [[], "x", 1, None])
async def test_settings_are_an_object(db: Database, database_url: str, settings: Any) -> None:
    guild = await make.guild(db)
    with pytest.raises(InvalidValue, match="settings: is not an object"):
        await db.guilds.replace_settings(guild.id, settings)
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="guilds_settings_object_check"),
    ):
        connection.execute("""UPDATE slimy.guilds SET settings = '[]'""")


@pytest.mark.parametrize("value", ["\x00", "\ud800", float("nan"), float("inf"), {1}])
async def test_settings_that_json_cannot_hold_are_refused(db: Database, value: Any) -> None:
    guild = await make.guild(db)
    with pytest.raises(InvalidValue, match="patch"):
        await db.guilds.merge_settings(guild.id, {"key": value})
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(InvalidValue, match="patch"):
        await db.guilds.merge_settings(guild.id, {"key": deep})
    assert (await db.guilds.get(guild.id)).settings == {}


async def test_settings_have_a_size(db: Database) -> None:
    guild = await make.guild(db)
    with pytest.raises(CheckViolated) as refused:
        await db.guilds.merge_settings(guild.id, {"x": "y" * 70000})
    assert refused.value.constraint == "guilds_settings_size_check"


async def test_lists_count_members_without_a_query_per_guild(db: Database) -> None:
    guilds = [await make.guild(db) for _ in range(4)]
    users = [await make.user(db) for _ in range(3)]
    for number, guild in enumerate(guilds):
        for user in users[:number]:
            await db.memberships.add(guild.id, user.id)
    before = calls(db)
    page = await db.guilds.list(limit=3)
    assert calls(db) == before + 1
    assert [(row.id, row.member_count) for row in page.items] == [
        (guild.id, number) for number, guild in reversed(list(enumerate(guilds)))
    ][:3]
    last = await db.guilds.list(limit=3, cursor=page.next_cursor)
    assert [row.id for row in last.items] == [guilds[0].id]
    assert last.next_cursor is None
    assert (await db.guilds.get(guilds[3].id)).member_count == 3


def calls(db: Database) -> int:
    """How many statements were run so far."""
    return sum(query["calls"] for query in db.pool.snapshot()["queries"].values())


async def test_guilds_made_in_one_transaction_page_by_id(db: Database) -> None:
    async with db.transaction() as tx:
        made = [(await make.guild(tx)).id for _ in range(5)]
    seen, cursor = [], None
    for _ in range(5):
        page = await db.guilds.list(limit=1, cursor=cursor)
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
    assert seen == sorted(made, reverse=True)
    assert cursor is None


async def test_search_finds_guilds_by_words(db: Database) -> None:
    club = await make.guild(db, name="Slimy Club")
    await make.guild(db, name="Slimy Testers")
    assert [row.id for row in (await db.guilds.list(search="club sli")).items] == [club.id]
    assert (await db.guilds.list(search="zzz")).items == []


async def test_an_unknown_guild_is_not_found(db: Database) -> None:
    for call in (
        db.guilds.get(1),
        db.guilds.update(1, name="x"),
        db.guilds.merge_settings(1, {}),
        db.guilds.replace_settings(1, {}),
        db.guilds.delete(1),
    ):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call


async def test_deleting_a_guild_takes_its_memberships_along(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    await db.memberships.add(guild.id, user.id)
    await db.guilds.delete(guild.id)
    assert (await db.memberships.list_guilds(user.id)).items == []
    assert await db.users.get(user.id) == user


async def test_counts_stop_at_their_bound(db: Database, database_url: str) -> None:
    guild = await make.guild(db)
    with psycopg.connect(database_url, autocommit=True) as sql:
        sql.execute(
            "WITH u AS (INSERT INTO slimy.users (discord_id)"
            " SELECT generate_series(1, 1003) RETURNING id)"
            " INSERT INTO slimy.user_guilds (user_id, guild_id) SELECT u.id, %s FROM u",
            (guild.id,),
        )
    assert (await db.guilds.get(guild.id)).member_count == 1000
    assert [row.member_count for row in (await db.guilds.list()).items] == [1000]
    assert [row.member_count for row in (await db.guilds.list(search="guild")).items] == [1000]
    assert await db.memberships.count(guild.id) == 1003
    assert await db.memberships.count(guild.id, at_most=1002) == 1002
    wrong: Any
    for wrong in (0, 1_000_001, True, "5"):
        with pytest.raises(InvalidValue, match="at_most: is not between 1 and 1000000"):
            await db.memberships.count(guild.id, at_most=wrong)


async def test_a_guild_comes_with_its_newest_members_in_one_statement(db: Database) -> None:
    guild = await make.guild(db, settings={"language": "en"})
    users = [await make.user(db, global_name=f"Name {number}") for number in range(3)]
    for user in users:
        await db.memberships.add(guild.id, user.id, roles=["moderator", "member"])
    before = calls(db)
    nested = await db.guilds.get_with_members(guild.id, limit=2)
    assert calls(db) == before + 1
    listed = await db.memberships.list_members(guild.id, limit=2)
    assert nested.members == listed.items
    assert [member.user.id for member in nested.members] == [users[2].id, users[1].id]
    assert (nested.member_count, nested.message_count, nested.settings) == (
        3,
        0,
        {"language": "en"},
    )
    assert (await db.guilds.get_with_members((await make.guild(db)).id)).members == []
    await db.guilds.soft_delete(guild.id)
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.guilds.get_with_members(guild.id)
    with pytest.raises(InvalidValue, match="limit"):
        await db.guilds.get_with_members(guild.id, limit=201)


async def test_guilds_that_are_not_deleted_are_counted_and_estimated(
    db: Database, database_url: str
) -> None:
    ids = [(await make.guild(db)).id for _ in range(5)]
    await db.guilds.soft_delete(ids[0])
    assert (await db.guilds.count(10)).counted == 4
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE slimy.guilds")
    assert await db.guilds.count(3) == GuildCount(3, 4)
