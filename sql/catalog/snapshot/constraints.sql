-- Constraints of tables and domains. `triggers` is how a foreign key's own triggers fire, which
-- DISABLE TRIGGER ALL changes. Left out are the rows by which PostgreSQL follows a foreign key to
-- the partitions of the table it points at.
SELECT
    k.oid,
    CASE
        WHEN k.conrelid != 0 THEN k.conrelid::regclass::text
        ELSE format_type(k.contypid, NULL)
    END || '.' || quote_ident(k.conname) AS name,
    CASE
        WHEN k.conrelid != 0 THEN k.conrelid::regclass::text
        ELSE format_type(k.contypid, NULL)
    END AS parent,
    quote_ident(k.conname) AS own_name,
    k.contypid != 0 AS of_domain,
    CASE k.contype
        WHEN 'p' THEN 'primary key'
        WHEN 'u' THEN 'unique constraint'
        WHEN 'f' THEN 'foreign key'
        WHEN 'x' THEN 'exclusion constraint'
        ELSE 'check'
    END AS what,
    pg_get_constraintdef(k.oid) AS definition,
    CASE WHEN k.confrelid != 0 THEN k.confrelid::regclass::text END AS points_at,
    ARRAY(
        SELECT quote_ident(a.attname)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
        ORDER BY array_position(k.conkey, a.attnum)
    ) AS own_columns,
    ARRAY(
        SELECT quote_ident(a.attname)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = k.confrelid AND a.attnum = ANY(k.confkey)
        ORDER BY array_position(k.confkey, a.attnum)
    ) AS their_columns,
    NOT k.conislocal AS inherited,
    quote_ident(s.spcname) AS tablespace,
    (
        SELECT string_agg(DISTINCT g.tgenabled::text, '' ORDER BY g.tgenabled::text)
        FROM pg_catalog.pg_trigger AS g
        WHERE
            g.tgconstraint = k.oid
            AND g.tgisinternal
            AND g.tgenabled != 'O'
    ) AS triggers
FROM pg_catalog.pg_constraint AS k
LEFT OUTER JOIN pg_catalog.pg_constraint AS u ON k.conparentid = u.oid
LEFT OUTER JOIN pg_catalog.pg_class AS i ON k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')
LEFT OUTER JOIN pg_catalog.pg_tablespace AS s ON i.reltablespace = s.oid
WHERE
    k.oid >= 16384
    AND k.contype IN ('p', 'u', 'f', 'x', 'c')
    AND (u.oid IS NULL OR u.conrelid != k.conrelid)
ORDER BY k.oid;
