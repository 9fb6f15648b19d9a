-- Functions by OID. `builtin` are those that initdb makes: no CREATE FUNCTION gets an OID below
-- 12000.
SELECT
    p.oid,
    n.nspname AS schema,
    p.proname AS name,
    p.oid < 12000 AS builtin,
    p.proisstrict AS strict,
    p.provolatile != 'v' AS repeatable,
    p.prosrc AS source,
    l.lanname AS language
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
INNER JOIN pg_catalog.pg_language AS l ON p.prolang = l.oid
WHERE p.oid = ANY($1::oid[])
ORDER BY p.oid;
