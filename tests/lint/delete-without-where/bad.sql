-- What this example is about.
--
-- depends: 0001_club
-- phase: backfill

DELETE FROM club.users; -- bad
