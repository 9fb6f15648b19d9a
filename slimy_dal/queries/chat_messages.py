"""Generated from sql/queries/chat_messages.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import Snowflake

Role: TypeAlias = Literal["user", "assistant", "system"]


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
    role: Role
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


class Message(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 5 queries."""

    id: UUID
    conversation_id: UUID | None
    guild_id: Snowflake | None
    user_id: UUID
    role: Role
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
    WHERE m.guild_id = $1
    ORDER BY m.admin_only ASC, m.id DESC
    LIMIT $2
) AS counted""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("at_most", "bigint")),
    columns=("message_count",),
)


async def count_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    at_most: int,
    timeout: float | None = None,
) -> int:
    """How many messages a guild has, counted up to a bound and no further."""
    row = await db.row(COUNT_OF_GUILD, guild_id, at_most, timeout=timeout)
    if row is None:
        raise NotFound(
            "chat_messages.count_of_guild found no row",
            query="chat_messages.count_of_guild",
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
    role: Role,
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
        e.created_at
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
    id, conversation_id, guild_id, user_id, role, text, admin_only, created_at
)
SELECT
    e.id,
    e.conversation_id,
    e.guild_id,
    e.user_id,
    e.role,
    e.text,
    e.admin_only,
    e.created_at
FROM entries AS e
WHERE
    NOT EXISTS (
        SELECT c.id
        FROM entries AS d
        INNER JOIN slimy.conversations AS c ON d.conversation_id = c.id
        WHERE c.deleted_at IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT g.id
        FROM entries AS d
        INNER JOIN slimy.guilds AS g ON d.guild_id = g.id
        WHERE g.deleted_at IS NOT NULL
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
    roles: Sequence[Role],
    texts: Sequence[str],
    admin_only: Sequence[bool],
    created_at: Sequence[datetime],
    timeout: float | None = None,
) -> int:
    """New messages, all or none, in the order of their keys, which are made for the times the messages
    were written at. Each in a conversation is held in the conversation's guild. None is added when a
    conversation or a guild among them is deleted. The nil uuid stands for no conversation, 0 for no
    guild.
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
WHERE id = $1""",
    parameters=(Parameter("id", "uuid"),),
    writes=True,
)


async def delete(db: Executor, /, *, id: UUID, timeout: float | None = None) -> int:
    """Removes a message for good."""
    return await db.execute(DELETE, id, timeout=timeout)


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
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> AuthoredMessage | None:
    """A message with its author; none when its conversation or its guild is deleted."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else _authored_message(row)


LIST_ADMIN_ONLY = Statement(
    name="chat_messages.list_admin_only",
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
WHERE
    m.guild_id = $1
    AND m.admin_only
    AND m.id < $2
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )
ORDER BY m.id DESC
LIMIT $3""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
    ),
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
)


async def list_admin_only(
    db: Executor,
    /,
    *,
    guild_id: int,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[AuthoredMessage]:
    """One page of the messages that only a guild's admins may see, newest first."""
    rows = await db.rows(LIST_ADMIN_ONLY, guild_id, before_id, row_limit, timeout=timeout)
    return [_authored_message(row) for row in rows]


