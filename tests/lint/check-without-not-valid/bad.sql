-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users
ADD CONSTRAINT users_visits_range_check CHECK (visits >= 0); -- bad
