-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

GRANT CREATE ON SCHEMA public TO PUBLIC; -- bad
