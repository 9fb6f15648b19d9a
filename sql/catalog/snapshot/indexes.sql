-- Indexes; `constraint_name` is the key or exclusion that one belongs to.
SELECT
    i.indexrelid AS oid,
    i.indexrelid::regclass::text AS name,
    i.indrelid::regclass::text AS parent,
    pg_get_indexdef(i.indexrelid) AS definition,
    quote_ident(k.conname) AS constraint_name,
    i.indisvalid AS valid,
    i.indisready AS ready,
    i.indisclustered AS clustered,
    quote_ident(s.spcname) AS tablespace,
    h.inhparent::regclass::text AS partition_of,
    ARRAY(
        SELECT a.attnum || ' ' || a.attstattarget
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0
        ORDER BY a.attnum
    ) AS statistics
FROM pg_catalog.pg_index AS i
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_class AS t ON i.indrelid = t.oid
LEFT OUTER JOIN pg_catalog.pg_tablespace AS s ON c.reltablespace = s.oid
LEFT OUTER JOIN pg_catalog.pg_inherits AS h ON i.indexrelid = h.inhrelid
LEFT OUTER JOIN pg_catalog.pg_constraint AS k
    ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
WHERE i.indexrelid >= 16384 AND t.relkind != 't' AND c.relpersistence != 't'
ORDER BY i.indexrelid;
