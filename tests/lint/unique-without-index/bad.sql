-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users
ADD CONSTRAINT users_name_key UNIQUE (name); -- bad
