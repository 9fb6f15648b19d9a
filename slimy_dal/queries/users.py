"""Generated from sql/queries/users.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice, Patched

ListNewestSort: TypeAlias = Literal["newest"]
SearchSort: TypeAlias = Literal["newest"]


class GetWithGuildsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `get_with_guilds`."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: Snowflake | None
    created_at: datetime
    updated_at: datetime
    guilds: Json


class Tokens(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    discord_id: Snowflake
    discord_access_token: bytes | None
    discord_refresh_token: bytes | None
    token_expires_at: datetime | None


class User(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 8 queries."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: Snowflake | None
    created_at: datetime
    updated_at: datetime


class UserCount(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `count`."""

    counted: int
    estimated: int


CLEAR_TOKENS = Statement(
    name="users.clear_tokens",
    sql="""\
UPDATE slimy.users
SET
    discord_access_token = NULL,
    discord_refresh_token = NULL,
    token_key_id = NULL,
    token_expires_at = NULL
WHERE id = $1""",
    parameters=(Parameter("id", "uuid"),),
    writes=True,
)


async def clear_tokens(db: Executor, /, *, id: UUID, timeout: float | None = None) -> int:
    """Forgets a user's Discord tokens."""
    return await db.execute(CLEAR_TOKENS, id, timeout=timeout)


COUNT = Statement(
    name="users.count",
    sql="""\
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT u.id
            FROM slimy.users AS u
            ORDER BY u.id DESC
            LIMIT $1
        ) AS counted
    ) AS counted,
    t.reltuples::bigint AS estimated
FROM pg_catalog.pg_class AS t
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND t.relname = 'users'""",
    parameters=(Parameter("at_most", "bigint"),),
    columns=("counted", "estimated"),
    replica=True,
)


async def count(db: Executor, /, *, at_most: int, timeout: float | None = None) -> UserCount:
    """How many users there are: counted up to a bound and no further, and by the table's statistics,
    which say -1 until they are gathered.

    Raises NotFound where there is no row.
    """
    row = await db.row(COUNT, at_most, timeout=timeout)
    if row is None:
        raise NotFound("users.count found no row", query="users.count")
    return UserCount(*values(row))


