-- The roles, for a cluster in which whoever migrates may not make any: run once by a superuser, or
-- by a login with CREATEROLE. May be run again; migrations find them here and make none.
--
--     psql -X -v ON_ERROR_STOP=1 -f sql/roles.sql
--
-- Then, for each database: CREATE DATABASE club OWNER slimy_owner; and a login that is a member of
-- slimy_migrator applies the migrations. docs/roles.md says which logins to make.
DO $roles$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT
            r.name,
            r.attributes,
            r.description
        FROM (
            VALUES
                ('slimy_owner', 'NOINHERIT', 'Owns the schema slimy; nobody signs in as it.'),
                ('slimy_migrator', 'NOINHERIT', 'May become slimy_owner, to migrate.'),
                ('slimy_app', 'NOINHERIT', 'What the queries of the service need, and no more.'),
                ('slimy_readonly', 'INHERIT', 'Reads all rows, but no secrets.'),
                ('slimy_retention', 'INHERIT', 'Makes months, and takes old ones away.'),
                ('slimy_visitor', 'INHERIT', 'Sees the rows of one user, or of some guilds.')
        ) AS r (name, attributes, description)
    LOOP
        IF to_regrole(made.name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN %s', made.name, made.attributes);
            EXECUTE format('COMMENT ON ROLE %I IS %L', made.name, made.description);
        END IF;
    END LOOP;
END
$roles$;

GRANT slimy_owner TO slimy_migrator;
GRANT slimy_visitor TO slimy_app;
-- The migration that makes visitors proves that whoever applies it can become one.
GRANT slimy_visitor TO slimy_owner;
