import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.conversations import ConversationOrder
from slimy_dal.engine.errors import CheckViolated, InvalidReference, InvalidValue, NotFound
from slimy_dal.engine.types import Page
from tests import make

T = TypeVar("T")


@pytest.fixture
def sql(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


async def test_a_conversation_is_private_or_held_in_a_guild(db: Database) -> None:
    user, guild = await make.user(db), await make.guild(db)
    private = await db.conversations.create(user.id, title="Plans", personality_mode="playful")
    held = await db.conversations.create(user.id, guild_id=guild.id)
    assert (private.guild_id, private.title, private.personality_mode) == (None, "Plans", "playful")
    assert (held.guild_id, held.title, held.personality_mode) == (guild.id, None, None)
    assert private.last_message_at is None
    assert await db.conversations.get(held.id) == held


async def test_a_conversation_needs_a_known_user_and_a_live_guild(db: Database) -> None:
    user, guild = await make.user(db), await make.guild(db)
    with pytest.raises(InvalidReference) as refused:
        await db.conversations.create(uuid4())
    assert refused.value.fields == ("user_id",)
    with pytest.raises(InvalidReference) as refused:
        await db.conversations.create(user.id, guild_id=1)
    assert refused.value.fields == ("guild_id",)
    await db.guilds.soft_delete(guild.id)
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.conversations.create(user.id, guild_id=guild.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("personality_mode", ""),
        ("personality_mode", "Loud Mode"),
        ("personality_mode", "x" * 51),
    ],
)
async def test_a_value_the_rules_refuse_is_named(db: Database, field: str, value: str) -> None:
    conversation = await make.conversation(db)
    change: dict[str, Any] = {field: value}
    with pytest.raises(CheckViolated) as refused:
        await db.conversations.update(conversation.id, **change)
    assert refused.value.fields == (field,)
    with pytest.raises(CheckViolated):
        await db.conversations.create(conversation.user_id, **change)


async def test_an_update_changes_what_is_given(db: Database) -> None:
    made = await make.conversation(db, title="a", personality_mode="formal")
    renamed = await db.conversations.update(made.id, title="b")
    assert (renamed.title, renamed.personality_mode) == ("b", "formal")
    assert renamed.updated_at > made.updated_at
    cleared = await db.conversations.update(made.id, personality_mode=None)
    assert (cleared.title, cleared.personality_mode) == ("b", None)
    assert (await db.conversations.update(made.id)).updated_at == cleared.updated_at


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "x" * 201), ("personality_mode", "Loud Mode")],
)
async def test_the_database_refuses_the_same_values(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]], field: str, value: str
) -> None:
    conversation = await make.conversation(db)
    with pytest.raises(psycopg.errors.CheckViolation, match=f"conversations_{field}"):
        sql.execute(f"UPDATE slimy.conversations SET {field} = %s".encode(), (value,))
    assert await db.conversations.get(conversation.id) == conversation


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("sort", ["newest", "oldest"])
async def test_pages_walk_a_persons_conversations_both_ways(
    db: Database, sort: ConversationOrder, *, held: bool
) -> None:
    user, guild = await make.user(db), await make.guild(db)
    made = [
        await make.conversation(db, user_id=user.id, guild_id=guild.id if n % 2 else None)
        for n in range(11)
    ]
    await make.conversation(db)
    await make.conversation(db, guild_id=guild.id)
    wanted = [c for c in made if c.guild_id is not None or not held]
    call = partial(
        db.conversations.list, user.id, guild_id=guild.id if held else None, sort=sort, limit=2
    )
    first = await call()
    walked = await walk(call)
    assert walked == (wanted[::-1] if sort == "newest" else wanted)
    with pytest.raises(InvalidValue, match="cursor"):
        await db.conversations.list(
            user.id, guild_id=None if held else guild.id, sort=sort, cursor=first.next_cursor
        )
    with pytest.raises(InvalidValue, match="sort"):
        await db.conversations.list(user.id, sort="loudest")  # type: ignore[arg-type]


