-- The columns of relations. `is_not_null` is what the server enforces for the column itself: a NOT
-- NULL that was added NOT VALID (PostgreSQL 18) says nothing about the rows from before.
SELECT
    a.attrelid AS relation,
    a.attnum AS number,
    a.attname AS name,
    a.atttypid AS type,
    pg_catalog.format_type(a.atttypid, NULL) AS type_name,
    a.attnotnull
    AND NOT EXISTS (
        SELECT 1
        FROM pg_catalog.pg_constraint AS c
        WHERE
            c.conrelid = a.attrelid
            AND c.contype = 'n'
            AND c.conkey[1] = a.attnum
            AND NOT c.convalidated
    ) AS is_not_null,
    CASE
        WHEN a.attgenerated != '' THEN d.adbin::text
    END AS generated,
    a.attgenerated = 'v' AS is_virtual
FROM pg_catalog.pg_attribute AS a
LEFT OUTER JOIN pg_catalog.pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE
    a.attrelid = ANY($1::oid[])
    AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;