LIST_OF_CONVERSATION = Statement(
    name="chat_messages.list_of_conversation",
    sql="""\
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
    m.conversation_id = $1
    AND m.id > $2
    AND EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = $1 AND c.deleted_at IS NULL
    )
ORDER BY m.id
LIMIT $3""",
    parameters=(
        Parameter("conversation_id", "uuid"),
        Parameter("after_id", "uuid"),
        Parameter("row_limit", "bigint"),
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
)


async def list_of_conversation(
    db: Executor,
    /,
    *,
    conversation_id: UUID,
    after_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[Message]:
    """One page of a conversation's messages, oldest first."""
    rows = await db.rows(
        LIST_OF_CONVERSATION,
        conversation_id,
        after_id,
        row_limit,
        timeout=timeout,
    )
    return list(starmap(Message, map(values, rows)))


LIST_OF_CONVERSATION_NEWEST = Statement(
    name="chat_messages.list_of_conversation_newest",
    sql="""\
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
    m.conversation_id = $1
    AND m.id < $2
    AND EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = $1 AND c.deleted_at IS NULL
    )
ORDER BY m.id DESC
LIMIT $3""",
    parameters=(
        Parameter("conversation_id", "uuid"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
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
)


async def list_of_conversation_newest(
    db: Executor,
    /,
    *,
    conversation_id: UUID,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[Message]:
    """One page of a conversation's messages, newest first."""
    rows = await db.rows(
        LIST_OF_CONVERSATION_NEWEST,
        conversation_id,
        before_id,
        row_limit,
        timeout=timeout,
    )
    return list(starmap(Message, map(values, rows)))


LIST_OF_GUILD = Statement(
    name="chat_messages.list_of_guild",
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
WHERE
    m.guild_id = $1
    AND NOT m.admin_only
    AND m.id < $2
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )
ORDER BY m.id DESC
LIMIT $3""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
    ),
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
)


async def list_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[AuthoredMessage]:
    """One page of the messages that every member of a guild may see, newest first, with their
    authors.
    """
    rows = await db.rows(LIST_OF_GUILD, guild_id, before_id, row_limit, timeout=timeout)
    return [_authored_message(row) for row in rows]


LIST_OF_GUILD_FOR_ADMINS = Statement(
    name="chat_messages.list_of_guild_for_admins",
    sql="""\
WITH for_all AS (
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
        m.guild_id = $1
        AND NOT m.admin_only
        AND m.id < $2
        AND NOT EXISTS (
            SELECT c.id
            FROM slimy.conversations AS c
            WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
        )
    ORDER BY m.id DESC
    LIMIT $3
),

for_admins AS (
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
        m.guild_id = $1
        AND m.admin_only
        AND m.id < $2
        AND NOT EXISTS (
            SELECT c.id
            FROM slimy.conversations AS c
            WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
        )
    ORDER BY m.id DESC
    LIMIT $3
)

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
FROM (
    SELECT
        f.id,
        f.conversation_id,
        f.guild_id,
        f.user_id,
        f.role,
        f.text,
        f.admin_only,
        f.created_at,
        f.updated_at
    FROM for_all AS f
    UNION ALL
    SELECT
        a.id,
        a.conversation_id,
        a.guild_id,
        a.user_id,
        a.role,
        a.text,
        a.admin_only,
        a.created_at,
        a.updated_at
    FROM for_admins AS a
) AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE
    EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
ORDER BY m.id DESC
LIMIT $3""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
    ),
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
)


async def list_of_guild_for_admins(
    db: Executor,
    /,
    *,
    guild_id: int,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[AuthoredMessage]:
    """One page of all messages of a guild, those for admins only among them, newest first, with their
    authors. The index keeps the two kinds apart: a page of each is read and the newer ones taken.
    """
    rows = await db.rows(LIST_OF_GUILD_FOR_ADMINS, guild_id, before_id, row_limit, timeout=timeout)
    return [_authored_message(row) for row in rows]


LIST_OF_USER = Statement(
    name="chat_messages.list_of_user",
    sql="""\
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
    AND m.id < $2
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )
ORDER BY m.id DESC
LIMIT $3""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
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
)


async def list_of_user(
    db: Executor,
    /,
    *,
    user_id: UUID,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[Message]:
    """One page of a person's messages and of what was written for them, newest first."""
    rows = await db.rows(LIST_OF_USER, user_id, before_id, row_limit, timeout=timeout)
    return list(starmap(Message, map(values, rows)))


LOAD = Statement(
    name="chat_messages.load",
    sql="""\
INSERT INTO slimy.chat_messages (
    id, conversation_id, guild_id, user_id, role, text, admin_only, created_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8
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
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    conversation_id: UUID | None
    guild_id: int | None
    user_id: UUID
    role: Role
    text: str
    admin_only: bool
    created_at: datetime


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
        ),
        items,
        timeout=timeout,
    )


UPDATE = Statement(
    name="chat_messages.update",
    sql="""\
UPDATE slimy.chat_messages AS m
SET
    text = coalesce($1, m.text),
    admin_only = coalesce($2, m.admin_only)
WHERE
    m.id = $3
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
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
        Parameter("text", "text", nullable=True),
        Parameter("admin_only", "boolean", nullable=True),
        Parameter("id", "uuid"),
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
    text: str | None,
    admin_only: bool | None,
    id: UUID,
    timeout: float | None = None,
) -> Message | None:
    """Changes a message's text when one is given, and for whom it is shown when that is."""
    row = await db.row(UPDATE, text, admin_only, id, timeout=timeout)
    return None if row is None else Message(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "chat_messages", "admin_only", "boolean", True,
     ("count_of_guild", "create", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ("create", "create_many", "load", "update")),
    ("slimy", "chat_messages", "conversation_id", "uuid", False,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_conversation_newest",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "chat_messages", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_conversation_newest",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create_many", "load")),
    ("slimy", "chat_messages", "guild_id", "bigint", False,
     ("count_of_guild", "create", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ("create", "create_many", "load")),
    ("slimy", "chat_messages", "id", "uuid", True,
     ("count_of_guild", "create", "delete", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ("create_many", "load")),
    ("slimy", "chat_messages", "role", "text", True,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_conversation_newest",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "chat_messages", "text", "text", True,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_conversation_newest",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load", "update")),
    ("slimy", "chat_messages", "updated_at", "timestamp with time zone", True,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_conversation_newest",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ()),
    ("slimy", "chat_messages", "user_id", "uuid", True,
     ("create", "get", "list_admin_only", "list_of_conversation", "list_of_conversation_newest",
      "list_of_guild", "list_of_guild_for_admins", "list_of_user", "update"),
     ("create", "create_many", "load")),
    ("slimy", "conversations", "deleted_at", "timestamp with time zone", False,
     ("create", "create_many", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ()),
    ("slimy", "conversations", "guild_id", "bigint", False,
     ("create", "create_many"), ()),
    ("slimy", "conversations", "id", "uuid", True,
     ("create", "create_many", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ()),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("create", "create_many", "get", "list_admin_only", "list_of_guild",
      "list_of_guild_for_admins"),
     ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("create", "create_many", "get", "list_admin_only", "list_of_guild",
      "list_of_guild_for_admins"),
     ()),
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
     ("count_of_guild", "create", "delete", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     ("create", "create_many", "load", "update"),
     ("delete",)),
    ("slimy", "conversations", "table",
     ("create", "create_many", "get", "list_admin_only", "list_of_conversation",
      "list_of_conversation_newest", "list_of_guild", "list_of_guild_for_admins", "list_of_user",
      "update"),
     (),
     ()),
    ("slimy", "guilds", "table",
     ("create", "create_many", "get", "list_admin_only", "list_of_guild",
      "list_of_guild_for_admins"),
     (),
     ()),
    ("slimy", "users", "table",
     ("get", "list_admin_only", "list_of_guild", "list_of_guild_for_admins"), (), ()),
)
# fmt: on
