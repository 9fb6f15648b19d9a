-- name: count_of_guild :scalar
-- How many messages a guild has, counted up to a bound and no further; 0 when it is deleted.
-- replica: yes
SELECT count(*) AS message_count
FROM (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE
        m.guild_id = :guild_id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT :at_most
) AS counted;

-- name: count_open_of_guild :scalar
-- How many messages a guild has for all its members, counted likewise.
-- replica: yes
SELECT count(*) AS message_count
FROM (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE
        m.guild_id = :guild_id
        AND NOT m.admin_only
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT :at_most
) AS counted;

-- name: create :opt
-- A new message. One in a conversation is held in the conversation's guild, and refused by
-- chat_messages_conversation_owner_fkey when the conversation is somebody else's or another guild
-- is given. No row when the conversation or the guild is deleted.
-- returns: Message
INSERT INTO slimy.chat_messages AS m (conversation_id, guild_id, user_id, role, text, admin_only)
SELECT
    :conversation_id,
    coalesce(
        :guild_id,
        (SELECT c.guild_id FROM slimy.conversations AS c WHERE c.id = :conversation_id)
    ) AS guild_id,
    :user_id,
    :role,
    :text,
    :admin_only
WHERE
    NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        LEFT JOIN slimy.guilds AS g ON c.guild_id = g.id
        WHERE
            c.id = :conversation_id
            AND (c.deleted_at IS NOT NULL OR g.deleted_at IS NOT NULL)
    )
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NOT NULL
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
    m.updated_at;

-- name: create_many :execrows
-- New messages, all or none, in the order of their keys, which are made for the times the messages
-- were written at. Each in a conversation is held in the conversation's guild. None is added when a
-- conversation or a guild among them is deleted: of conversations that is seen where their guild
-- is, guilds are looked up once each. The nil uuid stands for no conversation, 0 for no guild.
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
            :ids::uuid[],
            :conversation_ids::uuid[],
            :guild_ids::bigint[],
            :user_ids::uuid[],
            :roles::text[],
            :texts::text[],
            :admin_only::boolean[],
            :created_at::timestamptz[]
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
ORDER BY e.id;

-- name: delete :execrows
-- Removes a message for good.
DELETE FROM slimy.chat_messages
WHERE id = :id AND updated_at = coalesce(:version, updated_at);

-- name: find_authority :opt
-- What a user is to a message: its author, the owner of its guild, a member there with roles, or
-- none of these; and what kind of message it is. No row when there is no such message, or its
-- conversation or its guild is deleted.
SELECT
    (m.user_id = :user_id) AS is_author,
    m.role,
    m.admin_only,
    coalesce(g.owner_id = :user_id, FALSE) AS is_owner,
    u.roles
FROM slimy.chat_messages AS m
LEFT JOIN slimy.conversations AS c ON m.conversation_id = c.id
LEFT JOIN slimy.guilds AS g ON m.guild_id = g.id
LEFT JOIN slimy.user_guilds AS u ON g.id = u.guild_id AND u.user_id = :user_id
WHERE m.id = :id AND c.deleted_at IS NULL AND g.deleted_at IS NULL;

-- name: find_guild :scalar
-- The guild of a message. NULL, or no row, when there is none, or no such message, or its
-- conversation or guild is deleted.
SELECT m.guild_id
FROM slimy.chat_messages AS m
LEFT JOIN slimy.conversations AS c ON m.conversation_id = c.id
LEFT JOIN slimy.guilds AS g ON m.guild_id = g.id
WHERE m.id = :id AND c.deleted_at IS NULL AND g.deleted_at IS NULL;

-- name: get :opt
-- A message with its author; none when its conversation or its guild is deleted.
-- returns: AuthoredMessage
-- replica: yes
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
WHERE m.id = :id AND c.deleted_at IS NULL AND g.deleted_at IS NULL;

-- name: list_admin_only :many
-- One page of the messages that only a guild's admins may see, with their authors, newest or oldest
-- first, by their time.
-- returns: AuthoredMessage
-- sort: newest: m.created_at DESC, m.id DESC
-- sort: oldest: m.created_at, m.id
-- replica: yes
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
    m.guild_id = :guild_id
    AND m.admin_only
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
ORDER BY m.created_at DESC, m.id DESC
LIMIT :row_limit;

-- name: list_of_conversation :many
-- One page of a conversation's messages, oldest or newest first; none when it is deleted. Those for
-- admins only are left out where asked.
-- returns: Message
-- filter: open: NOT m.admin_only
-- sort: oldest: m.id
-- sort: newest: m.id DESC
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
    m.conversation_id = (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = :conversation_id AND c.deleted_at IS NULL
    )
ORDER BY m.id
LIMIT :row_limit;

-- name: list_of_guild :many
-- One page of the messages that every member of a guild may see, with their authors, newest or
-- oldest first: by their time, because only a guild's indexes have that in order. The keys are in
-- the same order, but for a guild that says a tenth of everything the planner would walk those of
-- all guilds, through everything that others have said since.
-- returns: AuthoredMessage
-- sort: newest: m.created_at DESC, m.id DESC
-- sort: oldest: m.created_at, m.id
-- replica: yes
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
    m.guild_id = :guild_id
    AND NOT m.admin_only
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
ORDER BY m.created_at DESC, m.id DESC
LIMIT :row_limit;

-- name: list_of_guild_for_admins :many
-- One page of all messages of a guild, those for admins only among them, with their authors, newest
-- or oldest first, by their time.
-- returns: AuthoredMessage
-- sort: newest: m.created_at DESC, m.id DESC
-- sort: oldest: m.created_at, m.id
-- replica: yes
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
    m.guild_id = :guild_id
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
ORDER BY m.created_at DESC, m.id DESC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of a person's messages and of what was written for them, newest or oldest first. Those
-- for admins only are left out where asked.
-- returns: Message
-- filter: open: NOT m.admin_only
-- sort: newest: m.id DESC
-- sort: oldest: m.id
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
    m.user_id = :user_id
    AND NOT EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
    )
ORDER BY m.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Messages by COPY, for imports: all or none, with nothing filled in and deleted conversations not
-- looked for.
-- role: slimy_owner
INSERT INTO slimy.chat_messages (
    id, conversation_id, guild_id, user_id, role, text, admin_only, created_at, updated_at
)
VALUES (
    :id,
    :conversation_id,
    :guild_id,
    :user_id,
    :role,
    :text,
    :admin_only,
    :created_at,
    :updated_at
);

-- name: update :opt
-- Changes the fields that are given; none of a message in a deleted conversation or guild.
-- returns: Message
-- patch: text, admin_only
UPDATE slimy.chat_messages AS m
SET
    text = :text,
    admin_only = :admin_only
WHERE
    m.id = :id
    AND m.updated_at = coalesce(:version, m.updated_at)
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
    m.updated_at;
