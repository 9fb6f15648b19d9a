-- Policies of row level security.
SELECT
    p.oid,
    p.polrelid::regclass::text || '.' || quote_ident(p.polname) AS name,
    p.polrelid::regclass::text AS parent,
    quote_ident(p.polname) AS own_name,
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END AS kind_of,
    CASE p.polcmd
        WHEN 'r' THEN 'SELECT'
        WHEN 'a' THEN 'INSERT'
        WHEN 'w' THEN 'UPDATE'
        WHEN 'd' THEN 'DELETE'
        ELSE 'ALL'
    END AS command,
    ARRAY(
        SELECT CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END AS role_name
        FROM unnest(p.polroles) AS r
        ORDER BY role_name
    ) AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS using_expression,
    pg_get_expr(p.polwithcheck, p.polrelid) AS check_expression
FROM pg_catalog.pg_policy AS p
WHERE p.oid >= 16384
ORDER BY p.oid;
