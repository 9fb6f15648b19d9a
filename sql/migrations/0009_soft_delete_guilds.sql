-- Deleting a guild in two steps: first it is hidden and can be restored, after a grace period it is
-- purged for good.
--
-- depends: 0003_create_guilds
-- phase: expand

ALTER TABLE slimy.guilds ADD COLUMN deleted_at timestamptz;
ALTER TABLE slimy.guilds ADD COLUMN purge_started_at timestamptz;

-- Both columns are NULL in every row: there is nothing to validate later.
ALTER TABLE slimy.guilds
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT guilds_purge_started_at_deleted_check
CHECK (purge_started_at IS NULL OR deleted_at IS NOT NULL);

-- Keeps out infinity, which clients cannot read.
ALTER TABLE slimy.guilds
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT guilds_deleted_at_range_check
CHECK (deleted_at >= '2015-01-01 00:00:00+00' AND deleted_at < '2100-01-01 00:00:00+00');

-- Lists and searches see live guilds only: the indexes that held all of them are built anew without
-- the deleted ones. A few thousand guilds take milliseconds, and no release reads the old ones.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX slimy.guilds_newest_idx;
CREATE INDEX guilds_newest_idx ON slimy.guilds (created_at DESC, id DESC)
WHERE deleted_at IS NULL;

-- squawk-ignore require-concurrent-index-deletion
DROP INDEX slimy.guilds_words_idx;
CREATE INDEX guilds_words_idx ON slimy.guilds USING gin (slimy.to_tsvector(name))
WHERE deleted_at IS NULL;

-- The bin, and what the purge walks; live rows have no entry.
CREATE INDEX guilds_deleted_at_idx ON slimy.guilds (deleted_at DESC, id DESC)
WHERE deleted_at IS NOT NULL;

COMMENT ON COLUMN slimy.guilds.deleted_at IS
'When it was deleted; NULL while it is not. It can be restored until the purge has begun.';
COMMENT ON COLUMN slimy.guilds.purge_started_at IS
'When its data began to be removed, in batches; NULL before. From then on nothing can be restored.';
COMMENT ON INDEX slimy.guilds_newest_idx IS 'serves guilds.list_newest';
COMMENT ON INDEX slimy.guilds_words_idx IS 'serves guilds.search';
COMMENT ON INDEX slimy.guilds_deleted_at_idx IS 'serves guilds.list_deleted, guilds.start_purge';
