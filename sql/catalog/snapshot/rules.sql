-- Rewrite rules, but for the one that makes a view a view.
SELECT
    r.oid,
    r.ev_class::regclass::text || '.' || quote_ident(r.rulename) AS name,
    r.ev_class::regclass::text AS parent,
    quote_ident(r.rulename) AS own_name,
    pg_get_ruledef(r.oid) AS definition,
    r.ev_enabled::text AS enabled
FROM pg_catalog.pg_rewrite AS r
INNER JOIN pg_catalog.pg_class AS c ON r.ev_class = c.oid
WHERE r.oid >= 16384 AND r.rulename != '_RETURN' AND c.relpersistence != 't'
ORDER BY r.oid;
