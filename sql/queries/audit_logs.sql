-- name: copy_many :copyfrom
-- Logs many at once, as a stream of rows without a statement for each.
-- role: slimy_owner
INSERT INTO slimy.audit_logs (
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
)
VALUES (
    :occurred_at,
    :user_id,
    :action,
    :resource_type,
    :resource_id,
    :details,
    :ip_address,
    :user_agent,
    :session_id,
    :request_id,
    :success,
    :error_message
);

-- name: fold :scalar
-- Moves one batch of deltas into the totals, and says how many there were; 0 when nothing is left.
-- Several may fold at once: each takes what the others have not.
-- page: 10000
WITH taken AS (
    DELETE FROM slimy.audit_log_deltas AS d
    WHERE
        d.id = ANY(
            ARRAY(
                SELECT f.id
                FROM slimy.audit_log_deltas AS f
                ORDER BY f.id
                LIMIT :batch_size
                FOR UPDATE SKIP LOCKED
            )
        )
    RETURNING d.bucket_start, d.action, d.entries, d.failures
),

folded AS (
    INSERT INTO slimy.audit_log_totals AS s (grain, bucket_start, action, entries, failures)
    SELECT
        g.grain,
        date_trunc(g.grain, t.bucket_start, 'UTC') AS bucket_start,
        t.action,
        sum(t.entries) AS entries,
        sum(t.failures) AS failures
    FROM taken AS t
    CROSS JOIN (VALUES ('hour'), ('day')) AS g (grain)
    GROUP BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.action
    ORDER BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.action
    ON CONFLICT (grain, bucket_start, action) DO UPDATE
        SET
            entries = s.entries + excluded.entries,
            failures = s.failures + excluded.failures
)

SELECT count(*) AS folded_count
FROM taken;

-- name: list_failed :many
-- One page of what failed in a period: one row in fifty, with indexes of its own.
-- returns: AuditLog
-- filter: a.user_id = :user_id
-- filter: a.action = :action
-- filter: a.resource_type = :resource_type
-- filter: a.resource_id = :resource_id
-- sort: newest: a.occurred_at DESC, a.id DESC
-- allow: partitions: months are read one by one until the page is full: a year is twelve looks
-- replica: yes
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE NOT a.success AND a.occurred_at >= :since AND a.occurred_at < :until
ORDER BY a.occurred_at DESC, a.id DESC
LIMIT :row_limit;

-- name: list_newest :many
-- One page of audit logs of a period, those that failed among them.
-- returns: AuditLog
-- filter: a.user_id = :user_id
-- filter: a.action = :action
-- filter: a.resource_type = :resource_type
-- filter: a.resource_id = :resource_id
-- filter: succeeded: a.success
-- sort: newest: a.occurred_at DESC, a.id DESC
-- allow: partitions: months are read one by one until the page is full: a year is twelve looks
-- replica: yes
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE a.occurred_at >= :since AND a.occurred_at < :until
ORDER BY a.occurred_at DESC, a.id DESC
LIMIT :row_limit;

-- name: list_of_request :many
-- One page of what was logged in one request.
-- returns: AuditLog
-- sort: newest: a.occurred_at DESC, a.id DESC
-- allow: partitions: months are read one by one until the page is full: a year is twelve looks
-- replica: yes
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE a.request_id = :request_id
ORDER BY a.occurred_at DESC, a.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads audit logs in bulk, as they are, keys included.
-- role: slimy_owner
INSERT INTO slimy.audit_logs (
    id,
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
)
VALUES (
    :id,
    :occurred_at,
    :user_id,
    :action,
    :resource_type,
    :resource_id,
    :details,
    :ip_address,
    :user_agent,
    :session_id,
    :request_id,
    :success,
    :error_message
);

-- name: record :one
-- Logs one action, now when no time is given.
-- returns: AuditLog
INSERT INTO slimy.audit_logs AS a (
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
)
VALUES (
    coalesce(:occurred_at, now()),
    :user_id,
    :action,
    :resource_type,
    :resource_id,
    :details,
    :ip_address,
    :user_agent,
    :session_id,
    :request_id,
    :success,
    :error_message
)
RETURNING
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message;

-- name: total_by_action :many
-- How often each action was done in a period and how often it failed: the totals of its whole days,
-- those of the hours before and behind them, and what is not yet in any.
-- returns: ActionTotal
-- page: 1000
-- allow: seq-scan: all that waits for the next fold is meant, a minute's 100,000 deltas or so
-- replica: yes
SELECT
    t.action,
    sum(t.entries)::bigint AS entries,
    sum(t.failures)::bigint AS failures
FROM (
    SELECT
        s.action,
        s.entries,
        s.failures
    FROM slimy.audit_log_totals AS s
    WHERE
        (
            s.grain = 'day'
            AND s.bucket_start
            >= date_trunc('day', :since::timestamptz + interval '23 hours', 'UTC')
            AND s.bucket_start < date_trunc('day', :until::timestamptz, 'UTC')
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= :since
            AND s.bucket_start < least(
                :until, date_trunc('day', :since + interval '23 hours', 'UTC')
            )
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= greatest(
                date_trunc('day', :since + interval '23 hours', 'UTC'),
                date_trunc('day', :until, 'UTC')
            )
            AND s.bucket_start < :until
        )
    UNION ALL
    SELECT
        d.action,
        d.entries,
        d.failures
    FROM slimy.audit_log_deltas AS d
    WHERE d.bucket_start >= :since AND d.bucket_start < :until
) AS t
GROUP BY t.action
ORDER BY t.action;
