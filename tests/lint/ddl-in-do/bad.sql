-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

DO $body$ -- bad
BEGIN
    ALTER TABLE club.users DROP COLUMN email;
END
$body$;
