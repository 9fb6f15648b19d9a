-- What this example is about.
--
-- depends: 0001_club
-- phase: backfill

DELETE FROM club.users
WHERE visits = 0 AND id BETWEEN 1 AND 1000;
