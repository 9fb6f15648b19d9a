-- Values out of the statistics: what the planner takes for the commonest, for one in the middle,
-- for the first, for the last, and for one behind which a hundredth lies. A partitioned table's own
-- come last; `root` is the partitioned table that a partition belongs to at last.
WITH spread (
    schema_name, table_name, column_name, inherited, common, bounds, elements, element_shares
) AS (
    SELECT
        s.schemaname,
        s.tablename,
        s.attname,
        s.inherited,
        s.most_common_vals::text::text[],
        s.histogram_bounds::text::text[],
        s.most_common_elems::text::text[],
        s.most_common_elem_freqs
    FROM pg_catalog.pg_stats AS s
    WHERE s.schemaname NOT IN ('pg_catalog', 'information_schema')
)

SELECT
    s.schema_name,
    s.table_name,
    s.column_name,
    rn.nspname AS root_schema,
    rc.relname AS root_name,
    s.common,
    s.bounds[1] AS first_value,
    s.bounds[(cardinality(s.bounds) + 1) / 2] AS middle_value,
    s.bounds[greatest(cardinality(s.bounds) - 1, 1)] AS late_value,
    s.bounds[cardinality(s.bounds)] AS last_value,
    s.elements,
    s.element_shares
FROM spread AS s
INNER JOIN pg_catalog.pg_namespace AS n ON s.schema_name = n.nspname
INNER JOIN pg_catalog.pg_class AS c ON n.oid = c.relnamespace AND s.table_name = c.relname
INNER JOIN pg_catalog.pg_class AS rc
    ON rc.oid = coalesce(pg_catalog.pg_partition_root(c.oid)::oid, c.oid)
INNER JOIN pg_catalog.pg_namespace AS rn ON rc.relnamespace = rn.oid
ORDER BY s.schema_name, s.table_name, s.column_name, s.inherited;
