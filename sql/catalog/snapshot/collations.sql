-- Collations that people made. The locale's column has another name from PostgreSQL 17 on.
SELECT
    c.oid,
    quote_ident(n.nspname) || '.' || quote_ident(c.collname) AS name,
    NULL::text AS parent,
    CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' ELSE 'builtin' END AS provider,
    coalesce(
        to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate
    ) AS locale,
    c.collctype::text AS character_type,
    c.collisdeterministic AS deterministic,
    to_jsonb(c) ->> 'collicurules' AS rules
FROM pg_catalog.pg_collation AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.collnamespace = n.oid
WHERE c.oid >= 16384
ORDER BY c.oid;
