-- Operator classes, with the operators and functions of their families.
SELECT
    o.oid,
    quote_ident(n.nspname) || '.' || quote_ident(o.opcname) || ' USING ' || quote_ident(m.amname)
        AS name,
    NULL::text AS parent,
    o.opcdefault AS is_default,
    format_type(o.opcintype, NULL) AS for_type,
    format_type(nullif(o.opckeytype, 0), NULL) AS storage,
    ARRAY(
        SELECT
            'OPERATOR ' || a.amopstrategy || ' ' || a.amopopr::regoperator::text
            || coalesce(' FOR ORDER BY ' || nullif(a.amopsortfamily, 0)::text, '') AS member
        FROM pg_catalog.pg_amop AS a
        WHERE a.amopfamily = o.opcfamily
        ORDER BY member
    ) AS operators,
    ARRAY(
        SELECT 'FUNCTION ' || a.amprocnum || ' ' || a.amproc::regprocedure::text AS member
        FROM pg_catalog.pg_amproc AS a
        WHERE a.amprocfamily = o.opcfamily
        ORDER BY member
    ) AS functions
FROM pg_catalog.pg_opclass AS o
INNER JOIN pg_catalog.pg_namespace AS n ON o.opcnamespace = n.oid
INNER JOIN pg_catalog.pg_am AS m ON o.opcmethod = m.oid
WHERE o.oid >= 16384
ORDER BY o.oid;
