-- Logged-in visits. Only a hash of the token is kept: a stolen backup opens no session.
--
-- depends: 0002_create_users
-- phase: expand

CREATE TABLE slimy.sessions (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT sessions_token_hash_length_check CHECK (octet_length(token_hash) = 32),
    -- Where created_at is left to the database, as sessions.create does, its clock decides: no
    -- session is opened that has ended. Whoever gives created_at, as a bulk load of old rows does,
    -- may make one that has ended, and nobody finds it by its token.
    CONSTRAINT sessions_expires_at_future_check CHECK (expires_at > created_at),
    -- These keep out infinity, which clients cannot read.
    CONSTRAINT sessions_expires_at_range_check CHECK (expires_at < '2100-01-01 00:00:00+00'),
    CONSTRAINT sessions_created_at_range_check CHECK (created_at >= '2015-01-01 00:00:00+00')
);

-- Led by user_id for "sign out everywhere" and the cascade; the id puts a user's sessions in order.
CREATE INDEX sessions_user_id_idx ON slimy.sessions (user_id, id DESC);

-- The purge walks it from the oldest end. Not partial: a predicate cannot say now().
CREATE INDEX sessions_expires_at_idx ON slimy.sessions (expires_at);

COMMENT ON TABLE slimy.sessions IS
'One row per open or recently ended session; expired rows are purged in batches.';
COMMENT ON COLUMN slimy.sessions.token_hash IS
'SHA-256 of the token (32 bytes). A fast hash is right for a random secret of 256 bits.';
COMMENT ON INDEX slimy.sessions_pkey IS 'serves sessions.purge_expired';
COMMENT ON INDEX slimy.sessions_token_hash_key IS
'serves sessions.find_by_token, sessions.delete_by_token';
COMMENT ON INDEX slimy.sessions_user_id_idx IS
'serves sessions.list_of_user, sessions.delete_of_user';
COMMENT ON INDEX slimy.sessions_expires_at_idx IS 'serves sessions.purge_expired';
