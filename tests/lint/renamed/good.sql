-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users ADD COLUMN look text;
