"""Generated from sql/queries/chat_messages.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import UNSET, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice, Patched

ChatMessageRole: TypeAlias = Literal["user", "assistant", "system"]
ListAdminOnlySort: TypeAlias = Literal["newest", "oldest"]
ListOfConversationSort: TypeAlias = Literal["oldest", "newest"]
ListOfGuildForAdminsSort: TypeAlias = Literal["newest", "oldest"]
ListOfGuildSort: TypeAlias = Literal["newest", "oldest"]
ListOfUserSort: TypeAlias = Literal["newest", "oldest"]
UserGuildRole: TypeAlias = Literal["owner", "admin", "moderator", "member"]


class AuthoredMessageAuthor(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of 4 queries."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None


class AuthoredMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 4 queries."""

    id: UUID
    conversation_id: UUID | None
    guild_id: Snowflake | None
    role: ChatMessageRole
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime
    author: AuthoredMessageAuthor


def _authored_message(row: Row, /) -> AuthoredMessage:
    return AuthoredMessage(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        AuthoredMessageAuthor(row[8], row[9], row[10], row[11], row[12]),
    )


class FindAuthorityRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_authority`."""

    is_author: bool
    role: ChatMessageRole
    admin_only: bool
    is_owner: bool
    roles: list[UserGuildRole] | None


class Message(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 4 queries."""

    id: UUID
    conversation_id: UUID | None
    guild_id: Snowflake | None
    user_id: UUID
    role: ChatMessageRole
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime


COUNT_OF_GUILD = Statement(
    name="chat_messages.count_of_guild",
    sql="""\
SELECT count(*) AS message_count
FROM (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE
        m.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT $2
) AS counted""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("at_most", "bigint")),
    columns=("message_count",),
    replica=True,
)


async def count_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    at_most: int,
    timeout: float | None = None,
) -> int:
    """How many messages a guild has, counted up to a bound and no further; 0 when it is deleted."""
    row = await db.row(COUNT_OF_GUILD, guild_id, at_most, timeout=timeout)
    if row is None:
        raise NotFound(
            "chat_messages.count_of_guild found no row",
            query="chat_messages.count_of_guild",
        )
    value: int = row[0]
    return value


COUNT_OPEN_OF_GUILD = Statement(
    name="chat_messages.count_open_of_guild",
    sql="""\
SELECT count(*) AS message_count
FROM (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE
        m.guild_id = $1
        AND NOT m.admin_only
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT $2
) AS counted""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("at_most", "bigint")),
    columns=("message_count",),
    replica=True,
)


async def count_open_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    at_most: int,
    timeout: float | None = None,
) -> int:
    """How many messages a guild has for all its members, counted likewise."""
    row = await db.row(COUNT_OPEN_OF_GUILD, guild_id, at_most, timeout=timeout)
    if row is None:
        raise NotFound(
            "chat_messages.count_open_of_guild found no row",
            query="chat_messages.count_open_of_guild",
        )
    value: int = row[0]
    return value


CREATE = Statement(
    name="chat_messages.create",
    sql="""\
INSERT INTO slimy.chat_messages AS m (conversation_id, guild_id, user_id, role, text, admin_only)
SELECT
    $1,
    coalesce(
        $2,
        (SELECT c.guild_id FROM slimy.conversations AS c WHERE c.id = $1)
    ) AS guild_id,
    $3,
    $4,
    $5,
    $6
WHERE
    NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        LEFT JOIN slimy.guilds AS g ON c.guild_id = g.id
        WHERE
            c.id = $1
            AND (c.deleted_at IS NOT NULL OR g.deleted_at IS NOT NULL)
    )
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $2 AND g.deleted_at IS NOT NULL
    )
RETURNING
    m.id,
    m.conversation_id,
    m.guild_id,
    m.user_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at""",
    parameters=(
        Parameter("conversation_id", "uuid", nullable=True),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("user_id", "uuid"),
        Parameter("role", "text"),
        Parameter("text", "text"),
        Parameter("admin_only", "boolean"),
    ),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "user_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    conversation_id: UUID | None,
    guild_id: int | None,
    user_id: UUID,
    role: ChatMessageRole,
    text: str,
    admin_only: bool,
    timeout: float | None = None,
) -> Message | None:
    """A new message. One in a conversation is held in the conversation's guild, and refused by
    chat_messages_conversation_owner_fkey when the conversation is somebody else's or another guild
    is given. No row when the conversation or the guild is deleted.
    """
    row = await db.row(
        CREATE,
        conversation_id,
        guild_id,
        user_id,
        role,
        text,
        admin_only,
        timeout=timeout,
    )
    return None if row is None else Message(*values(row))


CREATE_MANY = Statement(
    name="chat_messages.create_many",
    sql="""\
WITH entries AS MATERIALIZED (
    SELECT
        e.id,
        nullif(e.conversation_id, '00000000-0000-0000-0000-000000000000') AS conversation_id,
        coalesce(nullif(e.guild_id, 0), c.guild_id) AS guild_id,
        e.user_id,
        e.role,
        e.text,
        e.admin_only,
        e.created_at,
        c.deleted_at
    FROM
        unnest(
            $1::uuid[],
            $2::uuid[],
            $3::bigint[],
            $4::uuid[],
            $5::text[],
            $6::text[],
            $7::boolean[],
            $8::timestamptz[]
        ) AS e (id, conversation_id, guild_id, user_id, role, text, admin_only, created_at)
    LEFT JOIN slimy.conversations AS c ON e.conversation_id = c.id
)

INSERT INTO slimy.chat_messages (
    id, conversation_id, guild_id, user_id, role, text, admin_only, created_at, updated_at
)
SELECT
    e.id,
    e.conversation_id,
    e.guild_id,
    e.user_id,
    e.role,
    e.text,
    e.admin_only,
    e.created_at,
    e.created_at AS updated_at
FROM entries AS e
WHERE
    NOT EXISTS (SELECT d.id FROM entries AS d WHERE d.deleted_at IS NOT NULL)
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE
            g.id = ANY(ARRAY(SELECT DISTINCT d.guild_id FROM entries AS d))
            AND g.deleted_at IS NOT NULL
    )
ORDER BY e.id""",
    parameters=(
        Parameter("ids", "uuid[]"),
        Parameter("conversation_ids", "uuid[]"),
        Parameter("guild_ids", "bigint[]"),
        Parameter("user_ids", "uuid[]"),
        Parameter("roles", "text[]"),
        Parameter("texts", "text[]"),
        Parameter("admin_only", "boolean[]"),
        Parameter("created_at", "timestamp with time zone[]"),
    ),
    writes=True,
)


async def create_many(
    db: Executor,
    /,
    *,
    ids: Sequence[UUID],
    conversation_ids: Sequence[UUID],
    guild_ids: Sequence[int],
    user_ids: Sequence[UUID],
    roles: Sequence[ChatMessageRole],
    texts: Sequence[str],
    admin_only: Sequence[bool],
    created_at: Sequence[datetime],
    timeout: float | None = None,
) -> int:
    """New messages, all or none, in the order of their keys, which are made for the times the messages
    were written at. Each in a conversation is held in the conversation's guild. None is added when a
    conversation or a guild among them is deleted: of conversations that is seen where their guild
    is, guilds are looked up once each. The nil uuid stands for no conversation, 0 for no guild.
    """
    return await db.execute(
        CREATE_MANY,
        ids,
        conversation_ids,
        guild_ids,
        user_ids,
        roles,
        texts,
        admin_only,
        created_at,
        timeout=timeout,
    )


DELETE = Statement(
    name="chat_messages.delete",
    sql="""\
DELETE FROM slimy.chat_messages
WHERE id = $1 AND updated_at = coalesce($2, updated_at)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Removes a message for good."""
    return await db.execute(DELETE, id, version, timeout=timeout)


FIND_AUTHORITY = Statement(
    name="chat_messages.find_authority",
    sql="""\
SELECT
    (m.user_id = $1) AS is_author,
    m.role,
    m.admin_only,
    coalesce(g.owner_id = $1, FALSE) AS is_owner,
    u.roles
FROM slimy.chat_messages AS m
LEFT JOIN slimy.conversations AS c ON m.conversation_id = c.id
LEFT JOIN slimy.guilds AS g ON m.guild_id = g.id
LEFT JOIN slimy.user_guilds AS u ON g.id = u.guild_id AND u.user_id = $1
WHERE m.id = $2 AND c.deleted_at IS NULL AND g.deleted_at IS NULL""",
    parameters=(Parameter("user_id", "uuid"), Parameter("id", "uuid")),
    columns=("is_author", "role", "admin_only", "is_owner", "roles"),
)


async def find_authority(
    db: Executor,
    /,
    *,
    user_id: UUID,
    id: UUID,
    timeout: float | None = None,
) -> FindAuthorityRow | None:
    """What a user is to a message: its author, the owner of its guild, a member there with roles, or
    none of these; and what kind of message it is. No row when there is no such message, or its
    conversation or its guild is deleted.
    """
    row = await db.row(FIND_AUTHORITY, user_id, id, timeout=timeout)
    return None if row is None else FindAuthorityRow(*values(row))


FIND_GUILD = Statement(
    name="chat_messages.find_guild",
    sql="""\
SELECT m.guild_id
FROM slimy.chat_messages AS m
LEFT JOIN slimy.conversations AS c ON m.conversation_id = c.id
LEFT JOIN slimy.guilds AS g ON m.guild_id = g.id
WHERE m.id = $1 AND c.deleted_at IS NULL AND g.deleted_at IS NULL""",
    parameters=(Parameter("id", "uuid"),),
    columns=("guild_id",),
)


async def find_guild(
    db: Executor,
    /,
    *,
    id: UUID,
    timeout: float | None = None,
) -> Snowflake | None:
    """The guild of a message. NULL, or no row, when there is none, or no such message, or its
    conversation or guild is deleted.
    """
    row = await db.row(FIND_GUILD, id, timeout=timeout)
    value: Snowflake | None = None if row is None else row[0]
    return value


GET = Statement(
    name="chat_messages.get",
    sql="""\
SELECT
    m.id,
    m.conversation_id,
    m.guild_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at,
    u.id AS "author.id",
    u.discord_id AS "author.discord_id",
    u.username AS "author.username",
    u.global_name AS "author.global_name",
    u.avatar AS "author.avatar"
FROM slimy.chat_messages AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
LEFT JOIN slimy.conversations AS c ON m.conversation_id = c.id
LEFT JOIN slimy.guilds AS g ON m.guild_id = g.id
WHERE m.id = $1 AND c.deleted_at IS NULL AND g.deleted_at IS NULL""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
        "author.id",
        "author.discord_id",
        "author.username",
        "author.global_name",
        "author.avatar",
    ),
    replica=True,
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> AuthoredMessage | None:
    """A message with its author; none when its conversation or its guild is deleted."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else _authored_message(row)


LIST_ADMIN_ONLY = Listing(
    name="chat_messages.list_admin_only",
    head="""\
SELECT
    m.id,
    m.conversation_id,
    m.guild_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at,
    u.id AS "author.id",
    u.discord_id AS "author.discord_id",
    u.username AS "author.username",
    u.global_name AS "author.global_name",
    u.avatar AS "author.avatar"
FROM slimy.chat_messages AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE
    m.guild_id = $1
    AND m.admin_only
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.created_at DESC, m.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("m.created_at", "m.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("m.created_at", "m.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
        "author.id",
        "author.discord_id",
        "author.username",
        "author.global_name",
        "author.avatar",
    ),
    replica=True,
)


async def list_admin_only(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    sort: ListAdminOnlySort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[AuthoredMessage]:
    """One page of the messages that only a guild's admins may see, with their authors, newest or oldest
    first, by their time.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_ADMIN_ONLY.ask(cursors, (guild_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page([_authored_message(row) for row in rows], *asked.cursors)


class ListOfConversationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_conversation` may be narrowed to: whatever is given, together."""

    open: bool = False


LIST_OF_CONVERSATION = Listing(
    name="chat_messages.list_of_conversation",
    head="""\
