-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users VALIDATE CONSTRAINT users_visits_known_check;
