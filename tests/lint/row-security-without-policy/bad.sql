-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users ENABLE ROW LEVEL SECURITY; -- bad
