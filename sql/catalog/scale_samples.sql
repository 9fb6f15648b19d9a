-- Values out of the statistics: what the planner takes for the commonest, for one in the middle,
-- for the first and for the last. A partitioned table's own come last.
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
    s.common,
    s.bounds[1] AS first_value,
    s.bounds[(cardinality(s.bounds) + 1) / 2] AS middle_value,
    s.bounds[cardinality(s.bounds)] AS last_value,
    s.elements,
    s.element_shares
FROM spread AS s
ORDER BY s.schema_name, s.table_name, s.column_name, s.inherited;
