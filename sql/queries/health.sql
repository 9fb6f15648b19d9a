-- name: analyze :exec
-- Lets the planner know at once what every table holds: for after a bulk load.
-- role: slimy_owner
ANALYZE
slimy.api_keys,
slimy.audit_log_deltas,
slimy.audit_log_totals,
slimy.audit_logs,
slimy.chat_messages,
slimy.club_analyses,
slimy.club_analysis_images,
slimy.club_member_latest,
slimy.club_member_metrics,
slimy.club_metrics,
slimy.code_reports,
slimy.conversations,
slimy.guild_feature_flags,
slimy.guild_personalities,
slimy.guild_settings,
slimy.guild_stat_totals,
slimy.guilds,
slimy.idempotency_keys,
slimy.screenshot_analyses,
slimy.screenshot_comparisons,
slimy.screenshot_data,
slimy.screenshot_insights,
slimy.screenshot_recommendations,
slimy.screenshot_tags,
slimy.sessions,
slimy.stat_deltas,
slimy.stat_totals,
slimy.stats,
slimy.user_guilds,
slimy.user_preferences,
slimy.users;

-- name: find_data :scalar
-- Which table holds data, NULL where none does: the rows of all others belong to rows of these. API
-- keys do not count: who runs the service may make one before there is anything else.
-- allow: seq-scan: each stops at the first row
-- allow: partitions: they are read up to the first row, all of them only when all are empty
SELECT
    CASE
        WHEN EXISTS (SELECT u.id FROM slimy.users AS u) THEN 'users'
        WHEN EXISTS (SELECT g.id FROM slimy.guilds AS g) THEN 'guilds'
        WHEN EXISTS (SELECT c.id FROM slimy.code_reports AS c) THEN 'code reports'
        WHEN EXISTS (SELECT s.id FROM slimy.stats AS s) THEN 'statistics'
        WHEN EXISTS (SELECT a.id FROM slimy.audit_logs AS a) THEN 'audit logs'
    END AS held;

-- name: list_columns :many
-- What the database has of the columns that the queries were proven against. Not null counts as
-- declared only when it is enforced for the rows that are there.
-- page: 2000
SELECT
    n.nspname::text AS schema_name,
    c.relname::text AS table_name,
    a.attname::text AS column_name,
    format_type(a.atttypid, NULL) AS type_name,
    (
        a.attnotnull
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS k
            WHERE
                k.conrelid = c.oid
                AND k.contype = 'n'
                AND k.conkey = ARRAY[a.attnum]
                AND NOT k.convalidated
        )
    ) AS is_not_null
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    n.nspname = ANY(:schema_names::text[])
    AND c.relname = ANY(:table_names::text[])
    AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY n.nspname, c.relname, a.attnum;

-- name: list_gaps :many
-- Where row level security has a gap: a table without it, a privilege of visitors that no policy
-- narrows, and a policy that does not ask who visits. None of a role that does not exist. The names
-- of commands are all given.
-- notnull: problem
-- page: 2000
WITH visited AS (
    SELECT
        n.nspname::text AS schema_name,
        c.relname::text AS table_name,
        c.oid,
        c.relrowsecurity,
        to_regrole('slimy_visitor') AS visitor
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE
        n.nspname = ANY(:schema_names::text[])
        AND c.relname = ANY(:table_names::text[])
        AND c.relkind IN ('r', 'p')
),

policies AS (
    SELECT
        p.polrelid,
        p.polname::text AS policy_name,
        p.polcmd,
        (
            EXISTS (
                SELECT d.refobjid
                FROM pg_catalog.pg_depend AS d
                WHERE
                    d.classid = 'pg_catalog.pg_policy'::regclass
                    AND d.objid = p.oid
                    AND d.refclassid = 'pg_catalog.pg_proc'::regclass
            )
        ) AS is_asking
    FROM pg_catalog.pg_policy AS p
    INNER JOIN visited AS v ON p.polrelid = v.oid
    WHERE p.polpermissive AND (v.visitor = ANY(p.polroles) OR 0 = ANY(p.polroles))
)

SELECT
    v.schema_name,
    v.table_name,
    'has no row level security' AS problem
