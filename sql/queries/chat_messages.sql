-- name: count_of_guild :scalar
-- How many messages a guild has, counted up to a bound and no further.
SELECT count(*) AS message_count
FROM (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE m.guild_id = :guild_id
    ORDER BY m.admin_only ASC, m.id DESC
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
-- conversation or a guild among them is deleted. The nil uuid stands for no conversation, 0 for no
-- guild.
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
ORDER BY e.id;

-- name: delete :execrows
-- Removes a message for good.
DELETE FROM slimy.chat_messages
WHERE id = :id;

-- name: get :opt
-- A message with its author; none when its conversation or its guild is deleted.
-- returns: AuthoredMessage
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
-- One page of the messages that only a guild's admins may see, newest first.
-- returns: AuthoredMessage
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
    AND m.id < :before_id
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
ORDER BY m.id DESC
LIMIT :row_limit;

-- name: list_of_conversation :many
-- One page of a conversation's messages, oldest first.
-- returns: Message
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
    m.conversation_id = :conversation_id
    AND m.id > :after_id
    AND EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = :conversation_id AND c.deleted_at IS NULL
    )
ORDER BY m.id
LIMIT :row_limit;

-- name: list_of_conversation_newest :many
-- One page of a conversation's messages, newest first.
-- returns: Message
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
    m.conversation_id = :conversation_id
    AND m.id < :before_id
    AND EXISTS (
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.id = :conversation_id AND c.deleted_at IS NULL
    )
ORDER BY m.id DESC
LIMIT :row_limit;

-- name: list_of_guild :many
-- One page of the messages that every member of a guild may see, newest first, with their authors.
-- returns: AuthoredMessage
-- allow: filter: a guild that says a tenth of everything is met in every tenth row of the key
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
    AND m.id < :before_id
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
ORDER BY m.id DESC
LIMIT :row_limit;

-- name: list_of_guild_for_admins :many
-- One page of all messages of a guild, those for admins only among them, newest first, with their
-- authors. The index keeps the two kinds apart: a page of each is read and the newer ones taken.
-- returns: AuthoredMessage
-- allow: filter: a guild that says a tenth of everything is met in every tenth row of the key
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
        m.guild_id = :guild_id
        AND NOT m.admin_only
        AND m.id < :before_id
        AND NOT EXISTS (
            SELECT c.id
            FROM slimy.conversations AS c
            WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
        )
    ORDER BY m.id DESC
    LIMIT :row_limit
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
        m.guild_id = :guild_id
        AND m.admin_only
        AND m.id < :before_id
        AND NOT EXISTS (
            SELECT c.id
            FROM slimy.conversations AS c
            WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
        )
    ORDER BY m.id DESC
    LIMIT :row_limit
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
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY m.id DESC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of a person's messages and of what was written for them, newest first.
-- returns: Message
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
    AND m.id < :before_id
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
INSERT INTO slimy.chat_messages (
    id, conversation_id, guild_id, user_id, role, text, admin_only, created_at
)
VALUES (
    :id, :conversation_id, :guild_id, :user_id, :role, :text, :admin_only, :created_at
);

-- name: update :opt
-- Changes a message's text when one is given, and for whom it is shown when that is.
-- returns: Message
UPDATE slimy.chat_messages AS m
SET
    text = coalesce(:text, m.text),
    admin_only = coalesce(:admin_only, m.admin_only)
WHERE
    m.id = :id
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
    m.updated_at;
