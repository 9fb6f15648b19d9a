import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.chat_messages import (
    MAX_LOAD,
    MAX_MESSAGES,
    AdminOnly,
    MessageOrder,
    NewMessage,
)
from slimy_dal.engine.errors import (
    CheckViolated,
    InvalidReference,
    InvalidValue,
    MissingValue,
    NotFound,
)
from slimy_dal.engine.types import Page
from slimy_dal.queries import chat_messages as queries
from tests import make

OWNER_KEY = "chat_messages_conversation_owner_fkey"
SORTS: Final[tuple[MessageOrder, ...]] = ("newest", "oldest")
T = TypeVar("T")
Call: TypeAlias = Callable[..., Awaitable[Page[Any]]]
YEAR_2017 = datetime(2017, 7, 11, 17, 27, 7, 299000, tzinfo=UTC)


@pytest.fixture
def sql(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


async def test_a_message_stands_in_a_conversation_a_guild_both_or_neither(db: Database) -> None:
    guild = await make.guild(db)
    conversation = await make.conversation(db, guild_id=guild.id)
    user_id = conversation.user_id
    alone = await db.chat_messages.create(user_id, "Supa Hot")
    chat = await db.chat_messages.create(user_id, "Supa Hot", guild_id=guild.id)
    answer = await db.chat_messages.create(
        user_id, "🔥", role="assistant", conversation_id=conversation.id
    )
    assert (alone.conversation_id, alone.guild_id, alone.role) == (None, None, "user")
    assert (chat.conversation_id, chat.guild_id) == (None, guild.id)
    assert (answer.conversation_id, answer.guild_id) == (conversation.id, guild.id)
    assert (answer.role, answer.text, answer.admin_only) == ("assistant", "🔥", False)


async def test_a_conversation_takes_its_own_persons_messages_only(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    conversation, stranger = await make.conversation(db), await make.user(db)
    with pytest.raises(InvalidReference) as refused:
        await db.chat_messages.create(stranger.id, "x", conversation_id=conversation.id)
    assert refused.value.constraint == OWNER_KEY
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=OWNER_KEY):
        sql.execute(
            "INSERT INTO slimy.chat_messages (conversation_id, user_id, text) VALUES (%s, %s, 'x')",
            (conversation.id, stranger.id),
        )


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("given", ["none", "own", "other"])
async def test_a_message_is_in_the_guild_of_its_conversation(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]], *, held: bool, given: str
) -> None:
    own, other = await make.guild(db), await make.guild(db)
    conversation = await make.conversation(db, guild_id=own.id if held else None)
    guild_id = {"none": None, "own": own.id, "other": other.id}[given]
    values = (conversation.id, conversation.user_id, guild_id)
    insert = (
        "INSERT INTO slimy.chat_messages (conversation_id, user_id, guild_id, text)"
        " VALUES (%s, %s, %s, 'x')"
    )
    if guild_id == conversation.guild_id:
        sql.execute(insert, values)
    else:
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match=OWNER_KEY):
            sql.execute(insert, values)
    create = db.chat_messages.create(
        conversation.user_id, "x", conversation_id=conversation.id, guild_id=guild_id
    )
    if guild_id in {conversation.guild_id, None}:
        assert (await create).guild_id == conversation.guild_id
    else:
        with pytest.raises(InvalidReference) as refused:
            await create
        assert refused.value.constraint == OWNER_KEY


async def test_what_a_message_points_at_exists(db: Database) -> None:
    user = await make.user(db)
    with pytest.raises(InvalidReference) as refused:
        await db.chat_messages.create(uuid4(), "x")
    assert refused.value.fields == ("user_id",)
    with pytest.raises(InvalidReference) as refused:
        await db.chat_messages.create(user.id, "x", guild_id=1)
    assert refused.value.fields == ("guild_id",)
    with pytest.raises(InvalidReference) as refused:
        await db.chat_messages.create(user.id, "x", conversation_id=uuid4())
    assert refused.value.constraint == OWNER_KEY


