-- Extensions, each with its version; what they made themselves is theirs.
SELECT
    e.oid,
    quote_ident(e.extname) AS name,
    NULL::text AS parent,
    e.extnamespace::regnamespace::text AS schema,
    e.extversion AS version
FROM pg_catalog.pg_extension AS e
WHERE e.oid >= 16384
ORDER BY e.oid;
