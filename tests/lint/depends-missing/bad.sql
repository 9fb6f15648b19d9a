-- What people want the club to look like.
--
-- phase: expand

ALTER TABLE club.users ADD COLUMN look text; -- bad
