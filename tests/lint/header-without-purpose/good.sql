-- What people want the club to look like.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users ADD COLUMN look text;
