-- What this example is about.
--
-- depends: 0001_club
-- phase: backfill

UPDATE club.users SET visits = 0; -- bad
