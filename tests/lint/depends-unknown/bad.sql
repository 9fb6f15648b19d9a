-- What people want the club to look like.
--
-- depends: 0001_club 0001_clbu
-- phase: expand

ALTER TABLE club.users ADD COLUMN look text;
