-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

LOCK TABLE club.users IN SHARE MODE; -- bad
