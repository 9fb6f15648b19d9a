-- Tables, materialized views and their indexes as the scale model needs them: where their files
-- are, how large they are now, and how partitions hang together.
SELECT
    c.oid,
    n.nspname AS schema,
    c.relname AS name,
    c.relkind::text AS kind,
    m.amname AS method,
    CASE
        WHEN c.relkind IN ('r', 'm', 'i') THEN pg_catalog.pg_relation_filepath(c.oid)
    END AS file,
    CASE
        WHEN c.relkind IN ('r', 'm', 'i') THEN pg_catalog.pg_relation_size(c.oid)
        ELSE 0
    END AS bytes,
    coalesce(
        (
            SELECT o.option_value::int
            FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
            WHERE o.option_name = 'fillfactor'
        ),
        0
    ) AS fill_factor,
    CASE WHEN c.relispartition THEN i.inhparent ELSE 0 END AS parent,
    pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,
    p.partstrat::text AS strategy,
    coalesce(p.partattrs::int2[], ARRAY[]::int2[]) AS partition_columns
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
LEFT OUTER JOIN pg_catalog.pg_am AS m ON c.relam = m.oid
LEFT OUTER JOIN pg_catalog.pg_inherits AS i ON c.oid = i.inhrelid AND i.inhseqno = 1
LEFT OUTER JOIN pg_catalog.pg_partitioned_table AS p ON c.oid = p.partrelid
WHERE
    c.relkind IN ('r', 'p', 'm', 'i', 'I')
    AND c.relpersistence != 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname;
