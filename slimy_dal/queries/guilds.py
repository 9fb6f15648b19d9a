"""Generated from sql/queries/guilds.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime, timedelta
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

ListDeletedSort: TypeAlias = Literal["latest"]
ListNewestSort: TypeAlias = Literal["newest"]
SearchSort: TypeAlias = Literal["newest"]


class DeletedGuild(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_deleted`."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    deleted_at: datetime
    purge_started_at: datetime | None


class GetWithMembersRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `get_with_members`."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    settings: Json
    member_count: int
    message_count: int
    created_at: datetime
    updated_at: datetime
    members: Json


class Guild(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 7 queries."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    settings: Json
    member_count: int
    message_count: int
    created_at: datetime
    updated_at: datetime


class GuildCount(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `count`."""

    counted: int
    estimated: int


class GuildSummary(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    member_count: int
    message_count: int
    created_at: datetime
    updated_at: datetime


class PurgedGuild(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `start_purge`."""

    id: Snowflake


CLEAR_LAST_ACTIVE = Statement(
    name="guilds.clear_last_active",
    sql="""\
UPDATE slimy.users
SET last_active_guild_id = NULL
WHERE id = ANY(
    ARRAY(
        SELECT u.id
        FROM slimy.users AS u
        WHERE
            u.last_active_guild_id = $1
            AND EXISTS (
                SELECT g.id
                FROM slimy.guilds AS g
                WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
            )
        ORDER BY u.id
        LIMIT $2
        FOR NO KEY UPDATE SKIP LOCKED
    )
)""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def clear_last_active(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Forgets one batch of users' last visits to a guild whose purge has begun. Users whom somebody
    holds are skipped: a guild never waits for a user, because erasing a user waits for guilds.
    """
    return await db.execute(CLEAR_LAST_ACTIVE, id, batch_size, timeout=timeout)


COUNT = Statement(
    name="guilds.count",
    sql="""\
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.deleted_at IS NULL
            ORDER BY g.created_at DESC, g.id DESC
            LIMIT $1
        ) AS counted
    ) AS counted,
    i.reltuples::bigint AS estimated
FROM pg_catalog.pg_class AS i
INNER JOIN pg_catalog.pg_namespace AS n ON i.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND i.relname = 'guilds_newest_idx'""",
    parameters=(Parameter("at_most", "bigint"),),
    columns=("counted", "estimated"),
    replica=True,
)


async def count(db: Executor, /, *, at_most: int, timeout: float | None = None) -> GuildCount:
    """How many guilds there are, deleted ones aside: counted up to a bound and no further, and by the
    statistics of the index that has just these, which say -1 until they are gathered.

    Raises NotFound where there is no row.
    """
    row = await db.row(COUNT, at_most, timeout=timeout)
    if row is None:
        raise NotFound("guilds.count found no row", query="guilds.count")
    return GuildCount(*values(row))


CREATE = Statement(
    name="guilds.create",
    sql="""\
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id, settings)
VALUES ($1, $2, $3, $4, $5)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("name", "text"),
        Parameter("icon", "text", nullable=True),
        Parameter("owner_id", "uuid", nullable=True),
        Parameter("settings", "jsonb"),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    id: int,
    name: str,
    icon: str | None,
    owner_id: UUID | None,
    settings: Json,
    timeout: float | None = None,
) -> Guild:
    """A new guild; one that is known already, deleted or not, is refused by guilds_pkey.

    Raises NotFound where there is no row.
    """
    row = await db.row(CREATE, id, name, icon, owner_id, settings, timeout=timeout)
    if row is None:
        raise NotFound("guilds.create found no row", query="guilds.create")
    return Guild(*values(row))


DELETE = Statement(
    name="guilds.delete",
    sql="""\
WITH visitors AS MATERIALIZED (
    SELECT u.id
    FROM slimy.users AS u
    WHERE u.last_active_guild_id = $1
    ORDER BY u.id
    LIMIT 1000
    FOR NO KEY UPDATE
)

DELETE FROM slimy.guilds
WHERE
    id = $1
    AND purge_started_at IS NOT NULL
    AND (SELECT count(*) FROM visitors) IS NOT NULL""",
    parameters=(Parameter("id", "bigint"),),
    writes=True,
)