FROM visited AS v
WHERE NOT v.relrowsecurity
UNION ALL
SELECT
    v.schema_name,
    v.table_name,
    'has no policy for ' || k.command || ' by visitors' AS problem
FROM visited AS v
CROSS JOIN
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], ARRAY['r', 'a', 'w', 'd'])
        AS k (command, letter)
WHERE
    CASE
        WHEN k.command = 'DELETE' THEN has_table_privilege(v.visitor, v.oid, 'DELETE')
        ELSE has_any_column_privilege(v.visitor, v.oid, k.command)
    END
    AND NOT EXISTS (
        SELECT p.policy_name
        FROM policies AS p
        WHERE p.polrelid = v.oid AND p.polcmd::text IN (k.letter, '*')
    )
UNION ALL
SELECT
    v.schema_name,
    v.table_name,
    'has the policy ' || p.policy_name || ', which does not ask who visits' AS problem
FROM visited AS v
INNER JOIN policies AS p ON v.oid = p.polrelid
WHERE NOT p.is_asking
ORDER BY schema_name, table_name, problem;

-- name: list_indexes :many
-- The indexes of a schema, partitions added up with what they are parts of: how large they are, how
-- often they were read since `counted_since` of the database, and whether a rule needs them all the
-- same. Those never read come first, the largest of them first.
-- notnull: index_bytes
-- page: 2000
SELECT
    t.relname::text AS table_name,
    r.relname::text AS index_name,
    sum(pg_relation_size(i.indexrelid))::bigint AS index_bytes,
    sum(coalesce(pg_stat_get_numscans(i.indexrelid), 0))::bigint AS scan_count,
    bool_or(i.indisunique OR i.indisexclusion OR i.indisreplident) AS is_rule,
    bool_and(i.indisvalid) AS is_valid
FROM pg_catalog.pg_index AS i
INNER JOIN
    pg_catalog.pg_class AS r
    ON coalesce(pg_partition_root(i.indexrelid)::oid, i.indexrelid) = r.oid
INNER JOIN
    pg_catalog.pg_class AS t
    ON coalesce(pg_partition_root(i.indrelid)::oid, i.indrelid) = t.oid
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = :schema_name
GROUP BY t.relname, r.relname
ORDER BY
    (sum(coalesce(pg_stat_get_numscans(i.indexrelid), 0)) > 0) ASC,
    sum(pg_relation_size(i.indexrelid)) DESC,
    r.relname ASC;

-- name: list_migrations :many
-- The migrations that this database has seen. yoyo declares no NOT NULL, and writes no NULL.
-- notnull: migration_id
-- page: 1000
SELECT m.migration_id::text AS migration_id
FROM slimy_migrations._yoyo_migration AS m
ORDER BY m.migration_id;

-- name: list_missing :many
-- Of what a release's migrations leave behind, what is not there: constraints dropped or never
-- validated, triggers dropped or disabled, privileges that this login has not. Each is given as its
-- kind (constraint, trigger, privilege, function, schema), its table as schema.table, its name or
-- the privilege, and a column or nothing. What belongs to a table that is gone is not told.
-- notnull: kind, object_name, item
-- page: 5000
WITH tables AS MATERIALIZED (
    SELECT
        c.oid,
        n.nspname || '.' || c.relname AS object_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
),

expected AS MATERIALIZED (
    SELECT
        e.kind,
        e.object_name,
        e.item,
        e.column_name,
        t.oid AS relation,
        CASE
            WHEN
                e.kind = 'function'
                AND has_schema_privilege(split_part(e.object_name, '.', 1), 'USAGE')
                THEN to_regprocedure(e.object_name)
        END AS routine,
        CASE WHEN e.kind = 'schema' THEN to_regnamespace(e.object_name) END AS namespace
    FROM
        unnest(
            :kinds::text[], :object_names::text[], :item_names::text[], :column_names::text[]
        ) AS e (kind, object_name, item, column_name)
    LEFT JOIN
        tables AS t
        ON e.kind IN ('constraint', 'trigger', 'privilege') AND e.object_name = t.object_name
),

