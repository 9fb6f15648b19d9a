-- The relations that rights are about, with their columns, those of the system included, and the
-- functions that writing to them calls: in defaults, checks, generated columns and indexes.
SELECT
    c.oid,
    n.nspname AS schema,
    format('%I.%I', n.nspname, c.relname) AS name,
    c.relowner::regrole::text AS owner,
    ARRAY(
        SELECT a.attnum::integer
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS numbers,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS columns,
    ARRAY(
        SELECT DISTINCT d.refobjid
        FROM pg_catalog.pg_depend AS d
        WHERE
            d.refclassid = 'pg_catalog.pg_proc'::regclass
            AND (
                (
                    d.classid = 'pg_catalog.pg_attrdef'::regclass
                    AND d.objid IN (
                        SELECT e.oid
                        FROM pg_catalog.pg_attrdef AS e
                        WHERE e.adrelid = c.oid
                    )
                )
                OR (
                    d.classid = 'pg_catalog.pg_constraint'::regclass
                    AND d.objid IN (
                        SELECT k.oid
                        FROM pg_catalog.pg_constraint AS k
                        WHERE k.conrelid = c.oid
                    )
                )
                OR (
                    d.classid = 'pg_catalog.pg_class'::regclass
                    AND d.objid IN (
                        SELECT i.indexrelid
                        FROM pg_catalog.pg_index AS i
                        WHERE i.indrelid = c.oid
                    )
                )
            )
        ORDER BY d.refobjid
    ) AS called
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.oid = ANY($1::oid[])
ORDER BY n.nspname, c.relname;
