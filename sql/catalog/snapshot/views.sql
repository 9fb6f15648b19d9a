-- Views and materialized views. `uses` are the relations that one reads.
SELECT
    c.oid,
    c.oid::regclass::text AS name,
    NULL::text AS parent,
    pg_get_userbyid(c.relowner)::text AS owner,
    CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS what,
    pg_get_viewdef(c.oid) AS definition,
    ARRAY(
        SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS columns,
    ARRAY(
        SELECT quote_ident(a.attname) || ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
        FROM pg_catalog.pg_attrdef AS d
        INNER JOIN pg_catalog.pg_attribute AS a ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE d.adrelid = c.oid
        ORDER BY a.attnum
    ) AS defaults,
    ARRAY(
        SELECT
            quote_ident(a.attname) || concat(
                ' SET STATISTICS ' || nullif(a.attstattarget, -1),
                ' SET STORAGE ' || nullif(a.attstorage, y.typstorage)::text,
                ' SET COMPRESSION ' || nullif(a.attcompression, '')::text
            )
        FROM pg_catalog.pg_attribute AS a
        INNER JOIN pg_catalog.pg_type AS y ON a.atttypid = y.oid
        WHERE
            a.attrelid = c.oid
            AND a.attnum > 0
            AND NOT a.attisdropped
            AND (a.attstattarget >= 0 OR a.attstorage != y.typstorage OR a.attcompression != '')
        ORDER BY a.attnum
    ) AS column_settings,
    ARRAY(SELECT o FROM unnest(c.reloptions) AS o ORDER BY o) AS options,
    CASE WHEN c.relkind = 'm' THEN c.relispopulated END AS populated,
    m.amname::text AS access_method,
    quote_ident(s.spcname) AS tablespace,
    ARRAY(
        SELECT DISTINCT d.refobjid::regclass::text
        FROM pg_catalog.pg_rewrite AS r
        INNER JOIN pg_catalog.pg_depend AS d
            ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
        WHERE
            r.ev_class = c.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
            AND d.refobjid != c.oid
            AND d.deptype = 'n'
    ) AS uses
FROM pg_catalog.pg_class AS c
LEFT OUTER JOIN pg_catalog.pg_am AS m ON c.relam = m.oid
LEFT OUTER JOIN pg_catalog.pg_tablespace AS s ON c.reltablespace = s.oid
WHERE c.oid >= 16384 AND c.relkind IN ('v', 'm') AND c.relpersistence != 't'
ORDER BY c.oid;