SELECT
    m.id,
    m.conversation_id,
    m.guild_id,
    m.user_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at
FROM slimy.chat_messages AS m
WHERE
    m.conversation_id = (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = $1 AND c.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.id",
    tail="\nLIMIT $2",
    sorts=(
        Sort("oldest", ("m.id",), (0,), (Parameter("cursor", "uuid"),)),
        Sort("newest", ("m.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),
    ),
    choices=(Choice("open", ("NOT m.admin_only",)),),
    parameters=(Parameter("conversation_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "user_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_of_conversation(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    conversation_id: UUID,
    filter: ListOfConversationFilter = ListOfConversationFilter(),
    sort: ListOfConversationSort = "oldest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[Message]:
    """One page of a conversation's messages, oldest or newest first; none when it is deleted. Those for
    admins only are left out where asked.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_CONVERSATION.ask(
        cursors,
        (conversation_id,),
        given=(filter.open,),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(Message, map(values, rows))), *asked.cursors)


LIST_OF_GUILD = Listing(
    name="chat_messages.list_of_guild",
    head="""\
SELECT
    m.id,
    m.conversation_id,
    m.guild_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at,
    u.id AS "author.id",
    u.discord_id AS "author.discord_id",
    u.username AS "author.username",
    u.global_name AS "author.global_name",
    u.avatar AS "author.avatar"
FROM slimy.chat_messages AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE
    m.guild_id = $1
    AND NOT m.admin_only
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.created_at DESC, m.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("m.created_at", "m.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("m.created_at", "m.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
        "author.id",
        "author.discord_id",
        "author.username",
        "author.global_name",
        "author.avatar",
    ),
    replica=True,
)


async def list_of_guild(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    sort: ListOfGuildSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[AuthoredMessage]:
    """One page of the messages that every member of a guild may see, with their authors, newest or
    oldest first: by their time, because only a guild's indexes have that in order. The keys are in
    the same order, but for a guild that says a tenth of everything the planner would walk those of
    all guilds, through everything that others have said since.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_GUILD.ask(cursors, (guild_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page([_authored_message(row) for row in rows], *asked.cursors)


LIST_OF_GUILD_FOR_ADMINS = Listing(
    name="chat_messages.list_of_guild_for_admins",
    head="""\
SELECT
    m.id,
    m.conversation_id,
    m.guild_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at,
    u.id AS "author.id",
    u.discord_id AS "author.discord_id",
    u.username AS "author.username",
    u.global_name AS "author.global_name",
    u.avatar AS "author.avatar"
FROM slimy.chat_messages AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE
    m.guild_id = $1
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.created_at DESC, m.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("m.created_at", "m.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("m.created_at", "m.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
        "author.id",
        "author.discord_id",
        "author.username",
        "author.global_name",
        "author.avatar",
    ),
    replica=True,
)


async def list_of_guild_for_admins(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    sort: ListOfGuildForAdminsSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[AuthoredMessage]:
    """One page of all messages of a guild, those for admins only among them, with their authors, newest
    or oldest first, by their time.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_GUILD_FOR_ADMINS.ask(
        cursors,
        (guild_id,),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page([_authored_message(row) for row in rows], *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    open: bool = False


LIST_OF_USER = Listing(
    name="chat_messages.list_of_user",
    head="""\
SELECT
    m.id,
    m.conversation_id,
    m.guild_id,
    m.user_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at
FROM slimy.chat_messages AS m
WHERE
    m.user_id = $1
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort("newest", ("m.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),
        Sort("oldest", ("m.id",), (0,), (Parameter("cursor", "uuid"),)),
    ),
    choices=(Choice("open", ("NOT m.admin_only",)),),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "user_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_of_user(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    filter: ListOfUserFilter = ListOfUserFilter(),
    sort: ListOfUserSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[Message]:
    """One page of a person's messages and of what was written for them, newest or oldest first. Those
    for admins only are left out where asked.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(filter.open,),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(Message, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="chat_messages.load",
    sql="""\
INSERT INTO slimy.chat_messages (
    id, conversation_id, guild_id, user_id, role, text, admin_only, created_at, updated_at
)
VALUES (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7,
    $8,
    $9
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("conversation_id", "uuid", nullable=True),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("user_id", "uuid"),
        Parameter("role", "text"),
        Parameter("text", "text"),
        Parameter("admin_only", "boolean"),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    conversation_id: UUID | None
    guild_id: int | None
    user_id: UUID
    role: ChatMessageRole
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Messages by COPY, for imports: all or none, with nothing filled in and deleted conversations not
    looked for.
    """
    return await db.copy(
        LOAD,
        ("slimy", "chat_messages"),
        (
            "id",
            "conversation_id",
            "guild_id",
            "user_id",
            "role",
            "text",
            "admin_only",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


UPDATE = Patched(
    name="chat_messages.update",
    head="""\
UPDATE slimy.chat_messages AS m
SET
    """,
    tail="""\

WHERE
    m.id = $1
    AND m.updated_at = coalesce($2, m.updated_at)
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = m.guild_id AND g.deleted_at IS NOT NULL
    )
RETURNING
    m.id,
    m.conversation_id,
    m.guild_id,
    m.user_id,
    m.role,
    m.text,
    m.admin_only,
    m.created_at,
    m.updated_at""",
    nothing="text = m.text",
    choices=(
        Choice("text", ("text = ", ""), Parameter("text", "text")),
        Choice("admin_only", ("admin_only = ", ""), Parameter("admin_only", "boolean")),
    ),
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "conversation_id",
        "guild_id",
        "user_id",
        "role",
        "text",
        "admin_only",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    text: str | Unset = UNSET,
    admin_only: bool | Unset = UNSET,
    timeout: float | None = None,
) -> Message | None:
    """Changes the fields that are given; none of a message in a deleted conversation or guild."""
    statement, given = UPDATE.choose((text, admin_only))
    row = await db.row(statement, id, version, *given, timeout=timeout)
    return None if row is None else Message(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "chat_messages", "admin_only", "boolean", True,
     ("count_open_of_guild", "create", "find_authority", "get", "list_admin_only",
      "list_of_conversation", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ("create", "create_many", "load", "update")),
    ("slimy", "chat_messages", "conversation_id", "uuid", False,
     ("create", "find_authority", "find_guild", "get", "list_admin_only", "list_of_conversation",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "chat_messages", "created_at", "timestamp with time zone", True,
     ("count_of_guild", "count_open_of_guild", "create", "get", "list_admin_only",
      "list_of_conversation", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ("create_many", "load")),
    ("slimy", "chat_messages", "guild_id", "bigint", False,
     ("count_of_guild", "count_open_of_guild", "create", "find_authority", "find_guild", "get",
      "list_admin_only", "list_of_conversation", "list_of_guild", "list_of_guild_for_admins",
      "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "chat_messages", "id", "uuid", True,
     ("count_of_guild", "count_open_of_guild", "create", "delete", "find_authority",
      "find_guild", "get", "list_admin_only", "list_of_conversation", "list_of_guild",
      "list_of_guild_for_admins", "list_of_user", "update"),
     ("create_many", "load")),
    ("slimy", "chat_messages", "role", "text", True,
     ("create", "find_authority", "get", "list_admin_only", "list_of_conversation",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "chat_messages", "text", "text", True,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_guild",
      "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load", "update")),
    ("slimy", "chat_messages", "updated_at", "timestamp with time zone", True,
     ("create", "delete", "get", "list_admin_only", "list_of_conversation", "list_of_guild",
      "list_of_guild_for_admins", "list_of_user", "update"),
     ("create_many", "load")),
    ("slimy", "chat_messages", "user_id", "uuid", True,
     ("create", "find_authority", "get", "list_admin_only", "list_of_conversation",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "conversations", "deleted_at", "timestamp with time zone", False,
     ("create", "create_many", "find_authority", "find_guild", "get", "list_admin_only",
      "list_of_conversation", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ()),
    ("slimy", "conversations", "guild_id", "bigint", False,
     ("create", "create_many"), ()),
    ("slimy", "conversations", "id", "uuid", True,
     ("create", "create_many", "find_authority", "find_guild", "get", "list_admin_only",
      "list_of_conversation", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ()),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("count_of_guild", "count_open_of_guild", "create", "create_many", "find_authority",
      "find_guild", "get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins",
      "update"),
     ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("count_of_guild", "count_open_of_guild", "create", "create_many", "find_authority",
      "find_guild", "get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins",
      "update"),
     ()),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("find_authority",), ()),
    ("slimy", "users", "avatar", "text", False,
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), ()),
    ("slimy", "users", "discord_id", "bigint", True,
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), ()),
    ("slimy", "users", "global_name", "text", False,
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), ()),
    ("slimy", "users", "id", "uuid", True,
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), ()),
    ("slimy", "users", "username", "text", False,
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "chat_messages", "table",
     ("count_of_guild", "count_open_of_guild", "create", "delete", "find_authority",
      "find_guild", "get", "list_admin_only", "list_of_conversation", "list_of_guild",
      "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load", "update"),
     ("delete",)),
    ("slimy", "conversations", "table",
     ("create", "create_many", "find_authority", "find_guild", "get", "list_admin_only",
      "list_of_conversation", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     (),
     ()),
    ("slimy", "guilds", "table",
     ("count_of_guild", "count_open_of_guild", "create", "create_many", "find_authority",
      "find_guild", "get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins",
      "update"),
     (),
     ()),
    ("slimy", "user_guilds", "table",
     ("find_authority",), (), ()),
    ("slimy", "users", "table",
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), (), ()),
)
# fmt: on
