-- Tells the planner how large relations are. One row per relation; false where it was not taken.
SELECT
    r.schema,
    r.name,
    pg_catalog.pg_restore_relation_stats(
        'schemaname', r.schema,
        'relname', r.name,
        'relpages', r.pages,
        'reltuples', r.row_count,
        'relallvisible', r.visible_pages
    ) AS is_done
FROM
    unnest($1::text[], $2::text[], $3::int[], $4::real[], $5::int[])
        AS r (schema, name, pages, row_count, visible_pages);
