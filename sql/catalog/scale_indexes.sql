-- The indexes of tables. A key column of 0 is an expression; `mentioned` are the columns that the
-- index is about in any way.
SELECT
    i.indexrelid AS oid,
    i.indrelid AS relation,
    i.indkey::int2[] AS columns,
    i.indnkeyatts AS key_count,
    i.indisunique AS is_unique,
    coalesce((i.indoption::int2[])[0] & 1, 0) = 1 AS is_descending,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
    i.indexprs::text AS expressions,
    ARRAY(
        SELECT DISTINCT d.refobjsubid
        FROM pg_catalog.pg_depend AS d
        WHERE
            d.classid = 'pg_catalog.pg_class'::regclass
            AND d.objid = i.indexrelid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
            AND d.refobjid = i.indrelid
            AND d.refobjsubid > 0
        ORDER BY d.refobjsubid
    ) AS mentioned
FROM pg_catalog.pg_index AS i
WHERE i.indrelid = ANY($1::oid[])
ORDER BY i.indrelid, i.indexrelid;
