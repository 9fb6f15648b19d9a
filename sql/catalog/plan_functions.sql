-- Functions of the project with the text of their bodies: what they do inside is in no plan.
SELECT
    n.nspname AS schema,
    p.proname AS name,
    string_agg(p.prosrc, ' ' ORDER BY p.oid) AS source
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
GROUP BY n.nspname, p.proname
ORDER BY n.nspname, p.proname;