looked AS MATERIALIZED (
    SELECT
        e.kind,
        e.object_name,
        e.item,
        e.column_name,
        CASE e.kind
            WHEN 'constraint'
                THEN
                    CASE
                        WHEN k.oid IS NULL THEN 'is missing'
                        WHEN NOT k.convalidated THEN 'is not validated'
                    END
            WHEN 'trigger'
                THEN
                    CASE
                        WHEN g.oid IS NULL THEN 'is missing'
                        WHEN g.tgenabled IN ('D', 'R') THEN 'is disabled'
                    END
            WHEN 'privilege'
                THEN
                    CASE
                        WHEN has_table_privilege(e.relation, e.item) THEN NULL
                        WHEN e.column_name = '' THEN 'is not granted'
                        WHEN a.attnum IS NULL OR has_column_privilege(e.relation, a.attnum, e.item)
                            THEN NULL
                        ELSE 'is not granted'
                    END
            WHEN 'function'
                THEN
                    CASE
                        WHEN NOT has_function_privilege(e.routine, 'EXECUTE') THEN 'is not granted'
                    END
            WHEN 'schema' THEN
                CASE
                    WHEN NOT has_schema_privilege(e.namespace, e.item) THEN 'is not granted'
                END
        END AS problem
    FROM expected AS e
    LEFT JOIN
        pg_catalog.pg_constraint AS k
        ON e.kind = 'constraint' AND e.relation = k.conrelid AND e.item = k.conname
    LEFT JOIN
        pg_catalog.pg_trigger AS g
        ON e.kind = 'trigger' AND e.relation = g.tgrelid AND e.item = g.tgname
    LEFT JOIN
        pg_catalog.pg_attribute AS a
        ON e.kind = 'privilege' AND e.relation = a.attrelid AND e.column_name = a.attname
    WHERE coalesce(e.relation, e.routine::oid, e.namespace::oid) IS NOT NULL
)

SELECT
    l.kind,
    l.object_name,
    l.item,
    l.column_name,
    l.problem
FROM looked AS l
WHERE l.problem IS NOT NULL
ORDER BY l.kind, l.object_name, l.item, l.column_name;

-- name: list_standbys :many
-- The standbys that follow this server, each with how far behind it is: in bytes of the log that it
-- has not replayed, and in seconds as it told itself, NULL while it is idle. Without
-- pg_read_all_stats only that they are there: everything about them is NULL.
-- page: 100
SELECT
    coalesce(w.application_name, '') AS standby_name,
    w.state::text AS state,
    w.sync_state::text AS sync_state,
    pg_wal_lsn_diff(
        CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END, w.replay_lsn
    )::bigint AS lag_bytes,
    extract(EPOCH FROM w.replay_lag)::double precision AS lag_seconds
FROM pg_catalog.pg_stat_replication AS w
ORDER BY w.application_name, w.pid;

-- name: list_tables :many
-- The tables of a schema, partitions added up: sizes, live and dead rows as the server last counted
-- them, when each was last vacuumed and analyzed (of partitions the earliest that is known), and an
-- estimate of the bytes of the table that hold nothing. The estimate takes the widths of the
-- columns from the statistics: NULL where there are none, and off by some tenths at best.
-- notnull: table_bytes, index_bytes
-- page: 1000
WITH leaves AS MATERIALIZED (
    SELECT
        c.oid,
        coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root_id,
        c.reltuples::double precision AS reltuples,
        c.relpages,
        c.reltoastrelid,
        c.relfrozenxid,
        (
            SELECT sum((1 - s.null_frac) * s.avg_width)::double precision
            FROM pg_catalog.pg_stats AS s
            WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited
        ) AS row_width
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE n.nspname = :schema_name AND c.relkind = 'r'
)

