"""Generated from sql/queries/conversations.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice, Patched

ListDeletedSort: TypeAlias = Literal["latest"]
ListOfUserSort: TypeAlias = Literal["newest", "oldest"]
Role: TypeAlias = Literal["owner", "admin", "moderator", "member"]


class Conversation(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 5 queries."""

    id: UUID
    user_id: UUID
    guild_id: Snowflake | None
    title: str | None
    personality_mode: str | None
    last_message_at: datetime | None
    created_at: datetime
    updated_at: datetime


class DeletedConversation(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_deleted`."""

    id: UUID
    guild_id: Snowflake | None
    title: str | None
    deleted_at: datetime
    created_at: datetime


class FindAuthorityRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_authority`."""

    is_person: bool
    is_deleted: bool
    is_owner: bool
    roles: list[Role] | None


CREATE = Statement(
    name="conversations.create",
    sql="""\
INSERT INTO slimy.conversations AS c (user_id, guild_id, title, personality_mode)
SELECT
    $1,
    $2,
    $3,
    $4
WHERE
    NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $2 AND g.deleted_at IS NOT NULL
    )
RETURNING
    c.id,
    c.user_id,
    c.guild_id,
    c.title,
    c.personality_mode,
    (
        SELECT m.created_at
        FROM slimy.chat_messages AS m
        WHERE m.conversation_id = c.id
        ORDER BY m.id DESC
        LIMIT 1
    ) AS last_message_at,
    c.created_at,
    c.updated_at""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("title", "text", nullable=True),
        Parameter("personality_mode", "text", nullable=True),
    ),
    columns=(
        "id",
        "user_id",
        "guild_id",
        "title",
        "personality_mode",
        "last_message_at",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    user_id: UUID,
    guild_id: int | None,
    title: str | None,
    personality_mode: str | None,
    timeout: float | None = None,
) -> Conversation | None:
    """A new conversation; no row when its guild is deleted."""
    row = await db.row(CREATE, user_id, guild_id, title, personality_mode, timeout=timeout)
    return None if row is None else Conversation(*values(row))


DELETE = Statement(
    name="conversations.delete",
    sql="""\
DELETE FROM slimy.conversations
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
    """Removes a conversation with its messages at once and for good, also one from the bin."""
    return await db.execute(DELETE, id, version, timeout=timeout)


FIND_AUTHORITY = Statement(
    name="conversations.find_authority",
    sql="""\
SELECT
    (c.user_id = $1) AS is_person,
    (c.deleted_at IS NOT NULL) AS is_deleted,
    coalesce(g.owner_id = $1, FALSE) AS is_owner,
    m.roles
FROM slimy.conversations AS c
LEFT JOIN slimy.guilds AS g ON c.guild_id = g.id AND g.deleted_at IS NULL
LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id AND m.user_id = $1
WHERE c.id = $2""",
    parameters=(Parameter("user_id", "uuid"), Parameter("id", "uuid")),
    columns=("is_person", "is_deleted", "is_owner", "roles"),
)


async def find_authority(
    db: Executor,
    /,
    *,
    user_id: UUID,
    id: UUID,
    timeout: float | None = None,
) -> FindAuthorityRow | None:
    """What a user is to a conversation, also to a deleted one: its person, the owner of its guild, a
    member there with roles, or none of these. A guild that was deleted softly has neither owner nor
    members. No row when there is no such conversation.
    """
    row = await db.row(FIND_AUTHORITY, user_id, id, timeout=timeout)
    return None if row is None else FindAuthorityRow(*values(row))


FIND_GUILD = Statement(
    name="conversations.find_guild",
    sql="""\
SELECT c.guild_id
FROM slimy.conversations AS c
WHERE c.id = $1""",
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
    """The guild in which a conversation is held, also a deleted one. NULL, or no row, when there is
    none.
    """
    row = await db.row(FIND_GUILD, id, timeout=timeout)
    value: Snowflake | None = None if row is None else row[0]
    return value


GET = Statement(
    name="conversations.get",
    sql="""\
SELECT
    c.id,
    c.user_id,
    c.guild_id,
    c.title,
    c.personality_mode,
    (
        SELECT m.created_at
        FROM slimy.chat_messages AS m
        WHERE m.conversation_id = c.id
        ORDER BY m.id DESC
        LIMIT 1
    ) AS last_message_at,
    c.created_at,
    c.updated_at
FROM slimy.conversations AS c
WHERE c.id = $1 AND c.deleted_at IS NULL""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "user_id",
        "guild_id",
        "title",
        "personality_mode",
        "last_message_at",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> Conversation | None:
    """A conversation with the time of its last message; none when it is deleted."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else Conversation(*values(row))


LIST_DELETED = Listing(
    name="conversations.list_deleted",
    head="""\
SELECT
    c.id,
    c.guild_id,
    c.title,
    c.deleted_at,
    c.created_at
FROM slimy.conversations AS c
WHERE c.user_id = $1 AND c.deleted_at IS NOT NULL""",
    joint="AND",
    middle="\nORDER BY ",
    order="c.deleted_at DESC, c.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "latest",
            ("c.deleted_at", "c.id"),
            (3, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
    ),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("id", "guild_id", "title", "deleted_at", "created_at"),
    replica=True,
)


async def list_deleted(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    sort: ListDeletedSort = "latest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[DeletedConversation]:
    """One page of a person's deleted conversations, which can be restored, the latest deleted first.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_DELETED.ask(cursors, (user_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(DeletedConversation, map(values, rows))), *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    guild_id: int | Unset = UNSET


LIST_OF_USER = Listing(
    name="conversations.list_of_user",
    head="""\
SELECT
    c.id,
    c.user_id,
    c.guild_id,
    c.title,
    c.personality_mode,
    (
        SELECT m.created_at
        FROM slimy.chat_messages AS m
        WHERE m.conversation_id = c.id
        ORDER BY m.id DESC
        LIMIT 1
    ) AS last_message_at,
    c.created_at,
    c.updated_at
FROM slimy.conversations AS c
WHERE c.user_id = $1 AND c.deleted_at IS NULL""",
    joint="AND",
    middle="\nORDER BY ",
    order="c.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort("newest", ("c.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),
        Sort("oldest", ("c.id",), (0,), (Parameter("cursor", "uuid"),)),
    ),
    choices=(Choice("guild_id", ("c.guild_id = ", ""), Parameter("guild_id", "bigint")),),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "user_id",
        "guild_id",
        "title",
        "personality_mode",
        "last_message_at",
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
) -> Page[Conversation]:
    """One page of a person's conversations, newest or oldest first, each with the time of its last
    message; of one guild where one is given.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(filter.guild_id,),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(Conversation, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="conversations.load",
    sql="""\
