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

-- name: list_migrations :many
-- The migrations that this database has seen. yoyo declares no NOT NULL, and writes no NULL.
-- notnull: migration_id
-- page: 1000
SELECT m.migration_id::text AS migration_id
FROM slimy_migrations._yoyo_migration AS m
ORDER BY m.migration_id;

-- name: ping :one
-- Proof that the server answers, and what it is.
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica;
