-- The columns of tables and of indexes, with what their values can be.
SELECT
    a.attrelid AS relation,
    a.attnum AS number,
    a.attname AS name,
    a.atttypid AS type,
    CASE
        WHEN a.atttypmod > 4 AND t.typname IN ('varchar', 'bpchar') THEN a.atttypmod - 4
        WHEN a.atttypmod > 0 AND t.typname IN ('bit', 'varbit') THEN a.atttypmod
    END AS longest,
    a.attlen AS length,
    a.attalign::text AS alignment,
    a.attnotnull AS is_not_null,
    a.attidentity != '' AS is_identity,
    CASE
        WHEN a.attgenerated = '' THEN coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
        ELSE ''
    END AS default_value,
    a.attgenerated = 'v' AS is_virtual
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_type AS t ON a.atttypid = t.oid
LEFT OUTER JOIN pg_catalog.pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE
    a.attrelid = ANY($1::oid[])
    AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;
