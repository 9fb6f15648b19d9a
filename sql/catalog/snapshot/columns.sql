-- Columns of tables. A NOT NULL has a name and may be NOT VALID from PostgreSQL 18 on.
SELECT
    a.attrelid AS oid,
    c.oid::regclass::text || '.' || quote_ident(a.attname) AS name,
    c.oid::regclass::text AS parent,
    row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position,
    format_type(a.atttypid, a.atttypmod) AS type,
    CASE
        WHEN a.attcollation != t.typcollation THEN a.attcollation::regcollation::text
    END AS collation,
    a.attnotnull AS not_null,
    CASE
        WHEN k.oid IS NOT NULL AND NOT k.convalidated THEN 'NOT VALID'
        WHEN k.oid IS NOT NULL AND k.connoinherit THEN 'NO INHERIT'
    END AS not_null_is,
    CASE
        WHEN k.conname != left(c.relname || '_' || a.attname || '_not_null', 63)
            THEN k.conname::text
    END AS not_null_name,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default_value,
    CASE WHEN a.attgenerated != '' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated,
    CASE a.attgenerated WHEN 'v' THEN 'VIRTUAL' WHEN 's' THEN 'STORED' END AS generated_is,
    CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity,
    CASE a.attstorage
        WHEN t.typstorage THEN 'DEFAULT'
        WHEN 'p' THEN 'PLAIN'
        WHEN 'e' THEN 'EXTERNAL'
        WHEN 'm' THEN 'MAIN'
        ELSE 'EXTENDED'
    END AS storage,
    CASE t.typstorage
        WHEN 'p' THEN 'PLAIN'
        WHEN 'e' THEN 'EXTERNAL'
        WHEN 'm' THEN 'MAIN'
        ELSE 'EXTENDED'
    END AS usual_storage,
    CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
    nullif(coalesce(a.attstattarget, -1), -1)::integer AS statistics,
    ARRAY(SELECT o FROM unnest(a.attoptions) AS o ORDER BY o) AS options,
    a.attfdwoptions AS server_options,
    a.attinhcount > 0 AND NOT a.attislocal AS inherited
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
INNER JOIN pg_catalog.pg_type AS t ON a.atttypid = t.oid
LEFT OUTER JOIN pg_catalog.pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
LEFT OUTER JOIN pg_catalog.pg_constraint AS k
    ON a.attrelid = k.conrelid AND k.contype = 'n' AND k.conkey[1] = a.attnum
WHERE
    c.oid >= 16384
    AND c.relkind IN ('r', 'p', 'f')
    AND c.relpersistence != 't'
    AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;
