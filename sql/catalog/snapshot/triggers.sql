-- Triggers; a clone on a partition is inherited.
SELECT
    t.oid,
    t.tgrelid::regclass::text || '.' || quote_ident(t.tgname) AS name,
    t.tgrelid::regclass::text AS parent,
    quote_ident(t.tgname) AS own_name,
    pg_get_triggerdef(t.oid) AS definition,
    t.tgenabled::text AS enabled,
    t.tgparentid != 0 AS inherited
FROM pg_catalog.pg_trigger AS t
INNER JOIN pg_catalog.pg_class AS c ON t.tgrelid = c.oid
WHERE t.oid >= 16384 AND NOT t.tgisinternal AND c.relpersistence != 't'
ORDER BY t.oid;
