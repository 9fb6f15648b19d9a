-- name: list_ends :many
-- The partitioned tables, and how long each has a partition for every moment from now on; NULL
-- where there is none for this one.
-- page: 100
WITH partitions AS (
    SELECT
        p.relname::text AS table_name,
        c.relname::text AS partition_name,
        substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \(''([^'']+)''\)')::timestamptz
            AS first_moment,
        substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz
            AS end_moment
    FROM pg_catalog.pg_inherits AS i
    INNER JOIN pg_catalog.pg_class AS p ON i.inhparent = p.oid
    INNER JOIN pg_catalog.pg_class AS c ON i.inhrelid = c.oid
    INNER JOIN pg_catalog.pg_namespace AS n ON p.relnamespace = n.oid
    WHERE n.nspname = 'slimy' AND p.relkind = 'p'
)

SELECT
    t.relname::text AS table_name,
    (
        SELECT min(a.end_moment)
        FROM partitions AS a
        WHERE
            a.table_name = t.relname
            AND a.end_moment > now()
            AND NOT EXISTS (
                SELECT FROM partitions AS b
                WHERE b.table_name = a.table_name AND b.first_moment = a.end_moment
            )
            AND EXISTS (
                SELECT FROM partitions AS c
                WHERE
                    c.table_name = a.table_name
                    AND c.first_moment <= now()
                    AND c.end_moment > now()
            )
    ) AS made_until
FROM pg_catalog.pg_class AS t
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND t.relkind = 'p'
ORDER BY t.relname;

-- name: make :many
-- Makes the partitions of so many months that are not there yet, of every partitioned table, and
-- says how many those were.
-- role: slimy_retention
-- page: 100
SELECT
    t.relname::text AS table_name,
    slimy.make_partitions(t.oid::regclass, :first_month, :months) AS made
FROM pg_catalog.pg_class AS t
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND t.relkind = 'p'
ORDER BY t.relname;
