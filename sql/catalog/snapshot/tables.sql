-- Tables, partitioned and foreign ones too. A partition's table is its parent.
SELECT
    c.oid,
    c.oid::regclass::text AS name,
    CASE WHEN c.relispartition THEN i.parents[1] END AS parent,
    pg_get_userbyid(c.relowner)::text AS owner,
    CASE c.relkind
        WHEN 'p' THEN 'partitioned table'
        WHEN 'f' THEN 'foreign table'
        ELSE 'table'
    END AS what,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
    CASE WHEN c.relispartition THEN i.parents[1] END AS partition_of,
    pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
    CASE WHEN NOT c.relispartition THEN i.parents END AS inherits,
    CASE WHEN c.reloftype != 0 THEN format_type(c.reloftype, NULL) END AS of_type,
    c.relpersistence = 'u' AS unlogged,
    c.relrowsecurity AS row_security,
    c.relforcerowsecurity AS forced_row_security,
    ARRAY(SELECT o FROM unnest(c.reloptions) AS o ORDER BY o) AS options,
    ARRAY(SELECT 'toast.' || o FROM unnest(t.reloptions) AS o ORDER BY o) AS toast_options,
    m.amname::text AS access_method,
    p.spcname::text AS tablespace,
    CASE c.relreplident
        WHEN 'f' THEN 'FULL'
        WHEN 'n' THEN 'NOTHING'
        WHEN 'i'
            THEN
                'USING INDEX ' || (
                    SELECT quote_ident(x.relname)
                    FROM pg_catalog.pg_index AS k
                    INNER JOIN pg_catalog.pg_class AS x ON k.indexrelid = x.oid
                    WHERE k.indrelid = c.oid AND k.indisreplident
                )
        ELSE 'DEFAULT'
    END AS replica_identity,
    quote_ident(v.srvname) AS server,
    f.ftoptions AS server_options
FROM pg_catalog.pg_class AS c
LEFT OUTER JOIN pg_catalog.pg_class AS t ON c.reltoastrelid = t.oid
LEFT OUTER JOIN pg_catalog.pg_am AS m ON c.relam = m.oid
LEFT OUTER JOIN pg_catalog.pg_tablespace AS p ON c.reltablespace = p.oid
LEFT OUTER JOIN pg_catalog.pg_foreign_table AS f ON c.oid = f.ftrelid
LEFT OUTER JOIN pg_catalog.pg_foreign_server AS v ON f.ftserver = v.oid
CROSS JOIN
    LATERAL (
        SELECT array_agg(h.inhparent::regclass::text ORDER BY h.inhseqno) AS parents
        FROM pg_catalog.pg_inherits AS h
        WHERE h.inhrelid = c.oid
    ) AS i
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence != 't'
ORDER BY c.oid;
