"""Generated from sql/queries/exports.sql by `slimy generate`; do not edit."""

from datetime import datetime
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from itertools import starmap
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Json, Snowflake

ChatMessageRole: TypeAlias = Literal["user", "assistant", "system"]
UserGuildRole: TypeAlias = Literal["owner", "admin", "moderator", "member"]


class ExportedAnalysis(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `analyses_of_guild`."""

    id: UUID
    guild_id: Snowflake
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    images: Json
    metrics: Json
    created_at: datetime
    updated_at: datetime


class ExportedAuditLog(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `audit_logs`."""

    id: UUID
    timestamp: datetime
    user_id: UUID | None
    action: str
    resource_type: str
    resource_id: str | None
    details: Json
    ip_address: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None
    user_agent: str | None
    session_id: UUID | None
    request_id: str | None
    success: bool
    error_message: str | None


class ExportedMember(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `members_of_guild`."""

    user_id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    roles: list[UserGuildRole]
    joined_at: datetime


class ExportedMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `messages_of_guild`."""

    id: UUID
    conversation_id: UUID | None
    guild_id: Snowflake
    user_id: UUID
    role: ChatMessageRole
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime


class ExportedStat(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    timestamp: datetime
    user_id: UUID | None
    guild_id: Snowflake | None
    type: str
    value: Json


ANALYSES_OF_GUILD = Statement(
    name="exports.analyses_of_guild",
    sql="""\
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size
                    )
                    ORDER BY i.id
                ),
                '[]'
            ) AS images
        FROM slimy.club_analysis_images AS i
        WHERE i.analysis_id = a.id
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name,
                        'value', m.value,
                        'unit', m.unit,
                        'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            ) AS metrics
        FROM slimy.club_metrics AS m
        WHERE m.analysis_id = a.id
    ) AS metrics,
    a.created_at,
    a.updated_at
FROM slimy.club_analyses AS a
WHERE
    a.guild_id = $1
    AND (a.created_at, a.id) > ($2, $3)
    AND a.created_at < $4
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
ORDER BY a.created_at, a.id
LIMIT $5""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("after", "timestamp with time zone"),
        Parameter("after_id", "uuid"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "images",
        "metrics",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def analyses_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    after: datetime,
    after_id: UUID,
    until: datetime,
    row_limit: int,
    timeout: float | None = None,
) -> list[ExportedAnalysis]:
    """A guild's analyses with their images and metrics, oldest first, behind a time and a key; none of
    a deleted guild.
    """
    rows = await db.rows(
        ANALYSES_OF_GUILD,
        guild_id,
        after,
        after_id,
        until,
        row_limit,
        timeout=timeout,
    )
    return list(starmap(ExportedAnalysis, map(values, rows)))


AUDIT_LOGS = Statement(
    name="exports.audit_logs",
    sql="""\
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE
    a.occurred_at >= $1
    AND (a.occurred_at, a.id) > ($1, $2)
    AND a.occurred_at < $3
ORDER BY a.occurred_at, a.id
LIMIT $4""",
    parameters=(
        Parameter("after", "timestamp with time zone"),
        Parameter("after_id", "uuid"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "timestamp",
        "user_id",
        "action",
        "resource_type",
        "resource_id",
        "details",
        "ip_address",
        "user_agent",
        "session_id",
        "request_id",
        "success",
        "error_message",
    ),
    replica=True,
)


async def audit_logs(
    db: Executor,
    /,
    *,
    after: datetime,
    after_id: UUID,
    until: datetime,
    row_limit: int,
    timeout: float | None = None,
) -> list[ExportedAuditLog]:
    """What was logged before a moment, oldest first, behind a time and a key."""
    rows = await db.rows(AUDIT_LOGS, after, after_id, until, row_limit, timeout=timeout)
    return list(starmap(ExportedAuditLog, map(values, rows)))


MEMBERS_OF_GUILD = Statement(
    name="exports.members_of_guild",
    sql="""\
SELECT
    m.user_id,
    u.discord_id,
    u.username,
    u.global_name,
    m.roles,
    m.joined_at
FROM slimy.user_guilds AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE
    m.guild_id = $1
    AND (m.joined_at, m.user_id) > ($2, $3)
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
ORDER BY m.joined_at, m.user_id
LIMIT $4""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("after", "timestamp with time zone"),
        Parameter("after_id", "uuid"),
        Parameter("row_limit", "bigint"),
    ),
    columns=("user_id", "discord_id", "username", "global_name", "roles", "joined_at"),
    replica=True,
)


async def members_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    after: datetime,
    after_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ExportedMember]:
    """A guild's members with their roles, the first to join first, behind a time and a key; none of a
    deleted guild.
    """
    rows = await db.rows(MEMBERS_OF_GUILD, guild_id, after, after_id, row_limit, timeout=timeout)
    return list(starmap(ExportedMember, map(values, rows)))


MESSAGES_OF_GUILD = Statement(
    name="exports.messages_of_guild",
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
    m.guild_id = $1
    AND (m.created_at, m.id) > ($2, $3)
    AND m.created_at < $4
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
ORDER BY m.created_at, m.id
LIMIT $5""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("after", "timestamp with time zone"),
        Parameter("after_id", "uuid"),
        Parameter("until", "timestamp with time zone"),
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
    replica=True,
)


async def messages_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    after: datetime,
    after_id: UUID,
    until: datetime,
    row_limit: int,
    timeout: float | None = None,
) -> list[ExportedMessage]:
    """A guild's messages, those for its admins only among them, oldest first, behind a time and a key;
    none of a deleted guild or conversation.
    """
    rows = await db.rows(
        MESSAGES_OF_GUILD,
        guild_id,
        after,
        after_id,
        until,
        row_limit,
        timeout=timeout,
    )
    return list(starmap(ExportedMessage, map(values, rows)))


