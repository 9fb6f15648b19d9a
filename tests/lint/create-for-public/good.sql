-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