async def test_a_text_has_a_length(db: Database) -> None:
    user = await make.user(db)
    longest = await db.chat_messages.create(user.id, "🔥" * 32000)
    assert len(longest.text) == 32000
    for text in ("", "x" * 32001):
        with pytest.raises(CheckViolated) as refused:
            await db.chat_messages.create(user.id, text)
        assert refused.value.fields == ("text",)
        with pytest.raises(CheckViolated):
            await db.chat_messages.update(longest.id, text=text)
    with pytest.raises(MissingValue):
        await db.chat_messages.create(user.id, None)  # type: ignore[arg-type]
    with pytest.raises(MissingValue):
        await db.chat_messages.update(longest.id, text=None)  # type: ignore[arg-type]
    assert (await db.chat_messages.update(longest.id)) == longest


@pytest.mark.parametrize("text", ["", "x" * 32001])
async def test_the_database_refuses_the_same_texts(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]], text: str
) -> None:
    message = await make.message(db)
    for statement in (
        "INSERT INTO slimy.chat_messages (user_id, text) VALUES (%(user)s, %(text)s)",
        "UPDATE slimy.chat_messages SET text = %(text)s",
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match="text_length_check"):
            sql.execute(statement.encode(), {"user": message.user_id, "text": text})
    assert (await db.chat_messages.get(message.id)).text == message.text


async def test_a_message_cannot_be_moved_into_a_foreign_conversation_or_guild(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild, foreign = await make.guild(db), await make.conversation(db)
    own = await make.conversation(db)
    await make.message(db, user_id=own.user_id, conversation_id=own.id)
    for column, value in (
        ("conversation_id", foreign.id),
        ("user_id", foreign.user_id),
        ("guild_id", guild.id),
    ):
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match=OWNER_KEY):
            sql.execute(f"UPDATE slimy.chat_messages SET {column} = %s".encode(), (value,))


