-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE club.drafts (id bigint NOT NULL);

COMMENT ON TABLE club.drafts IS 'What is not finished.';
