-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE FUNCTION club.count_users() RETURNS bigint -- bad
LANGUAGE sql STABLE SECURITY DEFINER
AS 'SELECT count(*) FROM club.users';

COMMENT ON FUNCTION club.count_users() IS 'How many there are.';
