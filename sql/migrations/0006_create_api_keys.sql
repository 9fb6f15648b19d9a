-- Keys of the services that call the HTTP API. A key is shown once; only a hash of its secret is
-- kept.
--
-- depends: 0001_create_schema
-- phase: expand

CREATE TABLE slimy.api_keys (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    public_id text NOT NULL,
    secret_hash bytea NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    guild_ids bigint[],
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_public_id_key UNIQUE (public_id),
    CONSTRAINT api_keys_public_id_shape_check CHECK (public_id ~ '^[a-z0-9]{12}$'),
    CONSTRAINT api_keys_secret_hash_length_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT api_keys_name_length_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT api_keys_scopes_known_check CHECK (
        scopes <@ ARRAY[
            'analyses:read', 'analyses:write', 'audit-logs:read', 'audit-logs:write', 'chat:read',
            'chat:write', 'club-members:read', 'club-members:write', 'code-reports:read',
            'code-reports:write', 'guilds:read', 'guilds:write', 'keys:admin', 'members:read',
            'members:write', 'screenshots:read', 'screenshots:write', 'sessions:read',
            'sessions:write', 'stats:read', 'stats:write', 'users:act', 'users:read', 'users:write'
        ]::text[]
    ),
    CONSTRAINT api_keys_scopes_present_check CHECK (
        array_ndims(scopes) = 1 AND cardinality(scopes) BETWEEN 1 AND 32
    ),
    CONSTRAINT api_keys_guild_ids_shape_check CHECK (
        array_ndims(guild_ids) = 1
        AND cardinality(guild_ids) BETWEEN 1 AND 1000
        AND array_position(guild_ids, NULL) IS NULL
        AND (0 < ALL(guild_ids)) -- noqa: CP03
    ),
    CONSTRAINT api_keys_expires_at_future_check CHECK (expires_at > created_at),
    -- Keeps out infinity, which clients cannot read; a key without an end has NULL.
    CONSTRAINT api_keys_expires_at_range_check CHECK (expires_at < '2100-01-01 00:00:00+00')
);

CREATE TRIGGER api_keys_set_updated_at
BEFORE UPDATE ON slimy.api_keys
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.api_keys IS
'One row per key ever issued; a revoked key keeps its row so that its name stays known.';
COMMENT ON COLUMN slimy.api_keys.public_id IS
'The part of the key that may be logged; it finds the row.';
COMMENT ON COLUMN slimy.api_keys.secret_hash IS
'SHA-256 of the secret part (32 bytes), which has 256 random bits.';
COMMENT ON COLUMN slimy.api_keys.scopes IS 'What the key may do, as resource:verb.';
COMMENT ON COLUMN slimy.api_keys.guild_ids IS
'The only guilds the key reaches; NULL for all. No foreign key: a guild may be named before it is '
'known here.';
COMMENT ON COLUMN slimy.api_keys.expires_at IS 'NULL for a key that does not end by itself.';
COMMENT ON COLUMN slimy.api_keys.revoked_at IS 'When it was withdrawn; NULL while it is good.';
COMMENT ON INDEX slimy.api_keys_pkey IS
'serves api_keys.list_newest, api_keys.revoke, api_keys.rotate';
COMMENT ON INDEX slimy.api_keys_public_id_key IS 'serves api_keys.find_by_public_id';
COMMENT ON TRIGGER api_keys_set_updated_at ON slimy.api_keys IS 'Dates real changes only.';
