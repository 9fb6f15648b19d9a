-- The constraints of relations that say something about values: keys, and CHECKs that hold for
-- every row.
SELECT
    c.conrelid AS relation,
    c.contype::text AS kind,
    c.conname AS name,
    c.conkey AS columns,
    c.conbin::text AS expression
FROM pg_catalog.pg_constraint AS c
WHERE
    c.conrelid = ANY($1::oid[])
    AND c.contype IN ('p', 'u', 'f', 'c')
    AND c.convalidated
ORDER BY c.conrelid, c.conname;
