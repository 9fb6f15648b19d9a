-- What was applied word for word, and every try, beside yoyo's own tables. Any role may read which
-- migrations are applied, with which checksums and when; texts, attempts and the log it may not.

CREATE TABLE slimy_migrations.versions (
    version integer NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT versions_pkey PRIMARY KEY (version)
);

CREATE TABLE slimy_migrations.files (
    migration_id text NOT NULL,
    phase text,
    tool text NOT NULL,
    up_sha256 text NOT NULL,
    down_sha256 text,
    applied_at timestamptz NOT NULL,
    applied_by text,
    duration_ms bigint,
    up_text text,
    down_text text,

    CONSTRAINT files_pkey PRIMARY KEY (migration_id),
    CONSTRAINT files_tool_check CHECK (tool IN ('slimy', 'psql', 'yoyo', 'baseline'))
);

CREATE TABLE slimy_migrations.attempts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    migration_id text NOT NULL,
    direction text NOT NULL,
    tool text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    outcome text,
    statement text,
    statement_number integer,
    line integer,
    sqlstate text,
    message text,
    role_name text NOT NULL DEFAULT session_user,
    os_user text,
    host text,
    pid integer NOT NULL DEFAULT pg_backend_pid(),

    CONSTRAINT attempts_pkey PRIMARY KEY (id),
    CONSTRAINT attempts_direction_check CHECK (direction IN ('apply', 'rollback')),
    CONSTRAINT attempts_outcome_check CHECK (outcome IN ('done', 'failed', 'interrupted')),
    CONSTRAINT attempts_finished_check CHECK ((finished_at IS NULL) = (outcome IS NULL))
);

-- An earlier version of the migrator kept the checksums in the log's comment.
WITH last_entries AS (
    SELECT DISTINCT ON (y.migration_id)
        y.migration_id,
        y.comment,
        y.username
    FROM slimy_migrations._yoyo_log AS y
    WHERE y.operation IN ('apply', 'mark')
    ORDER BY y.migration_id ASC, y.created_at_utc DESC
)

INSERT INTO slimy_migrations.files (
    migration_id, tool, up_sha256, down_sha256, applied_at, applied_by
)
SELECT
    m.migration_id,
    'slimy' AS tool,
    split_part(l.comment, ' ', 2) AS up_sha256,
    nullif(split_part(l.comment, ' ', 3), '') AS down_sha256,
    m.applied_at_utc AT TIME ZONE 'UTC' AS applied_at,
    l.username AS applied_by
FROM slimy_migrations._yoyo_migration AS m
INNER JOIN last_entries AS l ON m.migration_id = l.migration_id
WHERE l.comment LIKE 'sha256 %';

GRANT USAGE ON SCHEMA slimy_migrations TO public;
GRANT SELECT ON slimy_migrations._yoyo_migration TO public;
GRANT SELECT ON slimy_migrations.versions TO public;
GRANT SELECT (
    migration_id, phase, tool, up_sha256, down_sha256, applied_at, applied_by, duration_ms
) ON slimy_migrations.files TO public;

COMMENT ON SCHEMA slimy_migrations IS
'Which migrations are applied, and how that went: written by `slimy migrate` and by yoyo alone.';
COMMENT ON TABLE slimy_migrations._yoyo_migration IS
'yoyo''s: the migrations that are applied. A row here is what makes a migration applied.';
COMMENT ON TABLE slimy_migrations._yoyo_log IS
'yoyo''s: what was applied and rolled back, and when.';
COMMENT ON TABLE slimy_migrations._yoyo_version IS
'yoyo''s: which version of its tables these are.';
COMMENT ON TABLE slimy_migrations.versions IS 'Which files of sql/bookkeeping made these tables.';
COMMENT ON TABLE slimy_migrations.files IS
'The two files of each migration as they were applied, so that an edited one is refused. A row '
'counts while its applied_at is that of _yoyo_migration.';
COMMENT ON COLUMN slimy_migrations.files.phase IS
'expand, backfill or contract; NULL when not said.';
COMMENT ON COLUMN slimy_migrations.files.tool IS
'Who applied it. Of what yoyo applied the files are those that were first seen afterwards.';
COMMENT ON COLUMN slimy_migrations.files.down_sha256 IS 'NULL where there was no rollback file.';
COMMENT ON COLUMN slimy_migrations.files.applied_by IS 'NULL where it is not known.';
COMMENT ON COLUMN slimy_migrations.files.duration_ms IS 'NULL where it is not known.';
COMMENT ON COLUMN slimy_migrations.files.up_text IS
'NULL until the tool sees the file again, where psql or an earlier version applied it.';
COMMENT ON COLUMN slimy_migrations.files.down_text IS
'As up_text; NULL without a rollback file too.';
COMMENT ON TABLE slimy_migrations.attempts IS
'Every try to apply or undo a migration, the failed ones too. One that is not finished, while '
'nobody holds the migrator''s advisory lock, was interrupted.';
COMMENT ON COLUMN slimy_migrations.attempts.finished_at IS 'NULL while it runs.';
COMMENT ON COLUMN slimy_migrations.attempts.outcome IS
'done, failed, or interrupted: found unfinished by the next run; NULL while it runs.';
COMMENT ON COLUMN slimy_migrations.attempts.statement IS
'What was run outside of a transaction, so that what it left is found; NULL for transactions.';
COMMENT ON COLUMN slimy_migrations.attempts.statement_number IS
'Which statement failed, from 1; NULL when none did.';
COMMENT ON COLUMN slimy_migrations.attempts.line IS
'Its line in the file; NULL when none failed.';
COMMENT ON COLUMN slimy_migrations.attempts.sqlstate IS 'NULL when nothing failed.';
COMMENT ON COLUMN slimy_migrations.attempts.message IS
'The server''s primary message: details may hold rows. NULL when nothing failed.';
COMMENT ON COLUMN slimy_migrations.attempts.os_user IS 'NULL when psql ran a plan.';
COMMENT ON COLUMN slimy_migrations.attempts.host IS 'NULL when psql ran a plan.';
