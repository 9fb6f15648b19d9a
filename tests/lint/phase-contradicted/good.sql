-- What this example is about.
--
-- depends: 0001_club
-- phase: contract

ALTER TABLE club.users DROP COLUMN mood;
