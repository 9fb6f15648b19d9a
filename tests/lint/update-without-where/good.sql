-- What this example is about.
--
-- depends: 0001_club
-- phase: backfill

-- batch: by id
UPDATE club.users SET visits = 0
WHERE id BETWEEN 1 AND 1000;
