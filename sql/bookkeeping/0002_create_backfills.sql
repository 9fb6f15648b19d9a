-- How far each data migration is that runs in batches. Any role may read it, keys of rows left out.

CREATE TABLE slimy_migrations.backfills (
    migration_id text NOT NULL,
    checksum text NOT NULL,
    last_key text[],
    end_key text[],
    rows_estimated bigint NOT NULL,
    rows_seen bigint NOT NULL DEFAULT 0,
    rows_changed bigint NOT NULL DEFAULT 0,
    batches bigint NOT NULL DEFAULT 0,
    batch_size integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,

    CONSTRAINT backfills_pkey PRIMARY KEY (migration_id)
);

GRANT SELECT (
    migration_id, checksum, rows_estimated, rows_seen, rows_changed, batches, batch_size,
    started_at, reached_at, finished_at
) ON slimy_migrations.backfills TO public;

COMMENT ON TABLE slimy_migrations.backfills IS
'How far each data migration is; a batch and its place here commit together.';
COMMENT ON COLUMN slimy_migrations.backfills.checksum IS
'SHA-256 of the file that the place belongs to.';
COMMENT ON COLUMN slimy_migrations.backfills.last_key IS
'Key of the last row done, each column as text; NULL before the first batch.';
COMMENT ON COLUMN slimy_migrations.backfills.end_key IS
'Key of the last row to do: the last one at the start; NULL for a table that was empty then.';
COMMENT ON COLUMN slimy_migrations.backfills.finished_at IS 'NULL while there is something to do.';
