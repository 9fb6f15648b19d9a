-- What the traceability may refer to: every object of the product's schemas, by its kind and name,
-- with the columns it is made of. Partitions are their table's.
WITH tables AS (
    SELECT
        c.oid,
        n.nspname AS schema,
        c.relname AS name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE
        n.nspname = ANY($1::text[])
        AND c.relkind IN ('r', 'p', 'v', 'm')
        AND NOT c.relispartition
)

SELECT
    'table' AS kind,
    t.schema,
    t.name AS table_name,
    t.name,
    ARRAY[]::text[] AS columns,
    '' AS detail
FROM tables AS t
UNION ALL
SELECT
    'column' AS kind,
    t.schema,
    t.name AS table_name,
    a.attname AS name,
    ARRAY[a.attname]::text[] AS columns,
    coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') AS detail
FROM tables AS t
INNER JOIN pg_catalog.pg_attribute AS a ON t.oid = a.attrelid
LEFT OUTER JOIN pg_catalog.pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE
    a.attnum > 0
    AND NOT a.attisdropped
UNION ALL
SELECT
    'index' AS kind,
    t.schema,
    t.name AS table_name,
    c.relname AS name,
    ARRAY(
        SELECT pg_catalog.pg_get_indexdef(c.oid, k.n, TRUE)
        FROM generate_series(1, i.indnatts) AS k (n)
    ) AS columns,
    CASE WHEN i.indisunique THEN 'unique' ELSE '' END AS detail
FROM tables AS t
INNER JOIN pg_catalog.pg_index AS i ON t.oid = i.indrelid
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
UNION ALL
SELECT
    'constraint' AS kind,
    t.schema,
    t.name AS table_name,
    k.conname AS name,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
        INNER JOIN pg_catalog.pg_attribute AS a
            ON t.oid = a.attrelid AND u.number = a.attnum
        ORDER BY u.place
    ) AS columns,
    k.contype::text AS detail
FROM tables AS t
INNER JOIN pg_catalog.pg_constraint AS k ON t.oid = k.conrelid
WHERE k.contype IN ('c', 'f', 'u', 'p', 'x')
UNION ALL
SELECT
    'trigger' AS kind,
    t.schema,
    t.name AS table_name,
    g.tgname AS name,
    ARRAY[]::text[] AS columns,
    '' AS detail
FROM tables AS t
INNER JOIN pg_catalog.pg_trigger AS g ON t.oid = g.tgrelid
WHERE NOT g.tgisinternal
UNION ALL
SELECT
    'function' AS kind,
    n.nspname AS schema,
    '' AS table_name,
    p.proname AS name,
    ARRAY[]::text[] AS columns,
    '' AS detail
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
WHERE n.nspname = ANY($1::text[])
UNION ALL
SELECT
    'role' AS kind,
    '' AS schema,
    '' AS table_name,
    r.rolname AS name,
    ARRAY[]::text[] AS columns,
    '' AS detail
FROM pg_catalog.pg_roles AS r
WHERE r.rolname LIKE 'slimy\_%'
ORDER BY kind, schema, table_name, name;
