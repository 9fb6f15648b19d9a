-- Schemas that people made, and `public`.
SELECT
    n.oid,
    quote_ident(n.nspname) AS name,
    NULL::text AS parent,
    pg_get_userbyid(n.nspowner)::text AS owner
FROM pg_catalog.pg_namespace AS n
WHERE
    (n.oid >= 16384 AND n.nspname !~ '^pg_(temp|toast)')
    OR n.nspname = 'public'
ORDER BY n.oid;