DELETE = Statement(
    name="users.delete",
    sql="""\
DELETE FROM slimy.users
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
    """Erases a user with what is left of their data; owned guilds lose their owner, and statistics and
    audit logs the name: both may lose it only when the user is gone.
    """
    return await db.execute(DELETE, id, version, timeout=timeout)


FIND_BY_DISCORD_ID = Statement(
    name="users.find_by_discord_id",
    sql="""\
SELECT
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at
FROM slimy.users AS u
WHERE u.discord_id = $1""",
    parameters=(Parameter("discord_id", "bigint"),),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def find_by_discord_id(
    db: Executor,
    /,
    *,
    discord_id: int,
    timeout: float | None = None,
) -> User | None:
    """The user of a Discord account."""
    row = await db.row(FIND_BY_DISCORD_ID, discord_id, timeout=timeout)
    return None if row is None else User(*values(row))


FIND_BY_EMAIL = Statement(
    name="users.find_by_email",
    sql="""\
SELECT
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at
FROM slimy.users AS u
WHERE lower(u.email) = lower($1)""",
    parameters=(Parameter("email", "text"),),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def find_by_email(
    db: Executor,
    /,
    *,
    email: str,
    timeout: float | None = None,
) -> User | None:
    """The user of a mailbox, in whatever case it is written."""
    row = await db.row(FIND_BY_EMAIL, email, timeout=timeout)
    return None if row is None else User(*values(row))


FIND_OR_CREATE = Statement(
    name="users.find_or_create",
    sql="""\
INSERT INTO slimy.users AS u (discord_id, username, global_name, avatar, email)
SELECT
    $1,
    $2,
    $3,
    $4,
    $5
FROM pg_advisory_xact_lock(hashtext('slimy.users'), hashint8($1))
ON CONFLICT (discord_id) DO UPDATE
    SET
        username = CASE WHEN $6 THEN excluded.username ELSE u.username END,
        global_name = CASE WHEN $7 THEN excluded.global_name ELSE u.global_name END,
        avatar = CASE WHEN $8 THEN excluded.avatar ELSE u.avatar END,
        email = CASE WHEN $9 THEN excluded.email ELSE u.email END
RETURNING
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at""",
    parameters=(
        Parameter("discord_id", "bigint"),
        Parameter("username", "text", nullable=True),
        Parameter("global_name", "text", nullable=True),
        Parameter("avatar", "text", nullable=True),
        Parameter("email", "text", nullable=True),
        Parameter("set_username", "boolean"),
        Parameter("set_global_name", "boolean"),
        Parameter("set_avatar", "boolean"),
        Parameter("set_email", "boolean"),
    ),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def find_or_create(
    db: Executor,
    /,
    *,
    discord_id: int,
    username: str | None,
    global_name: str | None,
    avatar: str | None,
    email: str | None,
    set_username: bool,
    set_global_name: bool,
    set_avatar: bool,
    set_email: bool,
    timeout: float | None = None,
) -> User:
    """The user of a Discord account, made at the first call; a field whose flag is off keeps what is
    known. First calls of one account queue at a lock of its own: ON CONFLICT knows one key, and
    they would meet at the email as well, as a false conflict or a deadlock.

    Raises NotFound where there is no row.
    """
    row = await db.row(
        FIND_OR_CREATE,
        discord_id,
        username,
        global_name,
        avatar,
        email,
        set_username,
        set_global_name,
        set_avatar,
        set_email,
        timeout=timeout,
    )
    if row is None:
        raise NotFound("users.find_or_create found no row", query="users.find_or_create")
    return User(*values(row))


FIND_TOKENS = Statement(
    name="users.find_tokens",
    sql="""\
SELECT
    u.id,
    u.discord_id,
    u.discord_access_token,
    u.discord_refresh_token,
    u.token_expires_at
FROM slimy.users AS u
WHERE u.id = $1 AND u.token_key_id IS NOT NULL""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "discord_id",
        "discord_access_token",
        "discord_refresh_token",
        "token_expires_at",
    ),
)


async def find_tokens(db: Executor, /, *, id: UUID, timeout: float | None = None) -> Tokens | None:
    """A user's Discord tokens as they are kept: encrypted."""
    row = await db.row(FIND_TOKENS, id, timeout=timeout)
    return None if row is None else Tokens(*values(row))