SELECT
    r.relname::text AS table_name,
    sum(pg_relation_size(l.oid))::bigint AS table_bytes,
    sum(pg_indexes_size(l.oid))::bigint AS index_bytes,
    sum(coalesce(pg_total_relation_size(nullif(l.reltoastrelid, 0::oid)), 0))::bigint
        AS toast_bytes,
    sum(greatest(l.reltuples, 0))::bigint AS row_count,
    sum(coalesce(pg_stat_get_dead_tuples(l.oid), 0))::bigint AS dead_count,
    sum(coalesce(pg_stat_get_numscans(l.oid), 0))::bigint AS scan_count,
    min(
        greatest(pg_stat_get_last_vacuum_time(l.oid), pg_stat_get_last_autovacuum_time(l.oid))
    ) AS vacuumed_at,
    min(
        greatest(pg_stat_get_last_analyze_time(l.oid), pg_stat_get_last_autoanalyze_time(l.oid))
    ) AS analyzed_at,
    max(age(l.relfrozenxid)) AS frozen_age,
    sum(
        CASE
            WHEN l.row_width IS NOT NULL
                THEN greatest(l.relpages - ceil(l.reltuples * (l.row_width + 28) / 8168), 0) * 8192
        END
    )::bigint AS bloat_bytes
FROM leaves AS l
INNER JOIN pg_catalog.pg_class AS r ON l.root_id = r.oid
GROUP BY r.relname
ORDER BY sum(pg_relation_size(l.oid)) DESC, r.relname ASC;

-- name: list_transactions :many
-- The transactions that began longest ago, with who runs them and whether they rest. Without
-- pg_read_all_stats only those of this login; no statement's text, as it may hold values.
SELECT
    a.pid,
    coalesce(a.usename, '')::text AS login,
    coalesce(a.application_name, '') AS application,
    a.state,
    extract(EPOCH FROM clock_timestamp() - a.xact_start)::double precision AS seconds
FROM pg_catalog.pg_stat_activity AS a
WHERE
    a.xact_start IS NOT NULL
    AND a.pid != pg_backend_pid()
    AND a.datname = current_database()
ORDER BY a.xact_start
LIMIT :row_limit;

-- name: list_waits :many
-- Who waits for a lock just now, of what kind, on which table, since when, and behind whom.
-- allow: sort: the locks of the moment, which the server gives from memory
SELECT
    l.pid,
    l.mode AS lock_mode,
    c.relname::text AS table_name,
    extract(EPOCH FROM clock_timestamp() - l.waitstart)::double precision AS seconds,
    pg_blocking_pids(l.pid) AS blocked_by
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_class AS c ON l.relation = c.oid
WHERE NOT l.granted
ORDER BY l.waitstart, l.pid
LIMIT :row_limit;

-- name: measure :one
-- The server in a few numbers, cheap enough for every quarter of a minute: connections used of
-- those there may be, pages found in memory or read, how old the oldest row version is that others
-- must keep, how far a standby is behind what it received. Without pg_read_all_stats, what belongs
-- to other logins is NULL or left out.
-- notnull: transaction_age, sees_all
-- allow: cardinality: the server keeps one row of statistics for each database
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all,
    (
        SELECT count(a.pid)
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.datid IS NOT NULL AND a.usesysid IS NOT NULL
    ) AS connection_count,
    current_setting('max_connections')::integer AS connection_limit,
    d.blks_hit AS pages_hit,
    d.blks_read AS pages_read,
    d.xact_commit AS commit_count,
    d.xact_rollback AS rollback_count,
    d.deadlocks AS deadlock_count,
    d.temp_bytes,
    d.stats_reset AS counted_since,
    (SELECT max(age(b.datfrozenxid)) FROM pg_catalog.pg_database AS b) AS transaction_age,
    (
        SELECT coalesce(max(age(a.backend_xmin)), 0)
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid != pg_backend_pid()
    ) AS snapshot_age,
    (
        SELECT max(extract(EPOCH FROM clock_timestamp() - a.xact_start))::double precision
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid != pg_backend_pid() AND a.datname = current_database()
    ) AS longest_transaction_seconds,
    (SELECT count(l.pid) FROM pg_catalog.pg_locks AS l WHERE NOT l.granted) AS waiting_count,
    pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint
        AS replay_lag_bytes,
    CASE
        WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE (
            extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())
        )::double precision
    END AS replay_lag_seconds
FROM pg_catalog.pg_stat_database AS d
WHERE d.datname = current_database();

-- name: ping :one
-- Proof that the server answers, and what it is.
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica;
