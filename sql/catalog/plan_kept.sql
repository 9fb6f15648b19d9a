-- Indexes that keep a promise of their table (no two rows are alike, none exclude each other), each
-- with every column that it is about: those of its keys, of its expressions and of its predicate.
SELECT
    n.nspname AS schema,
    c.relname AS name,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.pg_attribute AS a
        WHERE
            a.attrelid = i.indrelid
            AND (
                a.attnum = ANY(i.indkey::int2[])
                OR EXISTS (
                    SELECT 1
                    FROM pg_catalog.pg_depend AS d
                    WHERE
                        d.classid = 'pg_catalog.pg_class'::regclass
                        AND d.objid = i.indexrelid
                        AND d.refclassid = 'pg_catalog.pg_class'::regclass
                        AND d.refobjid = i.indrelid
                        AND a.attnum = d.refobjsubid
                )
            )
        ORDER BY a.attnum
    ) AS columns
FROM pg_catalog.pg_index AS i
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    (i.indisunique OR i.indisexclusion)
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname;
