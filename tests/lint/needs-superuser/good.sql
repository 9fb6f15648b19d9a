-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE EXTENSION pg_trgm;
