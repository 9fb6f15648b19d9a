-- People, known by their Discord id. A row lives until the person is erased.
--
-- depends: 0001_create_schema
-- phase: expand

CREATE TABLE slimy.users (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    discord_id bigint NOT NULL,
    username text,
    global_name text,
    avatar text,
    email text,
    discord_access_token bytea,
    discord_refresh_token bytea,
    token_key_id text,
    token_expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT users_pkey PRIMARY KEY (id),
    -- No (discord_id, created_at) index beside it: one row per discord_id leaves nothing to sort.
    CONSTRAINT users_discord_id_key UNIQUE (discord_id),
    CONSTRAINT users_discord_id_positive_check CHECK (discord_id > 0),
    CONSTRAINT users_username_length_check CHECK (char_length(username) BETWEEN 1 AND 100),
    CONSTRAINT users_global_name_length_check CHECK (char_length(global_name) BETWEEN 1 AND 100),
    CONSTRAINT users_avatar_length_check CHECK (char_length(avatar) BETWEEN 1 AND 2048),
    -- Only the shape every address has; whether mail arrives is not the database's to know.
    CONSTRAINT users_email_shape_check CHECK (
        char_length(email) BETWEEN 3 AND 320
        AND position('@' IN email) BETWEEN 2 AND char_length(email) - 1
    ),
    -- Shorter than a nonce and a tag cannot be ciphertext: a plain token stored by mistake is
    -- refused.
    CONSTRAINT users_discord_access_token_envelope_check CHECK (
        octet_length(discord_access_token) BETWEEN 30 AND 8192
        AND get_byte(discord_access_token, 0) = 1
    ),
    CONSTRAINT users_discord_refresh_token_envelope_check CHECK (
        octet_length(discord_refresh_token) BETWEEN 30 AND 8192
        AND get_byte(discord_refresh_token, 0) = 1
    ),
    CONSTRAINT users_token_key_id_present_check CHECK (
        (discord_access_token IS NULL) = (token_key_id IS NULL)
    ),
    -- Neither a refresh token nor an end means anything without the access token.
    CONSTRAINT users_discord_access_token_first_check CHECK (
        discord_access_token IS NOT NULL
        OR (discord_refresh_token IS NULL AND token_expires_at IS NULL)
    ),
    -- Keeps out infinity, which nothing could be told of.
    CONSTRAINT users_token_expires_at_range_check CHECK (
        token_expires_at >= '2015-01-01 00:00:00+00' AND token_expires_at < '2100-01-01 00:00:00+00'
    ),
    CONSTRAINT users_token_key_id_length_check CHECK (char_length(token_key_id) BETWEEN 1 AND 64)
);

-- Case does not make two mailboxes of one. Refused: citext (an extension), a stored lower-case copy
-- (two truths).
CREATE UNIQUE INDEX users_email_key ON slimy.users (lower(email));

-- Search by the beginning of a word. Refused: trigram indexes (five times the size, an extension);
-- a stored tsvector column, which every read of a row would carry along.
CREATE INDEX users_words_idx ON slimy.users USING gin (
    slimy.to_tsvector(coalesce(username, '') || ' ' || coalesce(global_name, ''))
);

-- Only rows with tokens: a rotation walks one key's rows and leaves the rest alone.
CREATE INDEX users_token_key_id_idx ON slimy.users (token_key_id, id)
WHERE token_key_id IS NOT NULL;

CREATE TRIGGER users_set_updated_at
BEFORE UPDATE ON slimy.users
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.users IS
'One row per person the platform has seen on Discord; erased on request.';
COMMENT ON COLUMN slimy.users.id IS
'Version 7, so newest first is this key backwards: no index on created_at is kept beside it.';
COMMENT ON COLUMN slimy.users.discord_id IS
'Snowflake of the Discord account; never changes; a string in JSON.';
COMMENT ON COLUMN slimy.users.username IS 'Discord handle; NULL until Discord has told it.';
COMMENT ON COLUMN slimy.users.global_name IS
'Display name chosen on Discord; NULL when none was chosen.';
COMMENT ON COLUMN slimy.users.avatar IS 'Discord avatar hash or URL; NULL for the default picture.';
COMMENT ON COLUMN slimy.users.email IS 'NULL when not shared; unique without regard to case.';
COMMENT ON COLUMN slimy.users.discord_access_token IS
'AES-256-GCM envelope bound to this column and discord_id; encrypted before it reaches the '
'database.';
COMMENT ON COLUMN slimy.users.discord_refresh_token IS
'AES-256-GCM envelope bound to this column and discord_id; encrypted before it reaches the '
'database.';
COMMENT ON COLUMN slimy.users.token_key_id IS
'Key that both envelopes were made with; NULL without tokens; a key with no rows left can be '
'retired.';
COMMENT ON COLUMN slimy.users.token_expires_at IS
'When the access token ends, as Discord said; NULL without tokens.';
COMMENT ON INDEX slimy.users_pkey IS 'serves users.get, users.list_newest';
COMMENT ON INDEX slimy.users_discord_id_key IS
'serves users.find_by_discord_id, users.find_or_create';
COMMENT ON INDEX slimy.users_email_key IS 'serves users.find_by_email';
COMMENT ON INDEX slimy.users_words_idx IS 'serves users.search';
COMMENT ON INDEX slimy.users_token_key_id_idx IS 'serves users.list_tokens_of_key';
COMMENT ON TRIGGER users_set_updated_at ON slimy.users IS
'Dates real changes only: an upsert of equal values is none.';
