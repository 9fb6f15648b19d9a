-- Foreign data wrappers, servers, and whom they know. The options of user mappings hold passwords
-- and are not read.
SELECT
    w.oid,
    quote_ident(w.fdwname) AS name,
    NULL::text AS parent,
    'foreign data wrapper' AS what,
    nullif(w.fdwhandler::oid, 0)::regproc::text AS made_of,
    w.fdwoptions AS options
FROM pg_catalog.pg_foreign_data_wrapper AS w
UNION ALL
SELECT
    s.oid,
    quote_ident(s.srvname) AS name,
    NULL::text AS parent,
    'server' AS what,
    quote_ident(w.fdwname) AS made_of,
    s.srvoptions AS options
FROM pg_catalog.pg_foreign_server AS s
INNER JOIN pg_catalog.pg_foreign_data_wrapper AS w ON s.srvfdw = w.oid
UNION ALL
SELECT
    u.umid AS oid,
    quote_ident(u.srvname) || ' for ' || quote_ident(u.usename) AS name,
    NULL::text AS parent,
    'user mapping' AS what,
    quote_ident(u.srvname) AS made_of,
    NULL::text[] AS options
FROM pg_catalog.pg_user_mappings AS u
ORDER BY what, oid;
