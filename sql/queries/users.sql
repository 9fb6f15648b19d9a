-- name: clear_tokens :execrows
-- Forgets a user's Discord tokens.
UPDATE slimy.users
SET
    discord_access_token = NULL,
    discord_refresh_token = NULL,
    token_key_id = NULL,
    token_expires_at = NULL
WHERE id = :id;

-- name: count :one
-- How many users there are: counted up to a bound and no further, and by the table's statistics,
-- which say -1 until they are gathered.
-- returns: UserCount
-- replica: yes
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT u.id
            FROM slimy.users AS u
            ORDER BY u.id DESC
            LIMIT :at_most
        ) AS counted
    ) AS counted,
    t.reltuples::bigint AS estimated
FROM pg_catalog.pg_class AS t
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND t.relname = 'users';

-- name: delete :execrows
-- Erases a user with what is left of their data; owned guilds lose their owner, and statistics and
-- audit logs the name: both may lose it only when the user is gone.
DELETE FROM slimy.users
WHERE id = :id AND updated_at = coalesce(:version, updated_at);

-- name: find_by_discord_id :opt
-- The user of a Discord account.
-- returns: User
-- replica: yes
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
WHERE u.discord_id = :discord_id;

-- name: find_by_email :opt
-- The user of a mailbox, in whatever case it is written.
-- returns: User
-- replica: yes
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
WHERE lower(u.email) = lower(:email);

-- name: find_or_create :one
-- The user of a Discord account, made at the first call; a field whose flag is off keeps what is
-- known. First calls of one account queue at a lock of its own: ON CONFLICT knows one key, and
-- they would meet at the email as well, as a false conflict or a deadlock.
-- returns: User
INSERT INTO slimy.users AS u (discord_id, username, global_name, avatar, email)
SELECT
    :discord_id,
    :username,
    :global_name,
    :avatar,
    :email
FROM pg_advisory_xact_lock(hashtext('slimy.users'), hashint8(:discord_id))
ON CONFLICT (discord_id) DO UPDATE
    SET
        username = CASE WHEN :set_username THEN excluded.username ELSE u.username END,
        global_name = CASE WHEN :set_global_name THEN excluded.global_name ELSE u.global_name END,
        avatar = CASE WHEN :set_avatar THEN excluded.avatar ELSE u.avatar END,
        email = CASE WHEN :set_email THEN excluded.email ELSE u.email END
RETURNING
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at;

-- name: find_tokens :opt
-- A user's Discord tokens as they are kept: encrypted.
-- returns: Tokens
SELECT
    u.id,
    u.discord_id,
    u.discord_access_token,
    u.discord_refresh_token,
    u.token_expires_at
FROM slimy.users AS u
WHERE u.id = :id AND u.token_key_id IS NOT NULL;

-- name: forget_reports :execrows
-- Takes the name off one batch of the reports that a user who is being erased has sent in.
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.code_reports AS c
    WHERE c.reporter_id = :id
    ORDER BY c.id DESC
    LIMIT :batch_size
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE slimy.code_reports
SET reporter_id = NULL
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: forget_reviews :execrows
-- Takes the name off one batch of the reports that a user who is being erased has settled.
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.code_reports AS c
    WHERE c.reviewer_id = :id
    ORDER BY c.id DESC
    LIMIT :batch_size
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE slimy.code_reports
SET reviewer_id = NULL
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: get :opt
-- A user by key.
-- returns: User
-- replica: yes
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
WHERE u.id = :id;

-- name: get_with_guilds :opt
-- A user with the guilds that they belong to, in order of the guilds' ids, and their roles there;
-- deleted guilds are not among them.
-- replica: yes
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
            LIMIT :guild_limit
        ) AS p
    ) AS guilds
FROM slimy.users AS u
WHERE u.id = :id;

-- name: list_newest :many
-- One page of users, newest first; the key is in order of creation.
-- returns: User
-- sort: newest: u.id DESC
-- replica: yes
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
ORDER BY u.id DESC
LIMIT :row_limit;

-- name: list_tokens_of_key :many
-- Users whose tokens were encrypted with one key, for its rotation.
-- returns: Tokens
SELECT
    u.id,
    u.discord_id,
    u.discord_access_token,
    u.discord_refresh_token,
    u.token_expires_at
