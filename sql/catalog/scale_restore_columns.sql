-- Tells the planner how the values of columns are spread. A NULL says nothing about its part. One
-- row per column; false where something was not taken.
SELECT
    s.schema,
    s.name,
    s.number,
    pg_catalog.pg_restore_attribute_stats(
        'schemaname', s.schema,
        'relname', s.name,
        'attnum', s.number,
        'inherited', s.inherited,
        'null_frac', s.nulls,
        'avg_width', s.width,
        'n_distinct', s.distinct_values,
        'most_common_vals', s.common,
        'most_common_freqs', s.common_shares::real[],
        'histogram_bounds', s.histogram,
        'correlation', s.correlation,
        'most_common_elems', s.elements,
        'most_common_elem_freqs', s.element_shares::real[],
        'elem_count_histogram', s.lengths::real[]
    ) AS is_done
FROM
    unnest(
        $1::text[],
        $2::text[],
        $3::smallint[],
        $4::boolean[],
        $5::real[],
        $6::int[],
        $7::real[],
        $8::text[],
        $9::text[],
        $10::text[],
        $11::real[],
        $12::text[],
        $13::text[],
        $14::text[]
    ) AS s (
        schema,
        name,
        number,
        inherited,
        nulls,
        width,
        distinct_values,
        common,
        common_shares,
        histogram,
        correlation,
        elements,
        element_shares,
        lengths
    );
