-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

REINDEX TABLE club.users; -- bad
