-- Deleted guilds become visible again.
--
-- data: lost, which guilds are deleted

DROP INDEX slimy.guilds_deleted_at_idx;
DROP INDEX slimy.guilds_words_idx;
DROP INDEX slimy.guilds_newest_idx;
ALTER TABLE slimy.guilds DROP CONSTRAINT guilds_purge_started_at_deleted_check;
ALTER TABLE slimy.guilds DROP COLUMN purge_started_at;
ALTER TABLE slimy.guilds DROP COLUMN deleted_at;

CREATE INDEX guilds_newest_idx ON slimy.guilds (created_at DESC, id DESC);
CREATE INDEX guilds_words_idx ON slimy.guilds USING gin (slimy.to_tsvector(name));
COMMENT ON INDEX slimy.guilds_newest_idx IS 'serves guilds.list_newest';
COMMENT ON INDEX slimy.guilds_words_idx IS 'serves guilds.search';
