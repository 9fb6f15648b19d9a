-- name: create :opt
-- A new conversation; no row when its guild is deleted.
-- returns: Conversation
INSERT INTO slimy.conversations AS c (user_id, guild_id, title, personality_mode)
SELECT
    :user_id,
    :guild_id,
    :title,
    :personality_mode
WHERE
    NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NOT NULL
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
    c.updated_at;

-- name: delete :execrows
-- Removes a conversation with its messages at once and for good, also one from the bin.
DELETE FROM slimy.conversations
WHERE id = :id AND updated_at = coalesce(:version, updated_at);

-- name: find_authority :opt
-- What a user is to a conversation, also to a deleted one: its person, the owner of its guild, a
-- member there with roles, or none of these. A guild that was deleted softly has neither owner nor
-- members. No row when there is no such conversation.
SELECT
    (c.user_id = :user_id) AS is_person,
    (c.deleted_at IS NOT NULL) AS is_deleted,
    coalesce(g.owner_id = :user_id, FALSE) AS is_owner,
    m.roles
FROM slimy.conversations AS c
LEFT JOIN slimy.guilds AS g ON c.guild_id = g.id AND g.deleted_at IS NULL
LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id AND m.user_id = :user_id
WHERE c.id = :id;

-- name: find_guild :scalar
-- The guild in which a conversation is held, also a deleted one. NULL, or no row, when there is
-- none.
SELECT c.guild_id
FROM slimy.conversations AS c
WHERE c.id = :id;

-- name: get :opt
-- A conversation with the time of its last message; none when it is deleted.
-- returns: Conversation
-- replica: yes
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
WHERE c.id = :id AND c.deleted_at IS NULL;

-- name: list_deleted :many
-- One page of a person's deleted conversations, which can be restored, the latest deleted first.
-- returns: DeletedConversation
-- sort: latest: c.deleted_at DESC, c.id DESC
-- replica: yes
SELECT
    c.id,
    c.guild_id,
    c.title,
    c.deleted_at,
    c.created_at
FROM slimy.conversations AS c
WHERE c.user_id = :user_id AND c.deleted_at IS NOT NULL
ORDER BY c.deleted_at DESC, c.id DESC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of a person's conversations, newest or oldest first, each with the time of its last
-- message; of one guild where one is given.
-- returns: Conversation
-- filter: c.guild_id = :guild_id
-- sort: newest: c.id DESC
-- sort: oldest: c.id
-- replica: yes
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
WHERE c.user_id = :user_id AND c.deleted_at IS NULL
ORDER BY c.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads conversations in bulk, as they are, deleted ones too.
-- role: slimy_owner
INSERT INTO slimy.conversations (
    id, user_id, guild_id, title, personality_mode, deleted_at, created_at, updated_at
)
VALUES (
    :id, :user_id, :guild_id, :title, :personality_mode, :deleted_at, :created_at, :updated_at
);

-- name: purge_deleted :execrows
-- Removes one batch of conversations that were deleted longer than the grace period ago, with their
-- messages, the longest deleted first. Rows that another purge holds are skipped, so that two of
-- them share the work.
DELETE FROM slimy.conversations
WHERE id = ANY(
    ARRAY(
        SELECT c.id
        FROM slimy.conversations AS c
        WHERE c.deleted_at <= now() - :grace::interval
        ORDER BY c.deleted_at
        LIMIT :batch_size
        FOR UPDATE SKIP LOCKED
    )
);

-- name: restore :opt
-- Takes a conversation out of the bin.
-- returns: Conversation
UPDATE slimy.conversations AS c
SET deleted_at = NULL
WHERE c.id = :id AND c.deleted_at IS NOT NULL
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
    c.updated_at;

-- name: soft_delete :execrows
-- Puts a conversation into the bin: nobody sees it or its messages, until it is restored or purged.
UPDATE slimy.conversations
SET deleted_at = now()
WHERE id = :id AND deleted_at IS NULL AND updated_at = coalesce(:version, updated_at);

-- name: update :opt
-- Changes the fields that are given.
-- returns: Conversation
-- patch: title, personality_mode
UPDATE slimy.conversations AS c
SET
    title = :title,
    personality_mode = :personality_mode
WHERE c.id = :id AND c.deleted_at IS NULL AND c.updated_at = coalesce(:version, c.updated_at)
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
    c.updated_at;
