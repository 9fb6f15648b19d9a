-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users ADD COLUMN look text;

CREATE TABLE club.drafts (id bigint NOT NULL);

CREATE INDEX drafts_id_idx ON club.drafts (id);

COMMENT ON TABLE club.drafts IS 'What is not finished.';
COMMENT ON INDEX club.drafts_id_idx IS 'serves drafts.get';
