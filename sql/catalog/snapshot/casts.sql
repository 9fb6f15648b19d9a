-- Casts that people made.
SELECT
    c.oid,
    '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')'
        AS name,
    NULL::text AS parent,
    CASE c.castmethod
        WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure::text
        WHEN 'i' THEN 'WITH INOUT'
        ELSE 'WITHOUT FUNCTION'
    END AS method,
    CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' ELSE '' END
        AS context
FROM pg_catalog.pg_cast AS c
WHERE c.oid >= 16384
ORDER BY c.oid;
