-- What people want the club to look like.
--
-- depends: 0001_club
-- phase: expnad

ALTER TABLE club.users ADD COLUMN look text;
