-- Foreign keys and CHECKs of tables: where values come from, and what they may be.
SELECT
    c.conrelid AS relation,
    c.contype::text AS kind,
    coalesce(c.conkey, ARRAY[]::int2[]) AS columns,
    c.confrelid AS target,
    coalesce(c.confkey, ARRAY[]::int2[]) AS target_columns,
    c.conbin::text AS expression,
    coalesce(pg_catalog.pg_get_expr(c.conbin, c.conrelid), '') AS text
FROM pg_catalog.pg_constraint AS c
WHERE
    c.conrelid = ANY($1::oid[])
    AND c.contype IN ('f', 'c')
ORDER BY c.conrelid, c.conname;
