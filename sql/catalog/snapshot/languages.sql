-- Procedural languages that came without an extension.
SELECT
    l.oid,
    quote_ident(l.lanname) AS name,
    NULL::text AS parent,
    l.lanpltrusted AS trusted,
    l.lanplcallfoid::regproc::text AS handler
FROM pg_catalog.pg_language AS l
WHERE l.oid >= 16384
ORDER BY l.oid;