async def walk(call: Callable[..., Awaitable[Page[T]]]) -> list[T]:
    """Return a list page by page, having seen that the way back shows the same pages."""
    pages = [await call()]
    while pages[-1].next_cursor is not None:
        pages.append(await call(cursor=pages[-1].next_cursor))
    back = [pages[-1]]
    while back[-1].prev_cursor is not None:
        back.append(await call(cursor=back[-1].prev_cursor))
    assert [page.items for page in back[::-1]] == [page.items for page in pages]
    return [item for page in pages for item in page.items]


async def test_a_walk_goes_on_while_conversations_come_and_go(db: Database) -> None:
    user = await make.user(db)
    made = [await make.conversation(db, user_id=user.id) for _ in range(5)]
    newest = await db.conversations.list(user.id, limit=2)
    oldest = await db.conversations.list(user.id, sort="oldest", limit=2)
    late = await make.conversation(db, user_id=user.id)
    await db.conversations.soft_delete(made[3].id)  # the last row of the page that was read
    rest = await db.conversations.list(user.id, cursor=newest.next_cursor)
    assert rest.items == made[2::-1]
    back = await db.conversations.list(user.id, cursor=rest.prev_cursor)
    assert back.items == [late, made[4]]
    rest = await db.conversations.list(user.id, sort="oldest", cursor=oldest.next_cursor)
    assert rest.items == [made[2], made[4], late]


async def test_a_list_tells_when_the_last_message_came(db: Database) -> None:
    conversation = await make.conversation(db)
    say = partial(make.message, db, user_id=conversation.user_id, conversation_id=conversation.id)
    await say()
    last = await say()
    [listed] = (await db.conversations.list(conversation.user_id)).items
    assert listed.last_message_at == last.created_at


async def test_a_deleted_conversation_is_seen_in_the_bin_only(db: Database) -> None:
    kept = await make.conversation(db)
    user_id = kept.user_id
    gone = await make.conversation(db, user_id=user_id, title="gone")
    message = await make.message(db, user_id=user_id, conversation_id=gone.id)
    await db.conversations.soft_delete(gone.id)
    for call in (
        db.conversations.get(gone.id),
        db.conversations.update(gone.id, title="x"),
        db.conversations.soft_delete(gone.id),
        db.chat_messages.get(message.id),
        db.chat_messages.update(message.id, text="x"),
        db.chat_messages.create(user_id, "x", conversation_id=gone.id),
    ):
        with pytest.raises(NotFound):
            await call
    assert [c.id for c in (await db.conversations.list(user_id)).items] == [kept.id]
    assert (await db.chat_messages.timeline(gone.id)).items == []
    assert (await db.chat_messages.timeline(gone.id, sort="newest")).items == []
    assert (await db.chat_messages.list_of_user(user_id)).items == []
    [binned] = (await db.conversations.list_deleted(user_id)).items
    assert (binned.id, binned.title) == (gone.id, "gone")


async def test_a_restored_conversation_is_whole(db: Database) -> None:
    conversation = await make.conversation(db)
    user_id = conversation.user_id
    message = await make.message(db, user_id=user_id, conversation_id=conversation.id)
    await db.conversations.soft_delete(conversation.id)
    restored = await db.conversations.restore(conversation.id)
    assert (restored.id, restored.last_message_at) == (conversation.id, message.created_at)
    assert [m.id for m in (await db.chat_messages.timeline(conversation.id)).items] == [message.id]
    with pytest.raises(NotFound, match="there is no such deleted conversation"):
        await db.conversations.restore(conversation.id)


