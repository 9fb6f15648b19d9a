-- Operators that people made.
SELECT
    o.oid,
    quote_ident(n.nspname) || '.' || o.oprname || ' ('
    || coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE') || ', '
    || format_type(o.oprright, NULL) || ')' AS name,
    NULL::text AS parent,
    quote_ident(n.nspname) || '.' || o.oprname AS own_name,
    concat_ws(
        ', ',
        'FUNCTION = ' || o.oprcode::regproc::text,
        'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL),
        'RIGHTARG = ' || format_type(o.oprright, NULL),
        'COMMUTATOR = OPERATOR(' || cn.nspname || '.' || c.oprname || ')',
        'NEGATOR = OPERATOR(' || gn.nspname || '.' || g.oprname || ')',
        'RESTRICT = ' || nullif(o.oprrest::oid, 0)::regproc::text,
        'JOIN = ' || nullif(o.oprjoin::oid, 0)::regproc::text,
        CASE WHEN o.oprcanhash THEN 'HASHES' END,
        CASE WHEN o.oprcanmerge THEN 'MERGES' END
    ) AS definition
FROM pg_catalog.pg_operator AS o
INNER JOIN pg_catalog.pg_namespace AS n ON o.oprnamespace = n.oid
LEFT OUTER JOIN pg_catalog.pg_operator AS c ON o.oprcom = c.oid
LEFT OUTER JOIN pg_catalog.pg_namespace AS cn ON c.oprnamespace = cn.oid
LEFT OUTER JOIN pg_catalog.pg_operator AS g ON o.oprnegate = g.oid
LEFT OUTER JOIN pg_catalog.pg_namespace AS gn ON g.oprnamespace = gn.oid
WHERE o.oid >= 16384 AND o.oprcode != 0
ORDER BY o.oid;
