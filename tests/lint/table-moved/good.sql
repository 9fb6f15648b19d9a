-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE club.visits (id bigint NOT NULL) TABLESPACE fast;

COMMENT ON TABLE club.visits IS 'Who came when.';
