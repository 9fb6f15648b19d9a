-- Rows and the spread of values, from a live database of any supported version. Numbers only,
-- except of columns whose values stand in the schema anyway: booleans, enums, and those that
-- $1 and $2 name (table and column number), which a CHECK limits to a list.
WITH relations (oid, schema_name, table_name, index_name, row_count, pages, visible_pages) AS (
    SELECT
        c.oid,
        n.nspname,
        c.relname,
        NULL::name,
        c.reltuples::float8,
        c.relpages,
        c.relallvisible
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.relkind IN ('r', 'p', 'm')
    UNION ALL
    SELECT
        i.indexrelid,
        n.nspname,
        t.relname,
        c.relname AS index_name,
        c.reltuples::float8,
        c.relpages,
        0
    FROM pg_catalog.pg_index AS i
    INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
    INNER JOIN pg_catalog.pg_class AS t ON i.indrelid = t.oid
    INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
    WHERE i.indexprs IS NOT NULL AND c.relkind = 'i'
),

listed (relation, number) AS (
    SELECT
        l.relation,
        l.number
    FROM unnest($1::oid[], $2::smallint[]) AS l (relation, number)
)

SELECT
    r.schema_name,
    r.table_name,
    r.index_name,
    r.row_count,
    r.pages,
    r.visible_pages,
    a.attname AS column_name,
    s.null_frac AS null_fraction,
    s.n_distinct AS distinct_values,
    s.avg_width AS width,
    s.correlation,
    s.most_common_freqs AS common_shares,
    CASE
        WHEN t.typname = 'bool' OR t.typtype = 'e' OR l.number IS NOT NULL
            THEN s.most_common_vals::text::text[]
    END AS common,
    s.most_common_elem_freqs AS element_shares,
    CASE
        WHEN e.typtype = 'e' OR l.number IS NOT NULL
            THEN s.most_common_elems::text::text[]
    END AS elements,
    cardinality(s.most_common_elems::text::text[]) AS element_count,
    s.elem_count_histogram[cardinality(s.elem_count_histogram)] AS length,
    CASE
        WHEN t.typname IN ('timestamptz', 'timestamp', 'date')
            THEN (
                SELECT
                    count(*) FILTER (WHERE b.bound::timestamptz > now())::float8
                    / greatest(count(*), 1)
                FROM unnest(s.histogram_bounds::text::text[]) AS b (bound)
            )
    END AS future
FROM relations AS r
LEFT OUTER JOIN
    pg_catalog.pg_attribute AS a
    ON r.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
LEFT OUTER JOIN
    pg_catalog.pg_stats AS s
    ON
        r.schema_name = s.schemaname
        AND coalesce(r.index_name, r.table_name) = s.tablename
        AND a.attname = s.attname
LEFT OUTER JOIN pg_catalog.pg_type AS t ON a.atttypid = t.oid
LEFT OUTER JOIN pg_catalog.pg_type AS e ON t.typelem = e.oid
LEFT OUTER JOIN listed AS l ON a.attrelid = l.relation AND a.attnum = l.number
WHERE
    r.schema_name NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND r.schema_name NOT LIKE 'pg\_temp%'
ORDER BY r.schema_name, r.table_name, r.index_name NULLS FIRST, a.attnum, s.inherited;
