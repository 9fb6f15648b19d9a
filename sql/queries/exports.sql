-- name: analyses_of_guild :many
-- A guild's analyses with their images and metrics, oldest first, behind a time and a key; none of
-- a deleted guild.
-- returns: ExportedAnalysis
-- replica: yes
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
    a.guild_id = :guild_id
    AND (a.created_at, a.id) > (:after, :after_id)
    AND a.created_at < :until
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY a.created_at, a.id
LIMIT :row_limit;

-- name: audit_logs :many
-- What was logged before a moment, oldest first, behind a time and a key.
-- returns: ExportedAuditLog
-- replica: yes
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
    a.occurred_at >= :after
    AND (a.occurred_at, a.id) > (:after, :after_id)
    AND a.occurred_at < :until
ORDER BY a.occurred_at, a.id
LIMIT :row_limit;

-- name: members_of_guild :many
-- A guild's members with their roles, the first to join first, behind a time and a key; none of a
-- deleted guild.
-- returns: ExportedMember
-- page: 500
-- replica: yes
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
    m.guild_id = :guild_id
    AND (m.joined_at, m.user_id) > (:after, :after_id)
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY m.joined_at, m.user_id
LIMIT :row_limit;

-- name: messages_of_guild :many
-- A guild's messages, those for its admins only among them, oldest first, behind a time and a key;
-- none of a deleted guild or conversation.
-- returns: ExportedMessage
-- replica: yes
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
    m.guild_id = :guild_id
    AND (m.created_at, m.id) > (:after, :after_id)
    AND m.created_at < :until
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )
ORDER BY m.created_at, m.id
LIMIT :row_limit;

-- name: stats :many
-- What was recorded before a moment, oldest first, behind a time and a key.
-- returns: ExportedStat
-- page: 500
-- replica: yes
SELECT
    s.id,
    s.recorded_at AS timestamp,
    s.user_id,
    s.guild_id,
    s.type,
    s.value
FROM slimy.stats AS s
WHERE
    s.recorded_at >= :after
    AND (s.recorded_at, s.id) > (:after, :after_id)
    AND s.recorded_at < :until
ORDER BY s.recorded_at, s.id
LIMIT :row_limit;

-- name: stats_of_guild :many
-- What was recorded of a guild before a moment, oldest first, behind a time and a key.
-- returns: ExportedStat
-- page: 500
-- allow: partitions: months are read one by one until the page is full: a year is twelve looks
-- replica: yes
SELECT
    s.id,
    s.recorded_at AS timestamp,
    s.user_id,
    s.guild_id,
    s.type,
    s.value
FROM slimy.stats AS s
WHERE
    s.guild_id = :guild_id
    AND s.recorded_at >= :after
    AND (s.recorded_at, s.id) > (:after, :after_id)
    AND s.recorded_at < :until
ORDER BY s.recorded_at, s.id
LIMIT :row_limit;
