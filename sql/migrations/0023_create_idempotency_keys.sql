-- What a request with an Idempotency-Key was answered, kept by the transaction that did its work:
-- either both are there or neither, so that a repeated request is answered and not done again.
--
-- depends: 0001_create_schema
-- phase: expand

CREATE TABLE slimy.idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status bigint,
    location text,
    body bytea,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, key),
    CONSTRAINT idempotency_keys_caller_shape_check CHECK (
        char_length(caller) BETWEEN 1 AND 100 AND caller ~ '^(key|user):'
    ),
    CONSTRAINT idempotency_keys_key_shape_check CHECK (key ~ '^[!-~]{1,255}$'),
    CONSTRAINT idempotency_keys_request_hash_length_check CHECK (octet_length(request_hash) = 32),
    CONSTRAINT idempotency_keys_status_range_check CHECK (status BETWEEN 200 AND 299),
    CONSTRAINT idempotency_keys_location_length_check CHECK (
        char_length(location) BETWEEN 1 AND 2000
    ),
    CONSTRAINT idempotency_keys_body_size_check CHECK (octet_length(body) <= 4194304),
    CONSTRAINT idempotency_keys_expires_at_range_check CHECK (
        expires_at > created_at AND expires_at < '2100-01-01 00:00:00+00'
    )
);

CREATE INDEX idempotency_keys_expires_at_idx ON slimy.idempotency_keys (expires_at);

COMMENT ON TABLE slimy.idempotency_keys IS
'One row per caller and key of the last day, with the answer; it serves repeated requests.';
COMMENT ON COLUMN slimy.idempotency_keys.caller IS
'Who asked, key:<id>, user:<id>, or both with a +: callers may choose the same keys. No foreign '
'key: rows live a day, and one of somebody erased opens nothing.';
COMMENT ON COLUMN slimy.idempotency_keys.request_hash IS
'SHA-256 of method, address and body (32 bytes): a key stands for one request.';
COMMENT ON COLUMN slimy.idempotency_keys.status IS
'Status of the answer; NULL only inside the transaction that is doing the work.';
COMMENT ON COLUMN slimy.idempotency_keys.location IS 'NULL where nothing was made.';
COMMENT ON COLUMN slimy.idempotency_keys.body IS 'JSON as it was sent; NULL where there was none.';
COMMENT ON INDEX slimy.idempotency_keys_pkey IS
'serves idempotency_keys.claim, idempotency_keys.complete, idempotency_keys.find';
COMMENT ON INDEX slimy.idempotency_keys_expires_at_idx IS 'serves idempotency_keys.claim';
