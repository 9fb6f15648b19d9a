-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- allow: drop-outside-contract: the example is about the other rule

ALTER TABLE club.users DROP COLUMN mood; -- bad
