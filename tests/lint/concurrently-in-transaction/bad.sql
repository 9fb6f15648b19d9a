-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE INDEX CONCURRENTLY users_email_idx ON club.users (email); -- bad