async def test_pages_walk_the_bin_both_ways_with_ties(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    user = await make.user(db)
    made = [await make.conversation(db, user_id=user.id) for _ in range(7)]
    for conversation in made[:6]:
        await db.conversations.soft_delete(conversation.id)
    sql.execute(
        "UPDATE slimy.conversations SET deleted_at = now() - interval '1 day' WHERE id = ANY(%s)",
        ([c.id for c in made[1:5]],),
    )
    walked = await walk(partial(db.conversations.list_deleted, user.id, limit=2))
    order = [made[5], made[0], made[4], made[3], made[2], made[1]]
    assert [c.id for c in walked] == [c.id for c in order]


async def test_deleting_a_conversation_deletes_its_messages(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    conversation = await make.conversation(db)
    await make.message(db, user_id=conversation.user_id, conversation_id=conversation.id)
    await db.conversations.delete(conversation.id)
    assert sql.execute("SELECT count(*) FROM slimy.chat_messages").fetchone() == (0,)
    with pytest.raises(NotFound, match="there is no such conversation"):
        await db.conversations.delete(conversation.id)
    other, kept = await make.conversation(db), await make.message(db)
    await make.message(db, user_id=other.user_id, conversation_id=other.id)
    sql.execute("DELETE FROM slimy.conversations WHERE id = %s", (other.id,))
    assert sql.execute("SELECT id FROM slimy.chat_messages").fetchall() == [(kept.id,)]


async def test_a_person_goes_on_seeing_conversations_of_a_deleted_guild(db: Database) -> None:
    guild = await make.guild(db)
    held = await make.conversation(db, guild_id=guild.id)
    await db.guilds.soft_delete(guild.id)
    assert await db.conversations.get(held.id) == held
    assert (await db.conversations.list(held.user_id, guild_id=guild.id)).items == [held]


async def test_a_purge_takes_what_is_past_its_grace_and_its_messages(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    old, fresh, live = [await make.conversation(db) for _ in range(3)]
    for conversation in (old, fresh, live):
        await make.message(db, user_id=conversation.user_id, conversation_id=conversation.id)
    await db.conversations.soft_delete(old.id)
    await db.conversations.soft_delete(fresh.id)
    sql.execute(
        "UPDATE slimy.conversations SET deleted_at = now() - interval '31 days' WHERE id = %s",
        (old.id,),
    )
    assert await db.conversations.purge_deleted() == 1
    assert sql.execute("SELECT count(*) FROM slimy.chat_messages").fetchone() == (2,)
    assert (await db.conversations.restore(fresh.id)).id == fresh.id
    with pytest.raises(NotFound):
        await db.conversations.restore(old.id)
    with pytest.raises(InvalidValue, match="grace"):
        await db.conversations.purge_deleted(grace=timedelta(seconds=-1))


async def test_purges_at_a_time_share_the_work(db: Database) -> None:
    user = await make.user(db)
    for _ in range(40):
        made = await make.conversation(db, user_id=user.id)
        await db.conversations.soft_delete(made.id)
    purged = await asyncio.gather(
        *(db.conversations.purge_deleted(grace=timedelta(0), batch_size=3) for _ in range(8))
    )
    assert sum(purged) == 40


async def test_of_many_deletes_at_once_one_is_the_deletion(db: Database) -> None:
    conversation = await make.conversation(db)
    results = await asyncio.gather(
        *(db.conversations.soft_delete(conversation.id) for _ in range(32)),
        return_exceptions=True,
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 31


async def test_conversations_go_with_their_person_and_with_their_guild(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild = await make.guild(db)
    held = await make.conversation(db, guild_id=guild.id)
    other = await make.conversation(db)
    for conversation in (held, other):
        await make.message(db, user_id=conversation.user_id, conversation_id=conversation.id)
    await db.conversations.soft_delete(other.id)
    await db.guilds.delete(guild.id)
    assert sql.execute("SELECT id FROM slimy.conversations").fetchall() == [(other.id,)]
    await db.users.delete(other.user_id)
    for table in ("conversations", "chat_messages"):
        assert sql.execute(f"SELECT count(*) FROM slimy.{table}").fetchone() == (0,)


async def test_a_conversation_that_was_talked_in_keeps_its_person_and_its_guild(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    conversation, other = await make.conversation(db), await make.user(db)
    guild = await make.guild(db)
    await make.message(db, user_id=conversation.user_id, conversation_id=conversation.id)
    for column, value in (("user_id", other.id), ("guild_id", guild.id)):
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="conversation_owner_fkey"):
            sql.execute(
                f"UPDATE slimy.conversations SET {column} = %s WHERE id = %s".encode(),
                (value, conversation.id),
            )
