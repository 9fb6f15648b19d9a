-- name: claim :one
-- Takes a key for the transaction it runs in. `is_free` says that nobody else is at work with it,
-- `is_claimed` that it was not used in the last day, and is the caller's now. Nobody waits: a lock
-- that others hold is an answer too. On the way two rows that are over are removed, more than one
-- claim adds, so that the table never holds much more than a day.
WITH held AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended(:caller || ' ' || :key, 0)) AS is_free
),

swept AS (
    DELETE FROM slimy.idempotency_keys AS k
    USING (
        SELECT
            o.caller,
            o.key
        FROM slimy.idempotency_keys AS o
        WHERE o.expires_at <= now() AND (o.caller, o.key) != (:caller, :key)
        ORDER BY o.expires_at
        LIMIT 2
        FOR UPDATE SKIP LOCKED
    ) AS old
    WHERE k.caller = old.caller AND k.key = old.key
),

claimed AS (
    INSERT INTO slimy.idempotency_keys AS k (caller, key, request_hash)
    SELECT
        :caller,
        :key,
        :request_hash
    FROM held AS h
    WHERE h.is_free
    ON CONFLICT (caller, key) DO UPDATE
        SET
            request_hash = excluded.request_hash,
            status = NULL,
            location = NULL,
            body = NULL,
            expires_at = excluded.expires_at,
            created_at = excluded.created_at
        WHERE k.expires_at <= now()
    RETURNING k.key
)

SELECT
    h.is_free,
    (EXISTS (SELECT c.key FROM claimed AS c)) AS is_claimed
FROM held AS h;

-- name: complete :execrows
-- Keeps what a claimed key was answered.
UPDATE slimy.idempotency_keys
SET
    status = :status,
    location = :location,
    body = :body
WHERE caller = :caller AND key = :key;

-- name: find :opt
-- What a key was answered.
-- returns: Answer
SELECT
    k.request_hash,
    k.status,
    k.location,
    k.body
FROM slimy.idempotency_keys AS k
WHERE k.caller = :caller AND k.key = :key;
