-- Tables with the sizes that the planner sees. `root` is the partitioned table that a partition
-- belongs to at last, and the table itself where it is none.
SELECT
    n.nspname AS schema,
    c.relname AS name,
    c.relkind::text AS kind,
    greatest(c.reltuples, 0)::float8 AS rows,
    greatest(c.relpages, 0)::int8 AS pages,
    rn.nspname AS root_schema,
    rc.relname AS root,
    pg_catalog.pg_get_partkeydef(c.oid) AS partition_key,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS columns,
    CASE
        WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_relation_filepath(c.oid)
    END AS file
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_catalog.pg_class AS rc
    ON rc.oid = coalesce(pg_catalog.pg_partition_root(c.oid)::oid, c.oid)
INNER JOIN pg_catalog.pg_namespace AS rn ON rc.relnamespace = rn.oid
WHERE
    c.relkind IN ('r', 'p', 'm')
    AND c.relpersistence != 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname;
