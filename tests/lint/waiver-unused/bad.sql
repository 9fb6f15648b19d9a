-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

-- allow: truncate: nothing is emptied here
ALTER TABLE club.users ADD COLUMN look text;
