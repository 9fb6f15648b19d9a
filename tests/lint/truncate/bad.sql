-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

TRUNCATE club.events; -- bad
