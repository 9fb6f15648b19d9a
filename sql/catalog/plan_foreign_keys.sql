-- Foreign keys with what the server itself runs for them: a look at the parent for every new
-- child, and the action on the children of a parent that goes or changes its key.
SELECT
    k.conname AS name,
    cn.nspname AS schema,
    c.relname AS table_name,
    pn.nspname AS parent_schema,
    p.relname AS parent,
    k.confdeltype::text AS on_delete,
    k.confupdtype::text AS on_update,
    ic.relname AS parent_index,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
        INNER JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = k.conrelid AND u.number = a.attnum
        ORDER BY u.place
    ) AS columns,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
        INNER JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = k.confrelid AND u.number = a.attnum
        ORDER BY u.place
    ) AS parent_columns,
    ARRAY(
        SELECT pg_catalog.format_type(a.atttypid, NULL)
        FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
        INNER JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = k.confrelid AND u.number = a.attnum
        ORDER BY u.place
    ) AS types
FROM pg_catalog.pg_constraint AS k
INNER JOIN pg_catalog.pg_class AS c ON k.conrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS cn ON c.relnamespace = cn.oid
INNER JOIN pg_catalog.pg_class AS p ON k.confrelid = p.oid
INNER JOIN pg_catalog.pg_namespace AS pn ON p.relnamespace = pn.oid
LEFT OUTER JOIN pg_catalog.pg_class AS ic ON k.conindid = ic.oid
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY cn.nspname, c.relname, k.conname;