async def delete(db: Executor, /, *, id: int, timeout: float | None = None) -> int:
    """Removes a guild whose purge has begun, with what is left of its data. Users who were last active
    in it are locked first, as everywhere: users, then guilds, then memberships.
    """
    return await db.execute(DELETE, id, timeout=timeout)


GET = Statement(
    name="guilds.get",
    sql="""\
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
WHERE g.id = $1 AND g.deleted_at IS NULL""",
    parameters=(Parameter("id", "bigint"),),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, id: int, timeout: float | None = None) -> Guild | None:
    """A guild by its Discord id, with the numbers of its members and of its messages, these counted up
    to 1000; none when it is deleted. The count asks for an order so that no planner reads the table
    for a guild that has a large share of it.
    """
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else Guild(*values(row))


GET_WITH_MEMBERS = Statement(
    name="guilds.get_with_members",
    sql="""\
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'roles', p.roles,
                        'joinedAt', p.joined_at,
                        'user', jsonb_build_object(
                            'id', p.user_id,
                            'discordId', p.discord_id,
                            'username', p.username,
                            'globalName', p.global_name,
                            'avatar', p.avatar
                        )
                    )
                    ORDER BY p.joined_at DESC, p.user_id DESC
                ),
                '[]'
            )
        FROM (
            SELECT
                m.roles,
                m.joined_at,
                m.user_id,
                u.discord_id,
                u.username,
                u.global_name,
                u.avatar
            FROM slimy.user_guilds AS m
            INNER JOIN slimy.users AS u ON m.user_id = u.id
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT $1
        ) AS p
    ) AS members
FROM slimy.guilds AS g
WHERE g.id = $2 AND g.deleted_at IS NULL""",
    parameters=(Parameter("member_limit", "bigint"), Parameter("id", "bigint")),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
        "members",
    ),
    replica=True,
)


async def get_with_members(
    db: Executor,
    /,
    *,
    member_limit: int,
    id: int,
    timeout: float | None = None,
) -> GetWithMembersRow | None:
    """A guild with both numbers, counted up to 1000, and its newest members with their users; none when
    it is deleted.
    """
    row = await db.row(GET_WITH_MEMBERS, member_limit, id, timeout=timeout)
    return None if row is None else GetWithMembersRow(*values(row))


LIST_DELETED = Listing(
    name="guilds.list_deleted",
    head="""\
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.deleted_at,
    g.purge_started_at
FROM slimy.guilds AS g
WHERE g.deleted_at IS NOT NULL""",
    joint="AND",
    middle="\nORDER BY ",
    order="g.deleted_at DESC, g.id DESC",
    tail="\nLIMIT $1",
    sorts=(
        Sort(
            "latest",
            ("g.deleted_at", "g.id"),
            (4, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "bigint")),
            descending=True,
        ),
    ),
    parameters=(Parameter("row_limit", "bigint"),),
    columns=("id", "name", "icon", "owner_id", "deleted_at", "purge_started_at"),
    replica=True,
)