FROM slimy.users AS u
WHERE u.token_key_id = :token_key_id AND u.id > :after_id
ORDER BY u.id
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads users in bulk, as they are, tokens in their envelopes.
-- role: slimy_owner
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
    :id,
    :discord_id,
    :username,
    :global_name,
    :avatar,
    :email,
    :discord_access_token,
    :discord_refresh_token,
    :token_key_id,
    :token_expires_at,
    :last_active_guild_id,
    :created_at,
    :updated_at
);

-- name: purge_club_analyses :execrows
-- Removes one batch of the club analyses that a user who is being erased had made, with images and
-- metrics.
WITH batch AS MATERIALIZED (
    SELECT a.id
    FROM slimy.club_analyses AS a
    WHERE a.user_id = :id
    ORDER BY a.created_at DESC, a.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.club_analyses
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_comparisons :execrows
-- Removes one batch of the comparisons of screenshots of a user who is being erased.
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.screenshot_comparisons AS c
    WHERE c.user_id = :id
    ORDER BY c.created_at DESC, c.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.screenshot_comparisons
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_conversations :execrows
-- Removes one batch of the conversations of a user who is being erased, deleted ones too.
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.conversations AS c
    WHERE c.user_id = :id
    ORDER BY c.deleted_at DESC, c.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.conversations
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_messages :execrows
-- Removes one batch of the messages of a user who is being erased. Rows that somebody else removes
-- at the time are skipped.
WITH batch AS MATERIALIZED (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE m.user_id = :id
    ORDER BY m.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.chat_messages
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_screenshots :execrows
-- Removes one batch of the screenshot analyses of a user who is being erased, with all that was
-- read out of them.
WITH batch AS MATERIALIZED (
    SELECT a.id
    FROM slimy.screenshot_analyses AS a
    WHERE a.user_id = :id
    ORDER BY a.created_at DESC, a.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.screenshot_analyses
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_sessions :execrows
-- Removes one batch of the sessions of a user who is being erased.
WITH batch AS MATERIALIZED (
    SELECT s.id
    FROM slimy.sessions AS s
    WHERE s.user_id = :id
    ORDER BY s.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.sessions
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: replace_tokens :execrows
-- Puts a user's tokens under another key, unless they were changed since they were read.
UPDATE slimy.users
SET
    discord_access_token = :discord_access_token,
    discord_refresh_token = :discord_refresh_token,
    token_key_id = :token_key_id
WHERE
    id = :id
    AND discord_access_token IS NOT DISTINCT FROM :old_access_token
    AND discord_refresh_token IS NOT DISTINCT FROM :old_refresh_token;

-- name: search :many
-- One page of users with all the words, each by its beginning, newest first. Ten thousand finds are
-- put in order, not more: a word that half the users have would sort half the table. The words are
-- looked up apart from the order: walking the key in search of a rare word would read all of it.
-- returns: User
-- sort: newest: f.id DESC
-- allow: sort: ten thousand finds at most, in memory
-- replica: yes
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
        @@ slimy.words_query(:words)
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
FROM found AS f
ORDER BY f.id DESC
LIMIT :row_limit;

-- name: set_last_active_guild :opt
-- Remembers where a user was last; none with NULL. No row when there is no such user, or the guild
-- is deleted.
-- returns: User
UPDATE slimy.users AS u
SET last_active_guild_id = :guild_id
WHERE
    u.id = :id
    AND u.updated_at = coalesce(:version, u.updated_at)
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NOT NULL
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
    u.updated_at;

-- name: store_tokens :execrows
-- Keeps a user's Discord tokens, encrypted by the caller.
UPDATE slimy.users
SET
    discord_access_token = :discord_access_token,
    discord_refresh_token = :discord_refresh_token,
    token_key_id = :token_key_id,
    token_expires_at = :token_expires_at
WHERE id = :id AND discord_id = :discord_id;

-- name: update :opt
-- Changes the fields that are given.
-- returns: User
-- patch: username, global_name, avatar, email
UPDATE slimy.users AS u
SET
    username = :username,
    global_name = :global_name,
    avatar = :avatar,
    email = :email
WHERE u.id = :id AND u.updated_at = coalesce(:version, u.updated_at)
RETURNING
    u.id,
    u.discord_id,
    u.username,
    u.global_name,
    u.avatar,
    u.email,
    u.last_active_guild_id,
    u.created_at,
    u.updated_at;
