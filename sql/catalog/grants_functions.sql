-- The functions that rights are about, PostgreSQL's own left out, with what is needed to look into
-- their bodies.
SELECT
    p.oid,
    n.nspname AS schema,
    p.proname AS name,
    p.proowner::regrole::text AS owner,
    format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS signature,
    pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments,
    l.lanname AS language,
    p.prosrc AS source,
    p.prosqlbody::text AS tree,
    p.prosecdef AS is_owners
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
INNER JOIN pg_catalog.pg_language AS l ON p.prolang = l.oid
WHERE
    p.oid = ANY($1::oid[])
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_temp')
ORDER BY n.nspname, p.proname, p.oid;
