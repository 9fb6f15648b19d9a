-- Indexes as a reader of plans knows them. An index of a partition names the one of the partitioned
-- table that it is a part of.
SELECT
    n.nspname AS schema,
    c.relname AS name,
    t.relname AS table_name,
    m.amname AS method,
    i.indisunique AS is_unique,
    i.indisvalid AS is_valid,
    pg_catalog.pg_get_indexdef(c.oid) AS definition,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
    ARRAY(
        SELECT pg_catalog.pg_get_indexdef(c.oid, k.n, TRUE)
        FROM generate_series(1, i.indnkeyatts) AS k (n)
    ) AS keys,
    (i.indoption::int2[])[0:i.indnkeyatts - 1] AS options,
    (i.indclass::oid[])[0:i.indnkeyatts - 1] AS operator_classes,
    (i.indcollation::oid[])[0:i.indnkeyatts - 1] AS collations,
    ARRAY(
        SELECT pg_catalog.pg_get_indexdef(c.oid, k.n, TRUE)
        FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS k (n)
    ) AS included,
    greatest(c.relpages, 0)::int8 AS pages,
    c.reltuples::float8 AS entries,
    rc.relname AS root,
    rt.relname AS root_table,
    pg_catalog.obj_description(rc.oid, 'pg_class') AS comment
FROM pg_catalog.pg_index AS i
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_class AS t ON i.indrelid = t.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_catalog.pg_am AS m ON c.relam = m.oid
INNER JOIN pg_catalog.pg_class AS rc
    ON rc.oid = coalesce(pg_catalog.pg_partition_root(c.oid)::oid, c.oid)
INNER JOIN pg_catalog.pg_index AS ri ON rc.oid = ri.indexrelid
INNER JOIN pg_catalog.pg_class AS rt ON ri.indrelid = rt.oid
WHERE
    t.relpersistence != 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname;