STATS = Statement(
    name="exports.stats",
    sql="""\
SELECT
    s.id,
    s.recorded_at AS timestamp,
    s.user_id,
    s.guild_id,
    s.type,
    s.value
FROM slimy.stats AS s
WHERE
    s.recorded_at >= $1
    AND (s.recorded_at, s.id) > ($1, $2)
    AND s.recorded_at < $3
ORDER BY s.recorded_at, s.id
LIMIT $4""",
    parameters=(
        Parameter("after", "timestamp with time zone"),
        Parameter("after_id", "uuid"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=("id", "timestamp", "user_id", "guild_id", "type", "value"),
    replica=True,
)


async def stats(
    db: Executor,
    /,
    *,
    after: datetime,
    after_id: UUID,
    until: datetime,
    row_limit: int,
    timeout: float | None = None,
) -> list[ExportedStat]:
    """What was recorded before a moment, oldest first, behind a time and a key."""
    rows = await db.rows(STATS, after, after_id, until, row_limit, timeout=timeout)
    return list(starmap(ExportedStat, map(values, rows)))


STATS_OF_GUILD = Statement(
    name="exports.stats_of_guild",
    sql="""\
SELECT
    s.id,
    s.recorded_at AS timestamp,
    s.user_id,
    s.guild_id,
    s.type,
    s.value
FROM slimy.stats AS s
WHERE
    s.guild_id = $1
    AND s.recorded_at >= $2
    AND (s.recorded_at, s.id) > ($2, $3)
    AND s.recorded_at < $4
ORDER BY s.recorded_at, s.id
LIMIT $5""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("after", "timestamp with time zone"),
        Parameter("after_id", "uuid"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=("id", "timestamp", "user_id", "guild_id", "type", "value"),
    replica=True,
)


async def stats_of_guild(
    db: Executor,
    /,
    *,
    guild_id: int,
    after: datetime,
    after_id: UUID,
    until: datetime,
    row_limit: int,
    timeout: float | None = None,
) -> list[ExportedStat]:
    """What was recorded of a guild before a moment, oldest first, behind a time and a key."""
    rows = await db.rows(
        STATS_OF_GUILD,
        guild_id,
        after,
        after_id,
        until,
        row_limit,
        timeout=timeout,
    )
    return list(starmap(ExportedStat, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "audit_logs", "action", "text", True,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "details", "jsonb", True,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "error_message", "text", False,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "id", "uuid", True,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "ip_address", "inet", False,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "occurred_at", "timestamp with time zone", True,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "request_id", "text", False,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "resource_id", "text", False,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "resource_type", "text", True,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "session_id", "uuid", False,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "success", "boolean", True,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "user_agent", "text", False,
     ("audit_logs",), ()),
    ("slimy", "audit_logs", "user_id", "uuid", False,
     ("audit_logs",), ()),
    ("slimy", "chat_messages", "admin_only", "boolean", True,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "conversation_id", "uuid", False,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "created_at", "timestamp with time zone", True,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "guild_id", "bigint", False,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "id", "uuid", True,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "role", "text", True,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "text", "text", True,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "updated_at", "timestamp with time zone", True,
     ("messages_of_guild",), ()),
    ("slimy", "chat_messages", "user_id", "uuid", True,
     ("messages_of_guild",), ()),
    ("slimy", "club_analyses", "confidence", "double precision", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "created_at", "timestamp with time zone", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "guild_id", "bigint", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "summary", "text", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "title", "text", False,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "updated_at", "timestamp with time zone", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analyses", "user_id", "uuid", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analysis_images", "analysis_id", "uuid", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analysis_images", "file_size", "bigint", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analysis_images", "id", "uuid", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analysis_images", "image_url", "text", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_analysis_images", "original_name", "text", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_metrics", "analysis_id", "uuid", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_metrics", "category", "text", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_metrics", "name", "text", True,
     ("analyses_of_guild",), ()),
    ("slimy", "club_metrics", "unit", "text", False,
     ("analyses_of_guild",), ()),
    ("slimy", "club_metrics", "value", "jsonb", True,
     ("analyses_of_guild",), ()),
    ("slimy", "conversations", "deleted_at", "timestamp with time zone", False,
     ("messages_of_guild",), ()),
    ("slimy", "conversations", "id", "uuid", True,
     ("messages_of_guild",), ()),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("analyses_of_guild", "members_of_guild", "messages_of_guild"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("analyses_of_guild", "members_of_guild", "messages_of_guild"), ()),
    ("slimy", "stats", "guild_id", "bigint", False,
     ("stats", "stats_of_guild"), ()),
    ("slimy", "stats", "id", "uuid", True,
     ("stats", "stats_of_guild"), ()),
    ("slimy", "stats", "recorded_at", "timestamp with time zone", True,
     ("stats", "stats_of_guild"), ()),
    ("slimy", "stats", "type", "text", True,
     ("stats", "stats_of_guild"), ()),
    ("slimy", "stats", "user_id", "uuid", False,
     ("stats", "stats_of_guild"), ()),
    ("slimy", "stats", "value", "jsonb", True,
     ("stats", "stats_of_guild"), ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("members_of_guild",), ()),
    ("slimy", "user_guilds", "joined_at", "timestamp with time zone", True,
     ("members_of_guild",), ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("members_of_guild",), ()),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("members_of_guild",), ()),
    ("slimy", "users", "discord_id", "bigint", True,
     ("members_of_guild",), ()),
    ("slimy", "users", "global_name", "text", False,
     ("members_of_guild",), ()),
    ("slimy", "users", "id", "uuid", True,
     ("members_of_guild",), ()),
    ("slimy", "users", "username", "text", False,
     ("members_of_guild",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "audit_logs", "table",
     ("audit_logs",), (), ()),
    ("slimy", "chat_messages", "table",
     ("messages_of_guild",), (), ()),
    ("slimy", "club_analyses", "table",
     ("analyses_of_guild",), (), ()),
    ("slimy", "club_analysis_images", "table",
     ("analyses_of_guild",), (), ()),
    ("slimy", "club_metrics", "table",
     ("analyses_of_guild",), (), ()),
    ("slimy", "conversations", "table",
     ("messages_of_guild",), (), ()),
    ("slimy", "guilds", "table",
     ("analyses_of_guild", "members_of_guild", "messages_of_guild"), (), ()),
    ("slimy", "stats", "table",
     ("stats", "stats_of_guild"), (), ()),
    ("slimy", "user_guilds", "table",
     ("members_of_guild",), (), ()),
    ("slimy", "users", "table",
     ("members_of_guild",), (), ()),
)
# fmt: on
