-- Who did what: append only, in partitions by month, with the totals that statistics are read from.
-- A chain of hashes can be added as columns of its own: rows have an order (occurred_at, id) and
-- never change, but for the one erasure that sets user_id to NULL, which a hash has to leave out.
--
-- depends: 0002_create_users 0013_create_partitions
-- phase: expand

CREATE TABLE slimy.audit_logs (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    occurred_at timestamptz NOT NULL DEFAULT now(),
    user_id uuid,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id text,
    details jsonb NOT NULL DEFAULT '{}',
    ip_address inet,
    user_agent text,
    session_id uuid,
    request_id text,
    success boolean NOT NULL DEFAULT TRUE,
    error_message text,

    CONSTRAINT audit_logs_pkey PRIMARY KEY (occurred_at, id),
    -- SET NULL: the trail outlives the person.
    CONSTRAINT audit_logs_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE SET NULL,
    -- One spelling, whoever writes. Checked and not corrected here: a trigger for each row costs
    -- every writer, and would store what nobody sent.
    CONSTRAINT audit_logs_action_shape_check CHECK (
        char_length(action) <= 100 AND action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$'
    ),
    CONSTRAINT audit_logs_resource_type_shape_check CHECK (
        char_length(resource_type) <= 100 AND resource_type ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$'
    ),
    CONSTRAINT audit_logs_resource_id_length_check CHECK (
        char_length(resource_id) BETWEEN 1 AND 200
    ),
    CONSTRAINT audit_logs_details_object_check CHECK (jsonb_typeof(details) = 'object'),
    CONSTRAINT audit_logs_details_size_check CHECK (octet_length(details::text) <= 65536),
    CONSTRAINT audit_logs_user_agent_length_check CHECK (
        char_length(user_agent) BETWEEN 1 AND 1024
    ),
    CONSTRAINT audit_logs_request_id_length_check CHECK (char_length(request_id) BETWEEN 1 AND 200),
    CONSTRAINT audit_logs_error_message_length_check CHECK (
        char_length(error_message) BETWEEN 1 AND 4000
    ),
    CONSTRAINT audit_logs_error_message_failed_check CHECK (error_message IS NULL OR NOT success)
) PARTITION BY RANGE (occurred_at);

-- Six indexes beside the key, and four of failures, which one row in fifty is in; the sources
-- name twelve. Left out: userId, action, resourceType, resourceId and timestamp alone (each begins
-- another index); (resourceType, resourceId): audit_logs_resource_id_idx finds the type among the
-- few rows of an id; success alone (nearly all rows have it: the key finds them; failures have
-- audit_logs_failed_idx); (userId, action, timestamp): a person has so few rows that
-- audit_logs_user_id_idx finds the action among them.
CREATE INDEX audit_logs_user_id_idx ON slimy.audit_logs (user_id, occurred_at, id)
WHERE user_id IS NOT NULL;

CREATE INDEX audit_logs_action_idx ON slimy.audit_logs (action, occurred_at, id);

CREATE INDEX audit_logs_resource_type_idx ON slimy.audit_logs (resource_type, occurred_at, id);

-- `delete` of one type in a thousand: by the index of either, millions of others would be passed.
CREATE INDEX audit_logs_action_resource_type_idx
ON slimy.audit_logs (action, resource_type, occurred_at, id);

-- Without the type: hardly two things of different types have one id.
CREATE INDEX audit_logs_resource_id_idx ON slimy.audit_logs (resource_id, occurred_at, id)
WHERE resource_id IS NOT NULL;

CREATE INDEX audit_logs_request_id_idx ON slimy.audit_logs (request_id, occurred_at, id)
WHERE request_id IS NOT NULL;

CREATE INDEX audit_logs_failed_idx ON slimy.audit_logs (occurred_at, id)
WHERE NOT success;

CREATE INDEX audit_logs_failed_action_idx ON slimy.audit_logs (action, occurred_at, id)
WHERE NOT success;

CREATE INDEX audit_logs_failed_resource_type_idx
ON slimy.audit_logs (resource_type, occurred_at, id)
WHERE NOT success;

