-- name: create :one
-- A new key, of which only the hash of its secret is kept.
-- returns: ApiKey
INSERT INTO slimy.api_keys AS k (public_id, secret_hash, name, scopes, guild_ids, expires_at)
VALUES (:public_id, :secret_hash, :name, :scopes, :guild_ids, :expires_at)
RETURNING
    k.id,
    k.public_id,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at,
    k.revoked_at,
    k.created_at;

-- name: find_by_public_id :opt
-- The good key with this public part, with the hash to hold the secret against; none when it was
-- revoked or has ended, by the database's clock.
SELECT
    k.id,
    k.secret_hash,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at
FROM slimy.api_keys AS k
WHERE
    k.public_id = :public_id
    AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now());

-- name: list_newest :many
-- One page of keys, newest first, revoked ones among them.
-- returns: ApiKey
-- sort: newest: k.id DESC
SELECT
    k.id,
    k.public_id,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at,
    k.revoked_at,
    k.created_at
FROM slimy.api_keys AS k
ORDER BY k.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads keys in bulk, as they are: hashes, of which the secrets are not known.
-- role: slimy_owner
INSERT INTO slimy.api_keys (
    id,
    public_id,
    secret_hash,
    name,
    scopes,
    guild_ids,
    expires_at,
    revoked_at,
    created_at,
    updated_at
)
VALUES (
    :id,
    :public_id,
    :secret_hash,
    :name,
    :scopes,
    :guild_ids,
    :expires_at,
    :revoked_at,
    :created_at,
    :updated_at
);

-- name: revoke :execrows
-- Withdraws a key; one that is withdrawn already stays as it was.
UPDATE slimy.api_keys
SET revoked_at = now()
WHERE id = :id AND revoked_at IS NULL;

-- name: rotate :opt
-- A new key in the place of a good one, with its name, scopes and guilds. The old one stays good
-- for a while, so that whoever has it can change over. No row when it is unknown, withdrawn or
-- over.
-- returns: ApiKey
WITH old AS MATERIALIZED (
    SELECT
        k.id,
        k.name,
        k.scopes,
        k.guild_ids
    FROM slimy.api_keys AS k
    WHERE
        k.id = :id
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
    FOR UPDATE
),

ending AS (
    UPDATE slimy.api_keys AS k
    SET expires_at = least(k.expires_at, now() + :overlap::interval)
    FROM old AS o
    WHERE k.id = o.id
)

INSERT INTO slimy.api_keys AS k (public_id, secret_hash, name, scopes, guild_ids, expires_at)
SELECT
    :public_id,
    :secret_hash,
    o.name,
    o.scopes,
    o.guild_ids,
    :expires_at
FROM old AS o
RETURNING
    k.id,
    k.public_id,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at,
    k.revoked_at,
    k.created_at;
