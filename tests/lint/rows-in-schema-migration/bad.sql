-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

UPDATE club.users SET visits = 0 -- bad
WHERE visits < 0;