async def list_deleted(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    sort: ListDeletedSort = "latest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[DeletedGuild]:
    """One page of deleted guilds, the latest deleted first, with when their purge began.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_DELETED.ask(cursors, (), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(DeletedGuild, map(values, rows))), *asked.cursors)


LIST_NEWEST = Listing(
    name="guilds.list_newest",
    head="""\
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
WHERE g.deleted_at IS NULL""",
    joint="AND",
    middle="\nORDER BY ",
    order="g.created_at DESC, g.id DESC",
    tail="\nLIMIT $1",
    sorts=(
        Sort(
            "newest",
            ("g.created_at", "g.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "bigint")),
            descending=True,
        ),
    ),
    parameters=(Parameter("row_limit", "bigint"),),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "member_count",
        "message_count",
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
) -> Page[GuildSummary]:
    """One page of guilds, newest first, each with the numbers of its members and of its messages, these
    counted up to 1000, for the page only.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(cursors, (), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(GuildSummary, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="guilds.load",
    sql="""\
INSERT INTO slimy.guilds (
    id,
    name,
    icon,
    owner_id,
    settings,
    deleted_at,
    purge_started_at,
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
    $9
)""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("name", "text"),
        Parameter("icon", "text", nullable=True),
        Parameter("owner_id", "uuid", nullable=True),
        Parameter("settings", "jsonb"),
        Parameter("deleted_at", "timestamp with time zone", nullable=True),
        Parameter("purge_started_at", "timestamp with time zone", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: int
    name: str
    icon: str | None
    owner_id: UUID | None
    settings: Json
    deleted_at: datetime | None
    purge_started_at: datetime | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads guilds in bulk, as they are, deleted ones too."""
    return await db.copy(
        LOAD,
        ("slimy", "guilds"),
        (
            "id",
            "name",
            "icon",
            "owner_id",
            "settings",
            "deleted_at",
            "purge_started_at",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


MERGE_SETTINGS = Statement(
    name="guilds.merge_settings",
    sql="""\
UPDATE slimy.guilds AS g
SET
    settings = (g.settings || $1::jsonb)
    - ARRAY(SELECT e.key FROM jsonb_each($1::jsonb) AS e WHERE jsonb_typeof(e.value) = 'null')
WHERE g.id = $2 AND g.deleted_at IS NULL AND g.updated_at = coalesce($3, g.updated_at)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at""",
    parameters=(
        Parameter("patch", "jsonb"),
        Parameter("id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def merge_settings(
    db: Executor,
    /,
    *,
    patch: Json,
    id: int,
    version: datetime | None,
    timeout: float | None = None,
) -> Guild | None:
    """Changes top-level keys of a guild's settings; a null in the patch removes its key. One statement,
    so that two merges at the same time both last.
    """
    row = await db.row(MERGE_SETTINGS, patch, id, version, timeout=timeout)
    return None if row is None else Guild(*values(row))


PURGE_ANALYSES = Statement(
    name="guilds.purge_analyses",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT a.id
    FROM slimy.club_analyses AS a
    WHERE
        a.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
        )
    ORDER BY a.created_at DESC, a.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.club_analyses
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_analyses(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the analyses of a guild whose purge has begun, with images and metrics."""
    return await db.execute(PURGE_ANALYSES, id, batch_size, timeout=timeout)


PURGE_CONVERSATIONS = Statement(
    name="guilds.purge_conversations",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.conversations AS c
    WHERE
        c.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
        )
    ORDER BY c.user_id ASC, c.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.conversations
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_conversations(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the conversations held in a guild whose purge has begun."""
    return await db.execute(PURGE_CONVERSATIONS, id, batch_size, timeout=timeout)


PURGE_MEMBERS = Statement(
    name="guilds.purge_members",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT m.user_id
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
        )
    ORDER BY m.joined_at DESC, m.user_id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.user_guilds AS m
USING batch AS b
WHERE m.guild_id = $1 AND m.user_id = b.user_id""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_members(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the memberships of a guild whose purge has begun. Joined and not "= ANY": of
    an array the planner would ask the roster, and read all of it.
    """
    return await db.execute(PURGE_MEMBERS, id, batch_size, timeout=timeout)


PURGE_MESSAGES = Statement(
    name="guilds.purge_messages",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE
        m.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
        )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.chat_messages
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b))""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_messages(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the messages of a guild whose purge has begun. Rows that another purge holds
    are skipped, so that two of them share the work.
    """
    return await db.execute(PURGE_MESSAGES, id, batch_size, timeout=timeout)


PURGE_OBSERVATIONS = Statement(
    name="guilds.purge_observations",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT
        o.member_key,
        o.observed_at
    FROM slimy.club_member_metrics AS o
    WHERE
        o.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
        )
    ORDER BY o.member_key, o.observed_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.club_member_metrics AS o
USING batch AS b
WHERE o.guild_id = $1 AND o.member_key = b.member_key AND o.observed_at = b.observed_at""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_observations(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of what was observed of a club's members, of a guild whose purge has begun."""
    return await db.execute(PURGE_OBSERVATIONS, id, batch_size, timeout=timeout)


PURGE_TOTALS = Statement(
    name="guilds.purge_totals",
    sql="""\
WITH batch AS MATERIALIZED (
    SELECT
        t.grain,
        t.bucket_start,
        t.type
    FROM slimy.guild_stat_totals AS t
    WHERE
        t.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.purge_started_at IS NOT NULL
        )
    ORDER BY t.grain, t.bucket_start, t.type
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.guild_stat_totals AS t
USING batch AS b
WHERE
    t.guild_id = $1
    AND t.grain = b.grain
    AND t.bucket_start = b.bucket_start
    AND t.type = b.type""",
    parameters=(Parameter("id", "bigint"), Parameter("batch_size", "bigint")),
    writes=True,
)


async def purge_totals(
    db: Executor,
    /,
    *,
    id: int,
    batch_size: int,
    timeout: float | None = None,
) -> int:
    """Removes one batch of the totals of statistics of a guild whose purge has begun."""
    return await db.execute(PURGE_TOTALS, id, batch_size, timeout=timeout)


REPLACE_SETTINGS = Statement(
    name="guilds.replace_settings",
    sql="""\
UPDATE slimy.guilds AS g
SET settings = $1
WHERE g.id = $2 AND g.deleted_at IS NULL AND g.updated_at = coalesce($3, g.updated_at)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at""",
    parameters=(
        Parameter("settings", "jsonb"),
        Parameter("id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def replace_settings(
    db: Executor,
    /,
    *,
    settings: Json,
    id: int,
    version: datetime | None,
    timeout: float | None = None,
) -> Guild | None:
    """Puts other settings in the place of a guild's."""
    row = await db.row(REPLACE_SETTINGS, settings, id, version, timeout=timeout)
    return None if row is None else Guild(*values(row))


RESTORE = Statement(
    name="guilds.restore",
    sql="""\
UPDATE slimy.guilds AS g
SET deleted_at = NULL
WHERE g.id = $1 AND g.deleted_at IS NOT NULL AND g.purge_started_at IS NULL
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at""",
    parameters=(Parameter("id", "bigint"),),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def restore(db: Executor, /, *, id: int, timeout: float | None = None) -> Guild | None:
    """Takes a guild out of the bin with all its data, unless its purge has begun."""
    row = await db.row(RESTORE, id, timeout=timeout)
    return None if row is None else Guild(*values(row))


SEARCH = Listing(
    name="guilds.search",
    head="""\
WITH found AS MATERIALIZED (
    SELECT
        g.id,
        g.name,
        g.icon,
        g.owner_id,
        g.created_at,
        g.updated_at
    FROM slimy.guilds AS g
    WHERE
        g.deleted_at IS NULL
        AND slimy.to_tsvector(g.name) @@ slimy.words_query($1)
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.name,
    f.icon,
    f.owner_id,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = f.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = f.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    f.created_at,
    f.updated_at
FROM found AS f""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="f.created_at DESC, f.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("f.created_at", "f.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "bigint")),
            descending=True,
        ),
    ),
    parameters=(Parameter("words", "text"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "member_count",
        "message_count",
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
) -> Page[GuildSummary]:
    """One page of guilds whose name has all the words, each by its beginning, newest first. Ten
    thousand finds are put in order, not more. The words are looked up apart from the order: walking
    guilds_newest_idx in search of a rare word would read all of it.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = SEARCH.ask(cursors, (words,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(GuildSummary, map(values, rows))), *asked.cursors)


SOFT_DELETE = Statement(
    name="guilds.soft_delete",
    sql="""\
UPDATE slimy.guilds
SET deleted_at = now()
WHERE id = $1 AND deleted_at IS NULL AND updated_at = coalesce($2, updated_at)""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def soft_delete(
    db: Executor,
    /,
    *,
    id: int,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Puts a guild into the bin: nobody sees it, until it is restored or purged."""
    return await db.execute(SOFT_DELETE, id, version, timeout=timeout)


START_DELETE = Statement(
    name="guilds.start_delete",
    sql="""\
UPDATE slimy.guilds
SET
    deleted_at = coalesce(deleted_at, now()),
    purge_started_at = coalesce(purge_started_at, now())
WHERE id = $1 AND updated_at = coalesce($2, updated_at)""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def start_delete(
    db: Executor,
    /,
    *,
    id: int,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Hides a guild and begins its purge at once: it cannot be restored."""
    return await db.execute(START_DELETE, id, version, timeout=timeout)


START_PURGE = Statement(
    name="guilds.start_purge",
    sql="""\
UPDATE slimy.guilds AS g
SET purge_started_at = coalesce(g.purge_started_at, now())
WHERE
    g.id = ANY(
        ARRAY(
            SELECT d.id
            FROM slimy.guilds AS d
            WHERE
                d.deleted_at IS NOT NULL
                AND (
                    d.deleted_at <= now() - $1::interval
                    OR d.purge_started_at IS NOT NULL
                )
            ORDER BY d.deleted_at
            LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
    )
RETURNING g.id""",
    parameters=(Parameter("grace", "interval"), Parameter("batch_size", "bigint")),
    columns=("id",),
    writes=True,
)


async def start_purge(
    db: Executor,
    /,
    *,
    grace: timedelta,
    batch_size: int,
    timeout: float | None = None,
) -> list[PurgedGuild]:
    """Marks one batch of guilds that were deleted longer than the grace period ago; from here on they
    cannot be restored. One whose removal began before is taken up again.
    """
    rows = await db.rows(START_PURGE, grace, batch_size, timeout=timeout)
    return list(starmap(PurgedGuild, map(values, rows)))


UPDATE = Patched(
    name="guilds.update",
    head="""\
UPDATE slimy.guilds AS g
SET
    """,
    tail="""\

WHERE g.id = $1 AND g.deleted_at IS NULL AND g.updated_at = coalesce($2, g.updated_at)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at""",
    nothing="name = g.name",
    choices=(
        Choice("name", ("name = ", ""), Parameter("name", "text")),
        Choice("icon", ("icon = ", ""), Parameter("icon", "text", nullable=True)),
        Choice("owner_id", ("owner_id = ", ""), Parameter("owner_id", "uuid", nullable=True)),
    ),
    parameters=(
        Parameter("id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    id: int,
    version: datetime | None,
    name: str | Unset = UNSET,
    icon: str | None | Unset = UNSET,
    owner_id: UUID | None | Unset = UNSET,
    timeout: float | None = None,
) -> Guild | None:
    """Changes the fields that are given."""
    statement, given = UPDATE.choose((name, icon, owner_id))
    row = await db.row(statement, id, version, *given, timeout=timeout)
    return None if row is None else Guild(*values(row))


UPSERT = Statement(
    name="guilds.upsert",
    sql="""\
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id)
VALUES (
    $1,
    $2,
    $3,
    coalesce(
        $4,
        (SELECT u.id FROM slimy.users AS u WHERE u.discord_id = $5)
    )
)
ON CONFLICT (id) DO UPDATE
    SET
        name = excluded.name,
        icon = CASE WHEN $6 THEN excluded.icon ELSE g.icon END,
        owner_id = CASE WHEN $7 THEN excluded.owner_id ELSE g.owner_id END
    WHERE g.deleted_at IS NULL
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("name", "text"),
        Parameter("icon", "text", nullable=True),
        Parameter("owner_id", "uuid", nullable=True),
        Parameter("owner_discord_id", "bigint", nullable=True),
        Parameter("set_icon", "boolean"),
        Parameter("set_owner", "boolean"),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "message_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def upsert(
    db: Executor,
    /,
    *,
    id: int,
    name: str,
    icon: str | None,
    owner_id: UUID | None,
    owner_discord_id: int | None,
    set_icon: bool,
    set_owner: bool,
    timeout: float | None = None,
) -> Guild | None:
    """The guild of a Discord server, made at the first call; a field whose flag is off keeps what is
    known. An owner that is given by Discord id and is not one of our users leaves the guild without
    one. No row when the guild is deleted: what is in the bin is restored on purpose, not by the way.
    """
    row = await db.row(
        UPSERT,
        id,
        name,
        icon,
        owner_id,
        owner_discord_id,
        set_icon,
        set_owner,
        timeout=timeout,
    )
    return None if row is None else Guild(*values(row))


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
    ("slimy", "chat_messages", "created_at", "timestamp with time zone", True,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_messages",
      "replace_settings", "restore", "search", "update", "upsert"),
     ()),
    ("slimy", "chat_messages", "guild_id", "bigint", False,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_messages",
      "replace_settings", "restore", "search", "update", "upsert"),
     ()),
    ("slimy", "chat_messages", "id", "uuid", True,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_messages",
      "replace_settings", "restore", "search", "update", "upsert"),
     ()),
    ("slimy", "club_analyses", "created_at", "timestamp with time zone", True,
     ("purge_analyses",), ()),
    ("slimy", "club_analyses", "guild_id", "bigint", True,
     ("purge_analyses",), ()),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("purge_analyses",), ()),
    ("slimy", "club_member_metrics", "guild_id", "bigint", True,
     ("purge_observations",), ()),
    ("slimy", "club_member_metrics", "member_key", "text", True,
     ("purge_observations",), ()),
    ("slimy", "club_member_metrics", "observed_at", "timestamp with time zone", True,
     ("purge_observations",), ()),
    ("slimy", "conversations", "guild_id", "bigint", False,
     ("purge_conversations",), ()),
    ("slimy", "conversations", "id", "uuid", True,
     ("purge_conversations",), ()),
    ("slimy", "conversations", "user_id", "uuid", True,
     ("purge_conversations",), ()),
    ("slimy", "guild_stat_totals", "bucket_start", "timestamp with time zone", True,
     ("purge_totals",), ()),
    ("slimy", "guild_stat_totals", "grain", "text", True,
     ("purge_totals",), ()),
    ("slimy", "guild_stat_totals", "guild_id", "bigint", True,
     ("purge_totals",), ()),
    ("slimy", "guild_stat_totals", "type", "text", True,
     ("purge_totals",), ()),
    ("slimy", "guilds", "created_at", "timestamp with time zone", True,
     ("count", "create", "get", "get_with_members", "list_newest", "merge_settings",
      "replace_settings", "restore", "search", "update", "upsert"),
     ("load",)),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("count", "get", "get_with_members", "list_deleted", "list_newest", "merge_settings",
      "replace_settings", "restore", "search", "soft_delete", "start_delete", "start_purge",
      "update", "upsert"),
     ("load", "restore", "soft_delete", "start_delete")),
    ("slimy", "guilds", "icon", "text", False,
     ("create", "get", "get_with_members", "list_deleted", "list_newest", "merge_settings",
      "replace_settings", "restore", "search", "update", "upsert"),
     ("create", "load", "update", "upsert")),
    ("slimy", "guilds", "id", "bigint", True,
     ("clear_last_active", "count", "create", "delete", "get", "get_with_members",
      "list_deleted", "list_newest", "merge_settings", "purge_analyses", "purge_conversations",
      "purge_members", "purge_messages", "purge_observations", "purge_totals",
      "replace_settings", "restore", "search", "soft_delete", "start_delete", "start_purge",
      "update", "upsert"),
     ("create", "load", "upsert")),
    ("slimy", "guilds", "name", "text", True,
     ("create", "get", "get_with_members", "list_deleted", "list_newest", "merge_settings",
      "replace_settings", "restore", "search", "update", "upsert"),
     ("create", "load", "update", "upsert")),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("create", "get", "get_with_members", "list_deleted", "list_newest", "merge_settings",
      "replace_settings", "restore", "search", "update", "upsert"),
     ("create", "load", "update", "upsert")),
    ("slimy", "guilds", "purge_started_at", "timestamp with time zone", False,
     ("clear_last_active", "delete", "list_deleted", "purge_analyses", "purge_conversations",
      "purge_members", "purge_messages", "purge_observations", "purge_totals", "restore",
      "start_delete", "start_purge"),
     ("load", "start_delete", "start_purge")),
    ("slimy", "guilds", "settings", "jsonb", True,
     ("create", "get", "get_with_members", "merge_settings", "replace_settings", "restore",
      "update", "upsert"),
     ("create", "load", "merge_settings", "replace_settings")),
    ("slimy", "guilds", "updated_at", "timestamp with time zone", True,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "replace_settings",
      "restore", "search", "soft_delete", "start_delete", "update", "upsert"),
     ("load",)),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_members",
      "replace_settings", "restore", "search", "update", "upsert"),
     ()),
    ("slimy", "user_guilds", "joined_at", "timestamp with time zone", True,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_members",
      "replace_settings", "restore", "search", "update", "upsert"),
     ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("get_with_members",), ()),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_members",
      "replace_settings", "restore", "search", "update", "upsert"),
     ()),
    ("slimy", "users", "avatar", "text", False,
     ("get_with_members",), ()),
    ("slimy", "users", "discord_id", "bigint", True,
     ("get_with_members", "upsert"), ()),
    ("slimy", "users", "global_name", "text", False,
     ("get_with_members",), ()),
    ("slimy", "users", "id", "uuid", True,
     ("clear_last_active", "delete", "get_with_members", "upsert"), ()),
    ("slimy", "users", "last_active_guild_id", "bigint", False,
     ("clear_last_active", "delete"), ("clear_last_active",)),
    ("slimy", "users", "username", "text", False,
     ("get_with_members",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_class", "table",
     ("count",), (), ()),
    ("pg_catalog", "pg_namespace", "table",
     ("count",), (), ()),
    ("slimy", "chat_messages", "table",
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_messages",
      "replace_settings", "restore", "search", "update", "upsert"),
     (),
     ("purge_messages",)),
    ("slimy", "club_analyses", "table",
     ("purge_analyses",), (), ("purge_analyses",)),
    ("slimy", "club_member_metrics", "table",
     ("purge_observations",), (), ("purge_observations",)),
    ("slimy", "conversations", "table",
     ("purge_conversations",), (), ("purge_conversations",)),
    ("slimy", "guild_stat_totals", "table",
     ("purge_totals",), (), ("purge_totals",)),
    ("slimy", "guilds", "table",
     ("clear_last_active", "count", "create", "delete", "get", "get_with_members",
      "list_deleted", "list_newest", "merge_settings", "purge_analyses", "purge_conversations",
      "purge_members", "purge_messages", "purge_observations", "purge_totals",
      "replace_settings", "restore", "search", "soft_delete", "start_delete", "start_purge",
      "update", "upsert"),
     ("create", "load", "merge_settings", "replace_settings", "restore", "soft_delete",
      "start_delete", "start_purge", "update", "upsert"),
     ("delete",)),
    ("slimy", "to_tsvector", "function",
     ("search",), (), ()),
    ("slimy", "user_guilds", "table",
     ("create", "get", "get_with_members", "list_newest", "merge_settings", "purge_members",
      "replace_settings", "restore", "search", "update", "upsert"),
     (),
     ("purge_members",)),
    ("slimy", "users", "table",
     ("clear_last_active", "delete", "get_with_members", "upsert"), ("clear_last_active",), ()),
    ("slimy", "words_query", "function",
     ("search",), (), ()),
)
# fmt: on