CREATE INDEX audit_logs_failed_action_resource_type_idx
ON slimy.audit_logs (action, resource_type, occurred_at, id)
WHERE NOT success;

-- As with statistics: rows of their own for each statement, folded into the totals in batches.
CREATE TABLE slimy.audit_log_deltas (
    id bigint GENERATED ALWAYS AS IDENTITY,
    bucket_start timestamptz NOT NULL,
    action text NOT NULL,
    entries bigint NOT NULL,
    failures bigint NOT NULL,

    CONSTRAINT audit_log_deltas_pkey PRIMARY KEY (id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

CREATE INDEX audit_log_deltas_bucket_start_idx ON slimy.audit_log_deltas (bucket_start);

CREATE TABLE slimy.audit_log_totals (
    grain text NOT NULL,
    bucket_start timestamptz NOT NULL,
    action text NOT NULL,
    entries bigint NOT NULL,
    failures bigint NOT NULL,

    CONSTRAINT audit_log_totals_pkey PRIMARY KEY (grain, bucket_start, action),
    CONSTRAINT audit_log_totals_grain_check CHECK (grain IN ('hour', 'day'))
) WITH (fillfactor = 80);

CREATE FUNCTION slimy.count_audit_logs() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    INSERT INTO slimy.audit_log_deltas (bucket_start, action, entries, failures)
    SELECT
        date_trunc('hour', a.occurred_at, 'UTC') AS bucket_start,
        a.action,
        count(*),
        count(*) FILTER (WHERE NOT a.success)
    FROM added AS a
    GROUP BY date_trunc('hour', a.occurred_at, 'UTC'), a.action;
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION slimy.count_audit_logs() IS
'Adds what a statement logged to the totals, in the same transaction: once for each hour and '
'action.';

CREATE TRIGGER audit_logs_count
AFTER INSERT ON slimy.audit_logs
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION slimy.count_audit_logs();

CREATE FUNCTION slimy.keep_audit_logs() RETURNS trigger
LANGUAGE plpgsql
AS $body$
DECLARE
    kept slimy.audit_logs;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        kept := new;
        kept.user_id := old.user_id;
        -- The foreign key acts when the user is gone: who sets it to NULL by hand is told apart.
        IF
            kept IS NOT DISTINCT FROM old
            AND old.user_id IS NOT NULL
            AND new.user_id IS NULL
            AND NOT EXISTS (SELECT FROM slimy.users AS u WHERE u.id = old.user_id)
        THEN
            RETURN new;
        END IF;
    ELSIF current_user = 'slimy_retention' THEN
        RETURN old;
    END IF;
    RAISE EXCEPTION 'audit logs are append only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege',
        HINT = 'Old rows are removed by the role slimy_retention, after SET ROLE.';
END
$body$;

COMMENT ON FUNCTION slimy.keep_audit_logs() IS
'Refuses to change or remove audit logs, to the owner and to superusers too. Let through: user_id '
'set to NULL by the foreign key when the user is erased, and removal by the role slimy_retention.';

CREATE TRIGGER audit_logs_keep
BEFORE UPDATE OR DELETE ON slimy.audit_logs
FOR EACH ROW EXECUTE FUNCTION slimy.keep_audit_logs();

CREATE TRIGGER audit_logs_keep_all
BEFORE TRUNCATE ON slimy.audit_logs
FOR EACH STATEMENT EXECUTE FUNCTION slimy.keep_audit_logs();

GRANT SELECT, DELETE, TRUNCATE ON slimy.audit_logs TO slimy_retention;

COMMENT ON TABLE slimy.audit_logs IS
'One row per action worth remembering, partitioned by month of occurred_at (UTC); append only.';
COMMENT ON COLUMN slimy.audit_logs.occurred_at IS 'The sources call it timestamp.';
COMMENT ON COLUMN slimy.audit_logs.user_id IS
'Who did it; NULL for the system, and for a person who was erased.';
COMMENT ON COLUMN slimy.audit_logs.action IS 'Dotted lower case, such as club.analysis.create.';
COMMENT ON COLUMN slimy.audit_logs.resource_id IS
'Text, for ids of every kind; NULL when it concerns no single resource.';
COMMENT ON COLUMN slimy.audit_logs.details IS 'What else is worth knowing; empty for nothing.';
COMMENT ON COLUMN slimy.audit_logs.ip_address IS 'NULL when it did not come over the network.';
COMMENT ON COLUMN slimy.audit_logs.user_agent IS 'NULL when the client did not say.';
COMMENT ON COLUMN slimy.audit_logs.session_id IS
'Session it was done in, which is purged long before; NULL outside any.';
COMMENT ON COLUMN slimy.audit_logs.request_id IS
'Request it was done in, as the service numbers them; NULL outside any.';
COMMENT ON COLUMN slimy.audit_logs.error_message IS 'Why it failed; NULL when it did not.';
COMMENT ON TABLE slimy.audit_log_deltas IS
'What was logged since the last fold: one row per statement, hour and action.';
COMMENT ON COLUMN slimy.audit_log_deltas.bucket_start IS 'The beginning of an hour, UTC.';
COMMENT ON TABLE slimy.audit_log_totals IS
'Audit logs counted by action, by hour and by day: the folded part. Kept when old logs go.';
COMMENT ON COLUMN slimy.audit_log_totals.bucket_start IS
'The beginning of the hour or day (grain), UTC.';
COMMENT ON INDEX slimy.audit_logs_pkey IS 'serves audit_logs.list_newest';
COMMENT ON INDEX slimy.audit_logs_user_id_idx IS
'serves audit_logs.list_newest, audit_logs.list_failed, users.delete';
COMMENT ON INDEX slimy.audit_logs_action_idx IS 'serves audit_logs.list_newest';
COMMENT ON INDEX slimy.audit_logs_resource_type_idx IS 'serves audit_logs.list_newest';
COMMENT ON INDEX slimy.audit_logs_action_resource_type_idx IS 'serves audit_logs.list_newest';
COMMENT ON INDEX slimy.audit_logs_resource_id_idx IS
'serves audit_logs.list_newest, audit_logs.list_failed';
COMMENT ON INDEX slimy.audit_logs_request_id_idx IS 'serves audit_logs.list_of_request';
COMMENT ON INDEX slimy.audit_logs_failed_idx IS 'serves audit_logs.list_failed';
COMMENT ON INDEX slimy.audit_logs_failed_action_idx IS 'serves audit_logs.list_failed';
COMMENT ON INDEX slimy.audit_logs_failed_resource_type_idx IS 'serves audit_logs.list_failed';
COMMENT ON INDEX slimy.audit_logs_failed_action_resource_type_idx IS
'serves audit_logs.list_failed';
COMMENT ON INDEX slimy.audit_log_deltas_pkey IS 'serves audit_logs.fold';
COMMENT ON INDEX slimy.audit_log_deltas_bucket_start_idx IS 'serves audit_logs.total_by_action';
COMMENT ON INDEX slimy.audit_log_totals_pkey IS
'serves audit_logs.total_by_action, audit_logs.fold';
COMMENT ON TRIGGER audit_logs_count ON slimy.audit_logs IS
'Keeps the totals in step with every INSERT.';
COMMENT ON TRIGGER audit_logs_keep ON slimy.audit_logs IS 'Audit logs are append only.';
COMMENT ON TRIGGER audit_logs_keep_all ON slimy.audit_logs IS 'Audit logs are append only.';

-- Also with session_replication_role = replica, which tools set for speed: what they load would be
-- missing from the totals for ever.
ALTER TABLE slimy.audit_logs ENABLE ALWAYS TRIGGER audit_logs_count;
ALTER TABLE slimy.audit_logs ENABLE ALWAYS TRIGGER audit_logs_keep;
ALTER TABLE slimy.audit_logs ENABLE ALWAYS TRIGGER audit_logs_keep_all;

-- The month before, for what comes late, this one, and three ahead; `slimy partitions make` makes
-- more.
SELECT slimy.make_partitions('slimy.audit_logs', (now() AT TIME ZONE 'UTC')::date - 31, 5);