FORGET_REPORTS = Statement(
    name="users.forget_reports",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.code_reports AS c
    WHERE c.reporter_id = $1
    ORDER BY c.id DESC
    LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE slimy.code_reports
SET reporter_id = NULL
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def forget_reports(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Takes the name off one batch of the reports that a user who is being erased has sent in."""
    return await db.execute(FORGET_REPORTS, id, batch_size, timeout=timeout)


FORGET_REVIEWS = Statement(
    name="users.forget_reviews",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.code_reports AS c
    WHERE c.reviewer_id = $1
    ORDER BY c.id DESC
    LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE slimy.code_reports
SET reviewer_id = NULL
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def forget_reviews(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Takes the name off one batch of the reports that a user who is being erased has settled."""
    return await db.execute(FORGET_REVIEWS, id, batch_size, timeout=timeout)


GET = Statement(
    name="users.get",
    sql="""\
SELECT
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at
FROM slimy.users AS u
WHERE u.id = $1""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> User | None:
    """A user by key."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else User(*values(row))


GET_WITH_GUILDS = Statement(
    name="users.get_with_guilds",
    sql="""\
SELECT
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'roles', p.roles,
                        'joinedAt', p.joined_at,
                        'guild', jsonb_build_object(
                            'id', p.id,
                            'name', p.name,
                            'icon', p.icon,
                            'ownerId', p.owner_id,
                            'createdAt', p.created_at,
                            'updatedAt', p.updated_at
                        )
                    )
                    ORDER BY p.id
                ),
                '[]'
            )
        FROM (
            SELECT
                m.roles,
                m.joined_at,
                g.id,
                g.name,
                g.icon,
                g.owner_id,
                g.created_at,
                g.updated_at
            FROM slimy.user_guilds AS m
            INNER JOIN slimy.guilds AS g ON m.guild_id = g.id
            WHERE m.user_id = u.id AND g.deleted_at IS NULL
            ORDER BY m.guild_id
            LIMIT $1
        ) AS p
    ) AS guilds
FROM slimy.users AS u
WHERE u.id = $2""",
    parameters=(Parameter("guild_limit", "bigint"), Parameter("id", "uuid")),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
        "guilds",
    ),
    replica=True,
)


async def get_with_guilds(
    db: Executor,
    /,
    *,
    guild_limit: int,
    id: UUID,
    timeout: float | None = None,
) -> GetWithGuildsRow | None:
    """A user with the guilds that they belong to, in order of the guilds' ids, and their roles there;
    deleted guilds are not among them.
    """
    row = await db.row(GET_WITH_GUILDS, guild_limit, id, timeout=timeout)
    return None if row is None else GetWithGuildsRow(*values(row))


LIST_NEWEST = Listing(
    name="users.list_newest",
    head="""\
SELECT
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at
FROM slimy.users AS u""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="u.id DESC",
    tail="\nLIMIT $1",
    sorts=(Sort("newest", ("u.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),),
    parameters=(Parameter("row_limit", "bigint"),),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_newest(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    sort: ListNewestSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[User]:
    """One page of users, newest first; the key is in order of creation.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(cursors, (), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(User, map(values, rows))), *asked.cursors)


LIST_TOKENS_OF_KEY = Statement(
    name="users.list_tokens_of_key",
    sql="""\
SELECT
    u.id,
    u.discord_id,
    u.discord_access_token,
    u.discord_refresh_token,
    u.token_expires_at
FROM slimy.users AS u
WHERE u.token_key_id = $1 AND u.id > $2
ORDER BY u.id
LIMIT $3""",
    parameters=(
        Parameter("token_key_id", "text"),
        Parameter("after_id", "uuid"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "discord_id",
        "discord_access_token",
        "discord_refresh_token",
        "token_expires_at",
    ),
)


async def list_tokens_of_key(
    db: Executor,
    /,
    *,
    token_key_id: str,
    after_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[Tokens]:
    """Users whose tokens were encrypted with one key, for its rotation."""
    rows = await db.rows(LIST_TOKENS_OF_KEY, token_key_id, after_id, row_limit, timeout=timeout)
    return list(starmap(Tokens, map(values, rows)))


LOAD = Statement(
    name="users.load",
    sql="""\
INSERT INTO slimy.users (
    id,
    discord_id,
    username,
    global_name,
    avatar,
    email,
    discord_access_token,
    discord_refresh_token,
    token_key_id,
    token_expires_at,
    last_active_guild_id,
    created_at,
    updated_at
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
    $9,
    $10,
    $11,
    $12,
    $13
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("discord_id", "bigint"),
        Parameter("username", "text", nullable=True),
        Parameter("global_name", "text", nullable=True),
        Parameter("avatar", "text", nullable=True),
        Parameter("email", "text", nullable=True),
        Parameter("discord_access_token", "bytea", nullable=True),
        Parameter("discord_refresh_token", "bytea", nullable=True),
        Parameter("token_key_id", "text", nullable=True),
        Parameter("token_expires_at", "timestamp with time zone", nullable=True),
        Parameter("last_active_guild_id", "bigint", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    discord_id: int
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    discord_access_token: bytes | None
    discord_refresh_token: bytes | None
    token_key_id: str | None
    token_expires_at: datetime | None
    last_active_guild_id: int | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads users in bulk, as they are, tokens in their envelopes."""
    return await db.copy(
        LOAD,
        ("slimy", "users"),
        (
            "id",
            "discord_id",
            "username",
            "global_name",
            "avatar",
            "email",
            "discord_access_token",
            "discord_refresh_token",
            "token_key_id",
            "token_expires_at",
            "last_active_guild_id",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


PURGE_CLUB_ANALYSES = Statement(
    name="users.purge_club_analyses",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT a.id
    FROM slimy.club_analyses AS a
    WHERE a.user_id = $1
    ORDER BY a.created_at DESC, a.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.club_analyses
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_club_analyses(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the club analyses that a user who is being erased had made, with images and
    metrics.
    """
    return await db.execute(PURGE_CLUB_ANALYSES, id, batch_size, timeout=timeout)


PURGE_COMPARISONS = Statement(
    name="users.purge_comparisons",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.screenshot_comparisons AS c
    WHERE c.user_id = $1
    ORDER BY c.created_at DESC, c.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.screenshot_comparisons
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_comparisons(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the comparisons of screenshots of a user who is being erased."""
    return await db.execute(PURGE_COMPARISONS, id, batch_size, timeout=timeout)


PURGE_CONVERSATIONS = Statement(
    name="users.purge_conversations",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.conversations AS c
    WHERE c.user_id = $1
    ORDER BY c.deleted_at DESC, c.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.conversations
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_conversations(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the conversations of a user who is being erased, deleted ones too."""
    return await db.execute(PURGE_CONVERSATIONS, id, batch_size, timeout=timeout)


PURGE_MESSAGES = Statement(
    name="users.purge_messages",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE m.user_id = $1
    ORDER BY m.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.chat_messages
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_messages(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the messages of a user who is being erased. Rows that somebody else removes
    at the time are skipped.
    """
    return await db.execute(PURGE_MESSAGES, id, batch_size, timeout=timeout)


PURGE_SCREENSHOTS = Statement(
    name="users.purge_screenshots",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT a.id
    FROM slimy.screenshot_analyses AS a
    WHERE a.user_id = $1
    ORDER BY a.created_at DESC, a.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.screenshot_analyses
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_screenshots(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the screenshot analyses of a user who is being erased, with all that was
    read out of them.
    """
    return await db.execute(PURGE_SCREENSHOTS, id, batch_size, timeout=timeout)


PURGE_SESSIONS = Statement(
    name="users.purge_sessions",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT s.id
    FROM slimy.sessions AS s
    WHERE s.user_id = $1
    ORDER BY s.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.sessions
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "uuid"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_sessions(
    db: Executor,
    /,
    *,
    id: UUID,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the sessions of a user who is being erased."""
    return await db.execute(PURGE_SESSIONS, id, batch_size, timeout=timeout)


REPLACE_TOKENS = Statement(
    name="users.replace_tokens",
    sql="""\
UPDATE slimy.users
SET
    discord_access_token = $1,
    discord_refresh_token = $2,
    token_key_id = $3
WHERE
    id = $4
    AND discord_access_token IS NOT DISTINCT FROM $5
    AND discord_refresh_token IS NOT DISTINCT FROM $6""",
    parameters=(
        Parameter("discord_access_token", "bytea", nullable=True),
        Parameter("discord_refresh_token", "bytea", nullable=True),
        Parameter("token_key_id", "text", nullable=True),
        Parameter("id", "uuid"),
        Parameter("old_access_token", "bytea", nullable=True),
        Parameter("old_refresh_token", "bytea", nullable=True),
    ),
    writes=True,
)


async def replace_tokens(
    db: Executor,
    /,
    *,
    discord_access_token: bytes | None,
    discord_refresh_token: bytes | None,
    token_key_id: str | None,
    id: UUID,
    old_access_token: bytes | None,
    old_refresh_token: bytes | None,
    timeout: float | None = None,
) -> int:
    """Puts a user's tokens under another key, unless they were changed since they were read."""
    return await db.execute(
        REPLACE_TOKENS,
        discord_access_token,
        discord_refresh_token,
        token_key_id,
        id,
        old_access_token,
        old_refresh_token,
        timeout=timeout,
    )


SEARCH = Listing(
    name="users.search",
    head="""\
WITH found AS MATERIALIZED (
    SELECT
        u.id,
        u.discord_id,
        u.username,
        u.global_name,
        u.avatar,
        u.email,
        u.last_active_guild_id,
        u.created_at,
        u.updated_at
    FROM slimy.users AS u
    WHERE
        slimy.to_tsvector(coalesce(u.username, '') || ' ' || coalesce(u.global_name, ''))
        @@ slimy.words_query($1)
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.discord_id,
    f.username,
    f.global_name,
    f.avatar,
    f.email,
    f.last_active_guild_id,
    f.created_at,
    f.updated_at
FROM found AS f""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="f.id DESC",
    tail="\nLIMIT $2",
    sorts=(Sort("newest", ("f.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),),
    parameters=(Parameter("words", "text"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def search(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    words: str,
    sort: SearchSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[User]:
    """One page of users with all the words, each by its beginning, newest first. Ten thousand finds are
    put in order, not more: a word that half the users have would sort half the table. The words are
    looked up apart from the order: walking the key in search of a rare word would read all of it.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = SEARCH.ask(cursors, (words,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(User, map(values, rows))), *asked.cursors)


SET_LAST_ACTIVE_GUILD = Statement(
    name="users.set_last_active_guild",
    sql="""\
UPDATE slimy.users AS u
SET last_active_guild_id = $1
WHERE
    u.id = $2
    AND u.updated_at = coalesce($3, u.updated_at)
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NOT NULL
    )
RETURNING
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at""",
    parameters=(
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def set_last_active_guild(
    db: Executor,
    /,
    *,
    guild_id: int | None,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> User | None:
    """Remembers where a user was last; none with NULL. No row when there is no such user, or the guild
    is deleted.
    """
    row = await db.row(SET_LAST_ACTIVE_GUILD, guild_id, id, version, timeout=timeout)
    return None if row is None else User(*values(row))


STORE_TOKENS = Statement(
    name="users.store_tokens",
    sql="""\
UPDATE slimy.users
SET
    discord_access_token = $1,
    discord_refresh_token = $2,
    token_key_id = $3,
    token_expires_at = $4
WHERE id = $5 AND discord_id = $6""",
    parameters=(
        Parameter("discord_access_token", "bytea", nullable=True),
        Parameter("discord_refresh_token", "bytea", nullable=True),
        Parameter("token_key_id", "text", nullable=True),
        Parameter("token_expires_at", "timestamp with time zone", nullable=True),
        Parameter("id", "uuid"),
        Parameter("discord_id", "bigint"),
    ),
    writes=True,
)


async def store_tokens(
    db: Executor,
    /,
    *,
    discord_access_token: bytes | None,
    discord_refresh_token: bytes | None,
    token_key_id: str | None,
    token_expires_at: datetime | None,
    id: UUID,
    discord_id: int,
    timeout: float | None = None,
) -> int:
    """Keeps a user's Discord tokens, encrypted by the caller."""
    return await db.execute(
        STORE_TOKENS,
        discord_access_token,
        discord_refresh_token,
        token_key_id,
        token_expires_at,
        id,
        discord_id,
        timeout=timeout,
    )


UPDATE = Patched(
    name="users.update",
    head="""\
UPDATE slimy.users AS u
SET
    """,
    tail="""\

WHERE u.id = $1 AND u.updated_at = coalesce($2, u.updated_at)
RETURNING
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at""",
    nothing="username = u.username",
    choices=(
        Choice("username", ("username = ", ""), Parameter("username", "text", nullable=True)),
        Choice(
            "global_name",
            ("global_name = ", ""),
            Parameter("global_name", "text", nullable=True),
        ),
        Choice("avatar", ("avatar = ", ""), Parameter("avatar", "text", nullable=True)),
        Choice("email", ("email = ", ""), Parameter("email", "text", nullable=True)),
    ),
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "discord_id",
        "username",
        "global_name",
        "avatar",
        "email",
        "last_active_guild_id",
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
    username: str | None | Unset = UNSET,
    global_name: str | None | Unset = UNSET,
    avatar: str | None | Unset = UNSET,
    email: str | None | Unset = UNSET,
    timeout: float | None = None,
) -> User | None:
    """Changes the fields that are given."""
    statement, given = UPDATE.choose((username, global_name, avatar, email))
    row = await db.row(statement, id, version, *given, timeout=timeout)
    return None if row is None else User(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_class", "relname", "name", True,
     ("count",), ()),
    ("pg_catalog", "pg_class", "relnamespace", "oid", True,
     ("count",), ()),
    ("pg_catalog", "pg_class", "reltuples", "real", True,
     ("count",), ()),
    ("pg_catalog", "pg_namespace", "nspname", "name", True,
     ("count",), ()),
    ("pg_catalog", "pg_namespace", "oid", "oid", True,
     ("count",), ()),
    ("slimy", "chat_messages", "id", "uuid", True,
     ("purge_messages",), ()),
    ("slimy", "chat_messages", "user_id", "uuid", True,
     ("purge_messages",), ()),
    ("slimy", "club_analyses", "created_at", "timestamp with time zone", True,
     ("purge_club_analyses",), ()),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("purge_club_analyses",), ()),
    ("slimy", "club_analyses", "user_id", "uuid", True,
     ("purge_club_analyses",), ()),
    ("slimy", "code_reports", "id", "uuid", True,
     ("forget_reports", "forget_reviews"), ()),
    ("slimy", "code_reports", "reporter_id", "uuid", False,
     ("forget_reports",), ("forget_reports",)),
    ("slimy", "code_reports", "reviewer_id", "uuid", False,
     ("forget_reviews",), ("forget_reviews",)),
    ("slimy", "conversations", "deleted_at", "timestamp with time zone", False,
     ("purge_conversations",), ()),
    ("slimy", "conversations", "id", "uuid", True,
     ("purge_conversations",), ()),
    ("slimy", "conversations", "user_id", "uuid", True,
     ("purge_conversations",), ()),
    ("slimy", "guilds", "created_at", "timestamp with time zone", True,
     ("get_with_guilds",), ()),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("get_with_guilds", "set_last_active_guild"), ()),
    ("slimy", "guilds", "icon", "text", False,
     ("get_with_guilds",), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("get_with_guilds", "set_last_active_guild"), ()),
    ("slimy", "guilds", "name", "text", True,
     ("get_with_guilds",), ()),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("get_with_guilds",), ()),
    ("slimy", "guilds", "updated_at", "timestamp with time zone", True,
     ("get_with_guilds",), ()),
    ("slimy", "screenshot_analyses", "created_at", "timestamp with time zone", True,
     ("purge_screenshots",), ()),
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("purge_screenshots",), ()),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("purge_screenshots",), ()),
    ("slimy", "screenshot_comparisons", "created_at", "timestamp with time zone", True,
     ("purge_comparisons",), ()),
    ("slimy", "screenshot_comparisons", "id", "uuid", True,
     ("purge_comparisons",), ()),
    ("slimy", "screenshot_comparisons", "user_id", "uuid", True,
     ("purge_comparisons",), ()),
    ("slimy", "sessions", "id", "uuid", True,
     ("purge_sessions",), ()),
    ("slimy", "sessions", "user_id", "uuid", True,
     ("purge_sessions",), ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("get_with_guilds",), ()),
    ("slimy", "user_guilds", "joined_at", "timestamp with time zone", True,
     ("get_with_guilds",), ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("get_with_guilds",), ()),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("get_with_guilds",), ()),
    ("slimy", "users", "avatar", "text", False,
     ("find_by_discord_id", "find_by_email", "find_or_create", "get", "get_with_guilds",
      "list_newest", "search", "set_last_active_guild", "update"),
     ("find_or_create", "load", "update")),
    ("slimy", "users", "created_at", "timestamp with time zone", True,
     ("find_by_discord_id", "find_by_email", "find_or_create", "get", "get_with_guilds",
      "list_newest", "search", "set_last_active_guild", "update"),
     ("load",)),
    ("slimy", "users", "discord_access_token", "bytea", False,
     ("find_tokens", "list_tokens_of_key", "replace_tokens"),
     ("clear_tokens", "load", "replace_tokens", "store_tokens")),
    ("slimy", "users", "discord_id", "bigint", True,
     ("find_by_discord_id", "find_by_email", "find_or_create", "find_tokens", "get",
      "get_with_guilds", "list_newest", "list_tokens_of_key", "search", "set_last_active_guild",
      "store_tokens", "update"),
     ("find_or_create", "load")),
    ("slimy", "users", "discord_refresh_token", "bytea", False,
     ("find_tokens", "list_tokens_of_key", "replace_tokens"),
     ("clear_tokens", "load", "replace_tokens", "store_tokens")),
    ("slimy", "users", "email", "text", False,
     ("find_by_discord_id", "find_by_email", "find_or_create", "get", "get_with_guilds",
      "list_newest", "search", "set_last_active_guild", "update"),
     ("find_or_create", "load", "update")),
    ("slimy", "users", "global_name", "text", False,
     ("find_by_discord_id", "find_by_email", "find_or_create", "get", "get_with_guilds",
      "list_newest", "search", "set_last_active_guild", "update"),
     ("find_or_create", "load", "update")),
    ("slimy", "users", "id", "uuid", True,
     ("clear_tokens", "count", "delete", "find_by_discord_id", "find_by_email", "find_or_create",
      "find_tokens", "get", "get_with_guilds", "list_newest", "list_tokens_of_key",
      "replace_tokens", "search", "set_last_active_guild", "store_tokens", "update"),
     ("load",)),
    ("slimy", "users", "last_active_guild_id", "bigint", False,
     ("find_by_discord_id", "find_by_email", "find_or_create", "get", "get_with_guilds",
      "list_newest", "search", "set_last_active_guild", "update"),
     ("load", "set_last_active_guild")),
    ("slimy", "users", "token_expires_at", "timestamp with time zone", False,
     ("find_tokens", "list_tokens_of_key"), ("clear_tokens", "load", "store_tokens")),
    ("slimy", "users", "token_key_id", "text", False,
     ("find_tokens", "list_tokens_of_key"),
     ("clear_tokens", "load", "replace_tokens", "store_tokens")),
    ("slimy", "users", "updated_at", "timestamp with time zone", True,
     ("delete", "find_by_discord_id", "find_by_email", "find_or_create", "get",
      "get_with_guilds", "list_newest", "search", "set_last_active_guild", "update"),
     ("load",)),
    ("slimy", "users", "username", "text", False,
     ("find_by_discord_id", "find_by_email", "find_or_create", "get", "get_with_guilds",
      "list_newest", "search", "set_last_active_guild", "update"),
     ("find_or_create", "load", "update")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_class", "table",
     ("count",), (), ()),
    ("pg_catalog", "pg_namespace", "table",
     ("count",), (), ()),
    ("slimy", "chat_messages", "table",
     ("purge_messages",), (), ("purge_messages",)),
    ("slimy", "club_analyses", "table",
     ("purge_club_analyses",), (), ("purge_club_analyses",)),
    ("slimy", "code_reports", "table",
     ("forget_reports", "forget_reviews"), ("forget_reports", "forget_reviews"), ()),
    ("slimy", "conversations", "table",
     ("purge_conversations",), (), ("purge_conversations",)),
    ("slimy", "guilds", "table",
     ("get_with_guilds", "set_last_active_guild"), (), ()),
    ("slimy", "screenshot_analyses", "table",
     ("purge_screenshots",), (), ("purge_screenshots",)),
    ("slimy", "screenshot_comparisons", "table",
     ("purge_comparisons",), (), ("purge_comparisons",)),
    ("slimy", "sessions", "table",
     ("purge_sessions",), (), ("purge_sessions",)),
    ("slimy", "to_tsvector", "function",
     ("search",), (), ()),
    ("slimy", "user_guilds", "table",
     ("get_with_guilds",), (), ()),
    ("slimy", "users", "table",
     ("clear_tokens", "count", "delete", "find_by_discord_id", "find_by_email", "find_or_create",
      "find_tokens", "get", "get_with_guilds", "list_newest", "list_tokens_of_key",
      "replace_tokens", "search", "set_last_active_guild", "store_tokens", "update"),
     ("clear_tokens", "find_or_create", "load", "replace_tokens", "set_last_active_guild",
      "store_tokens", "update"),
     ("delete",)),
    ("slimy", "words_query", "function",
     ("search",), (), ()),
)
# fmt: on
