-- Publications with their tables, columns and row filters.
SELECT
    p.oid,
    quote_ident(p.pubname) AS name,
    NULL::text AS parent,
    p.puballtables AS all_tables,
    concat_ws(
        ', ',
        CASE WHEN p.pubinsert THEN 'insert' END,
        CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END,
        CASE WHEN p.pubtruncate THEN 'truncate' END
    ) AS publish,
    p.pubviaroot AS via_root,
    nullif(to_jsonb(p) ->> 'pubgencols', 'n') AS generated_columns,
    ARRAY(
        SELECT
            r.prrelid::regclass::text || coalesce(
                ' (' || (
                    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                    FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = r.prrelid AND a.attnum = ANY(r.prattrs::int2[])
                ) || ')',
                ''
            ) || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '') AS published
        FROM pg_catalog.pg_publication_rel AS r
        WHERE r.prpubid = p.oid
        ORDER BY published
    ) AS tables,
    ARRAY(
        SELECT s.pnnspid::regnamespace::text AS published
        FROM pg_catalog.pg_publication_namespace AS s
        WHERE s.pnpubid = p.oid
        ORDER BY published
    ) AS schemas
FROM pg_catalog.pg_publication AS p
ORDER BY p.oid;
