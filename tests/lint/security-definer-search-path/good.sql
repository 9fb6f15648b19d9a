-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE FUNCTION club.count_users() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS 'SELECT count(*) FROM club.users';

COMMENT ON FUNCTION club.count_users() IS 'How many there are.';
