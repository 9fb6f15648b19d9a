"""A deleted guild hides all that tells of it, and takes nothing in, until it is restored as it was (SPEC D14)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.analysis_entries import NewImage, NewMetric
from slimy_dal.domain.club_analyses import ClubAnalysis
from slimy_dal.domain.club_members import ObservedMember
from slimy_dal.domain.membership_entries import RolesEntry
from slimy_dal.domain.users import User
from slimy_dal.engine.errors import NotFound
from tests import make

if TYPE_CHECKING:
    from slimy_dal.engine.types import Page

THEN = datetime(2026, 1, 1, tzinfo=UTC)
LIZ = ObservedMember("liz", "Liz", 10, 20)
G = 7000


@pytest.fixture
async def ann(db: Database) -> User:
    """Who owns the guild, had its club analysed, and wrote there."""
    ann = await make.user(db, username="ann")
    await make.guild(db, id=G, owner_id=ann.id)
    await db.memberships.add(G, ann.id, roles=["owner"])
    await db.club_members.ingest(G, [LIZ], THEN)
    await db.guild_settings.update(G, sheet_id="sheet")
    await db.guild_feature_flags.update(G, badge_style="pill")
    await db.guild_personalities.update(G, preset="jester", humor=False)
    return ann


@pytest.fixture
async def made(db: Database, ann: User) -> ClubAnalysis:
    return await make.club_analysis(
        db,
        G,
        ann.id,
        title="siege",
        images=[NewImage("u", "n", 1)],
        metrics=[NewMetric("power", 1, "c")],
    )


async def seen(db: Database, ann: User, made: ClubAnalysis) -> list[int]:
    """How much each list and count of the guild gives."""
    pages: list[Page[Any]] = [
        await db.club_analyses.list_of_guild(G),
        await db.club_analyses.list_of_user(ann.id),
        await db.club_analyses.search_guild(G, "siege"),
        await db.club_analyses.search_user(ann.id, "siege"),
        await db.club_analysis_images.list_of_analysis(made.id),
        await db.club_metrics.list_of_analysis(made.id),
        await db.club_metrics.list_history(G, "power"),
        await db.memberships.list_members(G),
        await db.memberships.list_members(G, role="owner"),
        await db.memberships.list_members(G, search="ann"),
        await db.memberships.list_guilds(ann.id),
        await db.club_members.list(G),
        await db.club_members.list_by_sim_power(G),
        await db.club_members.list_by_total_power(G),
        await db.club_members.list_history(G, "liz"),
        await db.chat_messages.list_of_guild(G, admin_only="with"),
    ]
    counts = [await db.memberships.count(G), await db.chat_messages.count_of_guild(G)]
    return [len(page.items) for page in pages] + counts


async def test_lists_and_counts_of_a_deleted_guild_are_empty_until_it_is_restored(
    db: Database, ann: User, made: ClubAnalysis
) -> None:
    await make.message(db, user_id=ann.id, guild_id=G)
    elsewhere = await make.club_analysis(db, (await make.guild(db)).id, ann.id, title="siege")
    assert await seen(db, ann, made) == [1, 2, 1, 2, *[1] * 14]
    await db.guilds.soft_delete(G)
    assert await seen(db, ann, made) == [0, 1, 0, 1, *[0] * 14]
    assert [row.id for row in (await db.club_analyses.list_of_user(ann.id)).items] == [elsewhere.id]
    await db.guilds.restore(G)
    assert await seen(db, ann, made) == [1, 2, 1, 2, *[1] * 14]


async def test_nothing_of_a_deleted_guild_is_found_by_its_key_until_it_is_restored(
    db: Database, ann: User, made: ClubAnalysis
) -> None:
    message = await make.message(db, user_id=ann.id, guild_id=G)
    reads = (
        (db.club_analyses.get, made.id),
        (db.club_analyses.may_see, made.id, ann.id),
        (db.club_analyses.may_change, made.id, ann.id),
        (db.memberships.get, G, ann.id),
        (db.memberships.allows, G, ann.id, "view_members"),
        (db.club_members.get, G, "liz"),
        (db.chat_messages.get, message.id),
        (db.guild_settings.get, G),
        (db.guild_feature_flags.get, G),
        (db.guild_personalities.get, G),
    )
    before = [await read(*keys) for read, *keys in reads]
    await db.guilds.soft_delete(G)
    for read, *keys in reads:
        with pytest.raises(NotFound):
            await read(*keys)
    await db.guilds.restore(G)
    assert [await read(*keys) for read, *keys in reads] == before


async def test_a_deleted_guild_takes_nothing_in_and_is_restored_as_it_was(
    db: Database, ann: User, made: ClubAnalysis, database_url: str
) -> None:
    ben, message = await make.user(db), await make.message(db, user_id=ann.id, guild_id=G)
    await db.memberships.add(G, ben.id)
    before = await kept(database_url)
    await db.guilds.soft_delete(G)
    both = [ben.id, ann.id]
    for call, noun in (
        (db.club_analyses.create(G, ann.id, summary="s", confidence=1), "guild"),
        (db.club_analyses.update(made.id, title="x"), "club analysis"),
        (db.club_analyses.delete(made.id), "club analysis"),
        (db.club_analysis_images.add_many(made.id, [NewImage("v", "n", 1)]), "club analysis"),
        (db.club_analysis_images.delete(made.id, made.images[0].id), "image"),
        (db.club_metrics.put(made.id, NewMetric("power", 2, "c")), "club analysis"),
        (db.club_metrics.replace(made.id, []), "club analysis"),
        (db.club_metrics.delete(made.id, "power"), "metric"),
        (db.club_members.ingest(G, [ObservedMember("max", "Max")], THEN), "guild"),
        (db.club_members.ingest(G, [LIZ], THEN), "guild"),
        (db.memberships.add(G, (await make.user(db)).id), "guild"),
        (db.memberships.put(G, ben.id, roles=["admin"]), "guild"),
        (db.memberships.put(G, ben.id), "guild"),
        (db.memberships.set_roles(G, ben.id, ["admin"]), "membership"),
        (db.memberships.remove(G, ben.id), "membership"),
        (db.memberships.add_many(G, [RolesEntry(one) for one in both]), "guild"),
        (db.memberships.set_roles_many(G, [RolesEntry(ben.id, ("admin",))]), "guild"),
        (db.memberships.remove_many(G, both), "guild"),
        (db.users.set_last_active_guild(ann.id, G), "guild"),
        (db.chat_messages.update(message.id, text="x"), "message"),
        (db.guild_settings.reset(G), "guild"),
        (db.guild_feature_flags.reset(G), "guild"),
        (db.guild_personalities.reset(G), "guild"),
        (db.guild_settings.update(G, sheet_id="other"), "guild"),
    ):
        with pytest.raises(NotFound, match=f"there is no such {noun}"):
            await call
    await db.guilds.restore(G)
    assert await kept(database_url) == before


async def test_an_unknown_user_is_told_from_a_deleted_guild(db: Database, ann: User) -> None:
    await db.users.delete(ann.id)
    for call in (db.memberships.put(G, ann.id), db.users.set_last_active_guild(ann.id, G)):
        with pytest.raises(NotFound, match="there is no such user"):
            await call
    await db.guilds.soft_delete(G)
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.memberships.put(G, ann.id)


async def test_a_person_keeps_what_is_their_own_in_a_deleted_guild(db: Database, ann: User) -> None:
    conversation = await make.conversation(db, user_id=ann.id, guild_id=G)
    message = await make.message(db, user_id=ann.id, conversation_id=conversation.id)
    await db.guilds.soft_delete(G)
    assert (await db.conversations.get(conversation.id)).id == conversation.id
    assert [row.id for row in (await db.chat_messages.list_of_user(ann.id)).items] == [message.id]
    await db.chat_messages.delete(message.id)
    await db.conversations.delete(conversation.id)
    assert (await db.chat_messages.list_of_user(ann.id)).items == []


async def test_a_person_is_erased_from_a_deleted_guild_as_from_any(
    db: Database, ann: User, made: ClubAnalysis
) -> None:
    await db.guilds.soft_delete(G)
    await db.users.delete(ann.id)
    await db.guilds.restore(G)
    with pytest.raises(NotFound):
        await db.club_analyses.get(made.id)
    assert await db.memberships.count(G) == 0


async def kept(database_url: str) -> list[str]:
    """Every row of the guild's, as it is stored."""
    tables = (
        *("club_analyses", "club_analysis_images", "club_metrics", "user_guilds", "chat_messages"),
        *("club_member_metrics", "club_member_latest", "guild_settings", "guild_feature_flags"),
        "guild_personalities",
    )
    rows = " UNION ALL ".join(f"SELECT t::text FROM slimy.{table} AS t" for table in tables)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await (await connection.execute(f"{rows} ORDER BY 1")).fetchall()
    assert len(found) == 11
    return [str(row[0]) for row in found]
