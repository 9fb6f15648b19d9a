-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users
ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
