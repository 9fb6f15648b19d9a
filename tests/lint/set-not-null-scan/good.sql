-- What this example is about.
--
-- depends: 0001_club
-- phase: contract

ALTER TABLE club.users ALTER COLUMN email SET NOT NULL;
ALTER TABLE club.users DROP CONSTRAINT users_email_present_check;
