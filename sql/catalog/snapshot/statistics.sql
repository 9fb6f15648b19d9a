-- Extended statistics.
SELECT
    s.oid,
    quote_ident(n.nspname) || '.' || quote_ident(s.stxname) AS name,
    s.stxrelid::regclass::text AS parent,
    pg_get_statisticsobjdef(s.oid) AS definition,
    nullif(coalesce(s.stxstattarget, -1), -1)::integer AS target
FROM pg_catalog.pg_statistic_ext AS s
INNER JOIN pg_catalog.pg_namespace AS n ON s.stxnamespace = n.oid
WHERE s.oid >= 16384
ORDER BY s.oid;
