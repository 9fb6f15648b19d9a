-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

DO $body$
BEGIN
    -- Not ALTER TABLE: a role.
    CREATE ROLE club_reader;
END
$body$;
