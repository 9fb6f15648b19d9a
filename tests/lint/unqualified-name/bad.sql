-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE drafts (id bigint NOT NULL); -- bad

COMMENT ON TABLE drafts IS 'What is not finished.';
