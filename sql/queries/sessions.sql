-- name: create :one
-- Opens a session; an end that is not in the future is refused by sessions_expires_at_future_check.
-- returns: Session
INSERT INTO slimy.sessions AS s (user_id, token_hash, expires_at)
VALUES (:user_id, :token_hash, :expires_at)
RETURNING s.id, s.user_id, s.expires_at, s.created_at;

-- name: delete :execrows
-- Ends one session of a user; somebody else's is left alone.
DELETE FROM slimy.sessions
WHERE id = :id AND user_id = :user_id;

-- name: delete_by_token :execrows
-- Ends the session of a token.
DELETE FROM slimy.sessions
WHERE token_hash = :token_hash;

-- name: delete_of_user :execrows
-- Ends every session of a user.
DELETE FROM slimy.sessions
WHERE user_id = :user_id;

-- name: find_by_token :opt
-- The open session of a token with its user. The database's clock decides whether it is still open.
SELECT
    s.id,
    s.expires_at,
    s.created_at,
    u.id AS "user.id",
    u.discord_id AS "user.discord_id",
    u.username AS "user.username",
    u.global_name AS "user.global_name",
    u.avatar AS "user.avatar",
    u.email AS "user.email",
    u.last_active_guild_id AS "user.last_active_guild_id",
    u.created_at AS "user.created_at",
    u.updated_at AS "user.updated_at"
FROM slimy.sessions AS s
INNER JOIN slimy.users AS u ON s.user_id = u.id
WHERE s.token_hash = :token_hash AND s.expires_at > now();

-- name: list_of_user :many
-- One page of a user's open sessions, newest first.
-- returns: Session
-- sort: newest: s.id DESC
SELECT
    s.id,
    s.user_id,
    s.expires_at,
    s.created_at
FROM slimy.sessions AS s
WHERE s.user_id = :user_id AND s.expires_at > now()
ORDER BY s.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads sessions in bulk, as they are, ended ones too.
-- role: slimy_owner
INSERT INTO slimy.sessions (id, user_id, token_hash, expires_at, created_at)
VALUES (:id, :user_id, :token_hash, :expires_at, :created_at);

-- name: purge_expired :execrows
-- Removes one batch of ended sessions, the longest ended first. Rows that another purge holds are
-- skipped, so that two of them share the work.
DELETE FROM slimy.sessions
WHERE id = ANY(
    ARRAY(
        SELECT s.id
        FROM slimy.sessions AS s
        WHERE s.expires_at <= now()
        ORDER BY s.expires_at
        LIMIT :batch_size
        FOR UPDATE SKIP LOCKED
    )
);