async def test_a_role_is_a_known_one(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    user = await make.user(db)
    for call in (
        db.chat_messages.create(user.id, "x", role="king"),  # type: ignore[arg-type]
        db.chat_messages.create_many([NewMessage(user.id, "x", role="king")]),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidValue, match="role"):
            await call
    with pytest.raises(psycopg.errors.CheckViolation, match="chat_messages_role_known_check"):
        sql.execute(
            "INSERT INTO slimy.chat_messages (user_id, text, role) VALUES (%s, 'x', 'king')",
            (user.id,),
        )


async def test_only_a_guild_has_messages_for_admins(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    message = await make.message(db)
    with pytest.raises(CheckViolated) as refused:
        await db.chat_messages.create(message.user_id, "x", admin_only=True)
    assert refused.value.constraint == "chat_messages_admin_only_guild_check"
    with pytest.raises(CheckViolated):
        await db.chat_messages.update(message.id, admin_only=True)
    with pytest.raises(psycopg.errors.CheckViolation, match="admin_only_guild_check"):
        sql.execute("UPDATE slimy.chat_messages SET admin_only = TRUE")


async def test_imported_messages_have_not_been_changed_since_they_were_written(
    db: Database,
    owners: Database,
) -> None:
    user = await make.user(db)
    written = datetime(2024, 5, 1, tzinfo=UTC)
    messages = [NewMessage(user.id, f"hello {n}", created_at=written) for n in range(2)]
    await owners.chat_messages.load(messages)
    await db.chat_messages.create_many(messages)
    page = await db.chat_messages.list_of_user(user.id)
    assert [(m.created_at, m.updated_at) for m in page.items] == [(written, written)] * 4


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


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_a_guilds_messages_come_in_order_with_their_authors(
    db: Database, sort: MessageOrder, limit: int
) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    authors = [await make.user(db) for _ in range(2)]
    made = [
        await make.message(db, user_id=authors[n % 2].id, guild_id=guild.id, admin_only=n % 3 == 0)
        for n in range(8)
    ]
    await make.message(db, guild_id=other.id)
    await make.message(db)
    ordered = made if sort == "oldest" else made[::-1]
    expected: dict[AdminOnly, list[UUID]] = {
        "without": [m.id for m in ordered if not m.admin_only],
        "only": [m.id for m in ordered if m.admin_only],
        "with": [m.id for m in ordered],
    }
    by_id = {author.id: author for author in authors}
    for admin_only, ids in expected.items():
        seen = await walk(
            partial(
                db.chat_messages.list_of_guild,
                guild.id,
                admin_only=admin_only,
                sort=sort,
                limit=limit,
            )
        )
        assert [m.id for m in seen] == ids
        for message in seen:
            author = by_id[message.author.id]
            assert (author.discord_id, author.username) == (
                message.author.discord_id,
                message.author.username,
            )


@pytest.mark.parametrize("sort", SORTS)
async def test_messages_of_one_moment_are_all_shown_once(db: Database, sort: MessageOrder) -> None:
    guild = await make.guild(db)
    conversation = await make.conversation(db, guild_id=guild.id)
    user_id = conversation.user_id
    said = [
        NewMessage(
            user_id,
            f"{n}",
            conversation_id=conversation.id,
            created_at=YEAR_2017,
            guild_id=guild.id,
            admin_only=n % 2 == 0,
        )
        for n in range(9)
    ]
    ids = await db.chat_messages.create_many(said)
    ordered = ids if sort == "oldest" else ids[::-1]
    messages = db.chat_messages
    calls: tuple[Call, ...] = (
        partial(messages.list_of_guild, guild.id, admin_only="with"),
        partial(messages.timeline, conversation.id),
        partial(messages.list_of_user, user_id),
    )
    for call in calls:
        walked: list[Any] = await walk(partial(call, sort=sort, limit=2))
        assert [m.id for m in walked] == ordered


@pytest.mark.parametrize("place", ["guild", "admins", "conversation", "user"])
async def test_a_walk_goes_on_while_messages_come_and_go(db: Database, place: str) -> None:
    guild = await make.guild(db)
    conversation = await make.conversation(db, guild_id=guild.id)
    user_id = conversation.user_id
    say = partial(make.message, db, user_id=user_id, conversation_id=conversation.id)
    made = [(await say()).id for _ in range(5)]
    messages = db.chat_messages
    calls: dict[str, Call] = {
        "guild": partial(messages.list_of_guild, guild.id),
        "admins": partial(messages.list_of_guild, guild.id, admin_only="with"),
        "conversation": partial(messages.timeline, conversation.id),
        "user": partial(messages.list_of_user, user_id),
    }
    call = calls[place]
    newest, oldest = await call(sort="newest", limit=2), await call(sort="oldest", limit=2)
    late = (await say()).id
    await messages.delete(made[3])  # the last row of the page that was read
    rest = await call(sort="newest", cursor=newest.next_cursor)
    assert [m.id for m in rest.items] == made[2::-1]
    back = await call(sort="newest", cursor=rest.prev_cursor)
    assert [m.id for m in back.items] == [late, made[4]]
    rest = await call(sort="oldest", cursor=oldest.next_cursor)
    assert [m.id for m in rest.items] == [made[2], made[4], late]


@pytest.mark.parametrize("sort", SORTS)
async def test_a_page_reads_a_page_of_a_guild_that_has_long_been_silent(
    db: Database, owners: Database, sql: psycopg.Connection[tuple[Any, ...]], sort: MessageOrder
) -> None:
    """What others have said since is not passed over, nor what is for the other kind of reader."""
    silent, person = await make.guild(db), await make.user(db)
    guilds = [await make.guild(db) for _ in range(30)]
    old = [
        NewMessage(
            person.id, "x", guild_id=silent.id, created_at=YEAR_2017, admin_only=not 100 < n < 2900
        )
        for n in range(3000)
    ]
    new = [NewMessage(person.id, "x", guild_id=guilds[n % 30].id) for n in range(3000)]
    await owners.chat_messages.load(old)
    await owners.chat_messages.load(new)
    sql.execute("VACUUM ANALYZE slimy.chat_messages")
    for listing in (
        queries.LIST_OF_GUILD,
        queries.LIST_OF_GUILD_FOR_ADMINS,
        queries.LIST_ADMIN_ONLY,
    ):
        text = listing.page(0, listing.sorts[sort], "first").sql
        text = text.replace("$1", str(silent.id)).replace("$2", "51")
        plan = sql.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".encode()).fetchone()
        assert plan is not None
        assert most_rows(plan[0][0]["Plan"]) == 51


async def test_messages_for_admins_come_only_where_asked_for(db: Database) -> None:
    guild = await make.guild(db)
    for _ in range(2):
        await make.message(db, guild_id=guild.id, admin_only=True)
    assert (await db.chat_messages.list_of_guild(guild.id)).items == []
    page = await db.chat_messages.list_of_guild(guild.id, admin_only="with", limit=1)
    with pytest.raises(InvalidValue, match="cursor"):
        await db.chat_messages.list_of_guild(guild.id, cursor=page.next_cursor)
    with pytest.raises(InvalidValue, match="admin_only"):
        await db.chat_messages.list_of_guild(guild.id, admin_only=True)  # type: ignore[arg-type]


async def test_a_guilds_messages_hide_those_of_deleted_conversations(db: Database) -> None:
    guild = await make.guild(db)
    conversation = await make.conversation(db, guild_id=guild.id)
    user_id = conversation.user_id
    for admin_only in (False, True):
        await make.message(
            db, user_id=user_id, conversation_id=conversation.id, admin_only=admin_only
        )
    kept = await make.message(db, guild_id=guild.id)
    await db.conversations.soft_delete(conversation.id)
    page = await db.chat_messages.list_of_guild(guild.id, admin_only="with")
    assert [m.id for m in page.items] == [kept.id]
    assert (await db.chat_messages.list_of_guild(guild.id, admin_only="only")).items == []


@pytest.mark.parametrize("sort", SORTS)
async def test_a_timeline_and_a_persons_messages_come_in_order(
    db: Database, sort: MessageOrder
) -> None:
    conversation = await make.conversation(db)
    user_id = conversation.user_id
    made = [
        await make.message(db, user_id=user_id, conversation_id=conversation.id) for _ in range(5)
    ]
    alone = await make.message(db, user_id=user_id)
    await make.message(db)
    list_of = db.chat_messages
    calls: tuple[Call, ...] = (
        partial(list_of.timeline, conversation.id, sort=sort, limit=2),
        partial(list_of.list_of_user, user_id, sort=sort, limit=2),
    )
    timeline, said = calls
    unknown: dict[str, Any] = {"sort": "loudest"}
    step = 1 if sort == "oldest" else -1
    assert await walk(timeline) == made[::step]
    assert await walk(said) == [*made, alone][::step]
    for call in calls:
        page = await call()
        with pytest.raises(InvalidValue, match="cursor"):
            await call(sort=SORTS[sort == "newest"], cursor=page.next_cursor)
        with pytest.raises(InvalidValue, match="sort"):
            await call(**unknown)
        with pytest.raises(InvalidValue, match="limit"):
            await call(limit=201)


async def test_a_timeline_begins_with_its_oldest_and_the_other_lists_with_their_newest(
    db: Database,
) -> None:
    guild = await make.guild(db)
    conversation = await make.conversation(db, guild_id=guild.id)
    made = [
        await make.message(db, user_id=conversation.user_id, conversation_id=conversation.id)
        for _ in range(2)
    ]
    ids = [m.id for m in made]
    assert [m.id for m in (await db.chat_messages.timeline(conversation.id)).items] == ids
    for page in (
        await db.chat_messages.list_of_guild(guild.id),
        await db.chat_messages.list_of_user(conversation.user_id),
    ):
        assert [m.id for m in page.items] == ids[::-1]


async def test_a_message_is_changed_and_removed(db: Database) -> None:
    guild = await make.guild(db)
    made = await make.message(db, guild_id=guild.id, text="a")
    hidden = await db.chat_messages.update(made.id, admin_only=True)
    assert (hidden.text, hidden.admin_only) == ("a", True)
    assert hidden.updated_at > made.updated_at
    assert (await db.chat_messages.update(made.id, text="b")).admin_only
    found = await db.chat_messages.get(made.id)
    assert (found.text, found.author.id) == ("b", made.user_id)
    await db.chat_messages.delete(made.id)
    for call in (
        db.chat_messages.get(made.id),
        db.chat_messages.update(made.id, text="c"),
        db.chat_messages.delete(made.id),
    ):
        with pytest.raises(NotFound, match="there is no such message"):
            await call


def turn(user_id: UUID, **fields: Any) -> list[NewMessage]:
    return [
        NewMessage(user_id, "Wie geht es? 🔥", **fields),
        NewMessage(user_id, "שלום", role="assistant", **fields),
    ]


async def test_many_messages_keep_their_order_and_their_time(db: Database) -> None:
    guild = await make.guild(db)
    conversation = await make.conversation(db, guild_id=guild.id)
    user_id = conversation.user_id
    now = await make.message(db, user_id=user_id, conversation_id=conversation.id)
    old = turn(user_id, conversation_id=conversation.id, created_at=YEAR_2017) * 20
    ids = await db.chat_messages.create_many(old)
    items = (await db.chat_messages.timeline(conversation.id)).items
    assert [m.id for m in items] == [*ids, now.id]
    assert [(m.role, m.text) for m in items[:-1]] == [(m.role, m.text) for m in old]
    assert {m.created_at for m in items[:-1]} == {YEAR_2017}
    assert {m.guild_id for m in items} == {guild.id}
    assert await db.chat_messages.create_many([]) == []


async def test_many_messages_come_all_or_none(db: Database, owners: Database) -> None:
    conversation, stranger = await make.conversation(db), await make.user(db)
    user_id = conversation.user_id
    good = turn(user_id, conversation_id=conversation.id)
    for bad, error in (
        (NewMessage(stranger.id, "x", conversation_id=conversation.id), InvalidReference),
        (NewMessage(user_id, "x", conversation_id=uuid4()), InvalidReference),
        (NewMessage(user_id, "x", guild_id=1), InvalidReference),
        (NewMessage(user_id, ""), CheckViolated),
        (NewMessage(user_id, "x", admin_only=True), CheckViolated),
    ):
        with pytest.raises(error):
            await db.chat_messages.create_many([*good, bad])
        with pytest.raises(error):
            await owners.chat_messages.load([*good, bad])
    assert (await db.chat_messages.list_of_user(user_id)).items == []


async def test_many_messages_are_refused_where_one_place_is_deleted(db: Database) -> None:
    guild, gone = await make.guild(db), await make.conversation(db)
    user_id = gone.user_id
    held = await make.conversation(db, user_id=user_id, guild_id=guild.id)
    await db.guilds.soft_delete(guild.id)
    await db.conversations.soft_delete(gone.id)
    places: tuple[dict[str, Any], ...] = (
        {"guild_id": guild.id},
        {"conversation_id": gone.id},
        {"conversation_id": held.id},
    )
    for place in places:
        with pytest.raises(NotFound):
            await db.chat_messages.create_many([NewMessage(user_id, "x"), *turn(user_id, **place)])
        with pytest.raises(NotFound):
            await db.chat_messages.create(user_id, "x", **place)
    assert (await db.chat_messages.list_of_user(user_id)).items == []


@pytest.mark.parametrize(
    "created_at",
    [
        datetime(2014, 12, 31, tzinfo=UTC),
        datetime(2017, 1, 1),  # noqa: DTZ001 -- the point of it
        datetime.now(UTC) + timedelta(days=1),
    ],
)
async def test_a_time_from_nowhere_is_refused(db: Database, created_at: datetime) -> None:
    user = await make.user(db)
    with pytest.raises(InvalidValue, match="created_at"):
        await db.chat_messages.create_many([NewMessage(user.id, "x", created_at=created_at)])


async def test_the_database_refuses_times_from_nowhere(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    user = await make.user(db)
    for time in ("2014-12-31", "infinity", "-infinity", "2101-01-01"):
        with pytest.raises(psycopg.errors.CheckViolation, match="created_at_range_check"):
            sql.execute(
                "INSERT INTO slimy.chat_messages (user_id, text, created_at) VALUES (%s, 'x', %s)",
                (user.id, time),
            )


async def test_ten_thousand_messages_go_in_one_call_and_no_more(
    db: Database, owners: Database
) -> None:
    guild, user = await make.guild(db), await make.user(db)
    messages = [NewMessage(user.id, f"m{n}", guild_id=guild.id) for n in range(MAX_MESSAGES)]
    ids = await db.chat_messages.create_many(messages)
    assert len(set(ids)) == MAX_MESSAGES
    newest = (await db.chat_messages.list_of_guild(guild.id, limit=1)).items
    assert [(m.id, m.text) for m in newest] == [(ids[-1], "m9999")]
    with pytest.raises(InvalidValue, match="messages"):
        await db.chat_messages.create_many([*messages, messages[0]])
    with pytest.raises(InvalidValue, match="messages"):
        await owners.chat_messages.load(messages[:1] * (MAX_LOAD + 1))
    assert await owners.chat_messages.load([*messages, messages[0]]) == MAX_MESSAGES + 1
    assert await db.chat_messages.count_of_guild(guild.id) == 10_000
    assert await db.chat_messages.count_of_guild(guild.id, at_most=30_000) == 20_001
    assert (await db.guilds.get(guild.id)).message_count == 1000


async def test_a_count_stops_at_its_bound(
    db: Database, owners: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild, user = await make.guild(db), await make.user(db)
    said = [NewMessage(user.id, "x", guild_id=guild.id, admin_only=n < 50) for n in range(5000)]
    await owners.chat_messages.load(said)
    sql.execute("VACUUM ANALYZE slimy.chat_messages")
    for query in (queries.COUNT_OF_GUILD, queries.COUNT_OPEN_OF_GUILD):
        text = query.sql.replace("$1", str(guild.id)).replace("$2", "1000")
        plan = sql.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".encode()).fetchone()
        assert plan is not None
        assert most_rows(plan[0][0]["Plan"]) <= 1000
    assert await db.chat_messages.count_of_guild(guild.id) == 5000
    assert await db.chat_messages.count_of_guild(guild.id, admin_only=False) == 4950
    for bad in (0, -1, 10**9, True):
        with pytest.raises(InvalidValue, match="at_most"):
            await db.chat_messages.count_of_guild(guild.id, at_most=bad)


def most_rows(node: dict[str, Any]) -> float:
    own: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return max([own, *map(most_rows, node.get("Plans", ()))])


async def test_writers_in_one_conversation_lose_nothing(db: Database) -> None:
    conversation = await make.conversation(db)
    user_id = conversation.user_id
    await asyncio.gather(
        *(
            db.chat_messages.create_many(turn(user_id, conversation_id=conversation.id) * 3)
            if n % 2
            else db.chat_messages.create(user_id, "x", conversation_id=conversation.id)
            for n in range(32)
        )
    )
    page = await db.chat_messages.timeline(conversation.id, limit=200)
    assert len(page.items) == 16 * 6 + 16


@pytest.mark.fault("D2")
async def test_writers_and_deleters_of_a_conversation_never_deadlock(db: Database) -> None:
    user = await make.user(db)
    places = [await make.conversation(db, user_id=user.id) for _ in range(4)]

    async def write(shift: int) -> None:
        order = places[shift % 4 :] + places[: shift % 4]
        messages = [NewMessage(user.id, "x", conversation_id=place.id) for place in order]
        with contextlib.suppress(NotFound):
            await db.chat_messages.create_many(messages)

    async def toggle(place: UUID) -> None:
        with contextlib.suppress(NotFound):
            await db.conversations.soft_delete(place)
            await db.conversations.restore(place)

    await asyncio.gather(*(write(n) if n % 3 else toggle(places[n % 4].id) for n in range(32)))


async def test_an_erased_persons_messages_go(
    db: Database, sql: psycopg.Connection[tuple[Any, ...]]
) -> None:
    guild = await make.guild(db)
    mine, yours = [await make.message(db, guild_id=guild.id) for _ in range(2)]
    await db.users.delete(mine.user_id)
    assert sql.execute("SELECT id FROM slimy.chat_messages").fetchall() == [(yours.id,)]