INSERT INTO slimy.conversations (
    id, user_id, guild_id, title, personality_mode, deleted_at, created_at, updated_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("user_id", "uuid"),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("title", "text", nullable=True),
        Parameter("personality_mode", "text", nullable=True),
        Parameter("deleted_at", "timestamp with time zone", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    user_id: UUID
    guild_id: int | None
    title: str | None
    personality_mode: str | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads conversations in bulk, as they are, deleted ones too."""
    return await db.copy(
        LOAD,
        ("slimy", "conversations"),
        (
            "id",
            "user_id",
            "guild_id",
            "title",
            "personality_mode",
            "deleted_at",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


PURGE_DELETED = Statement(
    name="conversations.purge_deleted",
    sql="""\
DELETE FROM slimy.conversations
WHERE id = ANY(
    ARRAY(
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.deleted_at <= now() - $1::interval
        ORDER BY c.deleted_at
        LIMIT $2
        FOR UPDATE SKIP LOCKED
    )
)""",
    parameters=(Parameter("grace", "interval"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_deleted(
    db: Executor,
    /,
    *,
    grace: timedelta,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of conversations that were deleted longer than the grace period ago, with their
    messages, the longest deleted first. Rows that another purge holds are skipped, so that two of
    them share the work.
    """
    return await db.execute(PURGE_DELETED, grace, batch_size, timeout=timeout)


RESTORE = Statement(
    name="conversations.restore",
    sql="""\
UPDATE slimy.conversations AS c
SET deleted_at = NULL
WHERE c.id = $1 AND c.deleted_at IS NOT NULL
RETURNING
    c.id,
    c.user_id,
    c.guild_id,
    c.title,
    c.personality_mode,
    (
        SELECT m.created_at
        FROM slimy.chat_messages AS m
        WHERE m.conversation_id = c.id
        ORDER BY m.id DESC
        LIMIT 1
    ) AS last_message_at,
    c.created_at,
    c.updated_at""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "user_id",
        "guild_id",
        "title",
        "personality_mode",
        "last_message_at",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def restore(
    db: Executor,
    /,
    *,
    id: UUID,
    timeout: float | None = None,
) -> Conversation | None:
    """Takes a conversation out of the bin."""
    row = await db.row(RESTORE, id, timeout=timeout)
    return None if row is None else Conversation(*values(row))


SOFT_DELETE = Statement(
    name="conversations.soft_delete",
    sql="""\
UPDATE slimy.conversations
SET deleted_at = now()
WHERE id = $1 AND deleted_at IS NULL AND updated_at = coalesce($2, updated_at)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def soft_delete(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Puts a conversation into the bin: nobody sees it or its messages, until it is restored or
    purged.
    """
    return await db.execute(SOFT_DELETE, id, version, timeout=timeout)


UPDATE = Patched(
    name="conversations.update",
    head="""\
UPDATE slimy.conversations AS c
SET
    """,
    tail="""\

WHERE c.id = $1 AND c.deleted_at IS NULL AND c.updated_at = coalesce($2, c.updated_at)
RETURNING
    c.id,
    c.user_id,
    c.guild_id,
    c.title,
    c.personality_mode,
    (
        SELECT m.created_at
        FROM slimy.chat_messages AS m
        WHERE m.conversation_id = c.id
        ORDER BY m.id DESC
        LIMIT 1
    ) AS last_message_at,
    c.created_at,
    c.updated_at""",
    nothing="title = c.title",
    choices=(
        Choice("title", ("title = ", ""), Parameter("title", "text", nullable=True)),
        Choice(
            "personality_mode",
            ("personality_mode = ", ""),
            Parameter("personality_mode", "text", nullable=True),
        ),
    ),
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "user_id",
        "guild_id",
        "title",
        "personality_mode",
        "last_message_at",
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
    title: str | None | Unset = UNSET,
    personality_mode: str | None | Unset = UNSET,
    timeout: float | None = None,
) -> Conversation | None:
    """Changes the fields that are given."""
    statement, given = UPDATE.choose((title, personality_mode))
    row = await db.row(statement, id, version, *given, timeout=timeout)
    return None if row is None else Conversation(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "chat_messages", "conversation_id", "uuid", False,
     ("create", "get", "list_of_user", "restore", "update"), ()),
    ("slimy", "chat_messages", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_of_user", "restore", "update"), ()),
    ("slimy", "chat_messages", "id", "uuid", True,
     ("create", "get", "list_of_user", "restore", "update"), ()),
    ("slimy", "conversations", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_deleted", "list_of_user", "restore", "update"), ("load",)),
    ("slimy", "conversations", "deleted_at", "timestamp with time zone", False,
     ("find_authority", "get", "list_deleted", "list_of_user", "purge_deleted", "restore",
      "soft_delete", "update"),
     ("load", "restore", "soft_delete")),
    ("slimy", "conversations", "guild_id", "bigint", False,
     ("create", "find_authority", "find_guild", "get", "list_deleted", "list_of_user", "restore",
      "update"),
     ("create", "load")),
    ("slimy", "conversations", "id", "uuid", True,
     ("create", "delete", "find_authority", "find_guild", "get", "list_deleted", "list_of_user",
      "purge_deleted", "restore", "soft_delete", "update"),
     ("load",)),
    ("slimy", "conversations", "personality_mode", "text", False,
     ("create", "get", "list_of_user", "restore", "update"), ("create", "load", "update")),
    ("slimy", "conversations", "title", "text", False,
     ("create", "get", "list_deleted", "list_of_user", "restore", "update"),
     ("create", "load", "update")),
    ("slimy", "conversations", "updated_at", "timestamp with time zone", True,
     ("create", "delete", "get", "list_of_user", "restore", "soft_delete", "update"), ("load",)),
    ("slimy", "conversations", "user_id", "uuid", True,
     ("create", "find_authority", "get", "list_deleted", "list_of_user", "restore", "update"),
     ("create", "load")),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("create", "find_authority"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("create", "find_authority"), ()),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("find_authority",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "chat_messages", "table",
     ("create", "get", "list_of_user", "restore", "update"), (), ()),
    ("slimy", "conversations", "table",
     ("create", "delete", "find_authority", "find_guild", "get", "list_deleted", "list_of_user",
      "purge_deleted", "restore", "soft_delete", "update"),
     ("create", "load", "restore", "soft_delete", "update"),
     ("delete", "purge_deleted")),
    ("slimy", "guilds", "table",
     ("create", "find_authority"), (), ()),
    ("slimy", "user_guilds", "table",
     ("find_authority",), (), ()),
)
# fmt: on
