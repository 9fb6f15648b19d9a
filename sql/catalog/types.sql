-- Types by OID, with those they are made of: elements of arrays, bases of domains, fields of
-- composites.
WITH RECURSIVE
wanted (oid) AS (
    SELECT t.oid
    FROM pg_catalog.pg_type AS t
    WHERE t.oid = ANY($1::oid[])
    UNION
    SELECT part.oid
    FROM wanted AS w
    INNER JOIN pg_catalog.pg_type AS t ON w.oid = t.oid
    CROSS JOIN
        LATERAL (
            SELECT t.typelem AS oid
            UNION ALL
            SELECT t.typbasetype
            UNION ALL
            SELECT a.atttypid
            FROM pg_catalog.pg_attribute AS a
            WHERE
                a.attrelid = t.typrelid
                AND a.attnum > 0
                AND NOT a.attisdropped
        ) AS part
    WHERE part.oid != 0
)

SELECT
    t.oid,
    pg_catalog.format_type(t.oid, NULL) AS name,
    t.typtype::text AS kind,
    CASE
        WHEN t.typlen = -1 AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
            THEN t.typelem
        ELSE 0
    END AS element,
    t.typbasetype AS base,
    t.typnotnull AS is_not_null,
    ARRAY(
        SELECT e.enumlabel::text
        FROM pg_catalog.pg_enum AS e
        WHERE e.enumtypid = t.oid
        ORDER BY e.enumsortorder
    ) AS labels,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.pg_attribute AS a
        WHERE
            a.attrelid = t.typrelid
            AND a.attnum > 0
            AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS field_names,
    ARRAY(
        SELECT a.atttypid
        FROM pg_catalog.pg_attribute AS a
        WHERE
            a.attrelid = t.typrelid
            AND a.attnum > 0
            AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS field_types,
    ARRAY(
        SELECT c.conbin::text
        FROM pg_catalog.pg_constraint AS c
        WHERE
            c.contypid = t.oid
            AND c.contype = 'c'
            AND c.convalidated
        ORDER BY c.conname
    ) AS checks
FROM wanted AS w
INNER JOIN pg_catalog.pg_type AS t ON w.oid = t.oid
ORDER BY t.oid;
