-- What a role, and everyone (the grantee is then empty), may do: schemas, relations and their
-- columns, functions; in the schemas that are the project's own. A privilege on all of a relation
-- comes with the columns that it has now.
WITH schemas AS (
    SELECT
        n.oid,
        n.nspname,
        n.nspowner,
        n.nspacl
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname != 'information_schema'
),

granted AS (
    SELECT
        'schema' AS kind,
        quote_ident(n.nspname) AS object,
        ARRAY[]::text[] AS columns,
        TRUE AS is_whole,
        g.grantee,
        g.privilege_type,
        n.nspowner AS owner
    FROM schemas AS n
    CROSS JOIN
        LATERAL
        aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS g
    UNION ALL
    SELECT
        CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
        format('%I.%I', n.nspname, c.relname) AS object,
        ARRAY(
            SELECT a.attname::text
            FROM pg_catalog.pg_attribute AS a
            WHERE
                a.attrelid = c.oid
                AND a.attnum > 0
                AND NOT a.attisdropped
                AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
            ORDER BY a.attnum
        ) AS columns,
        TRUE AS is_whole,
        g.grantee,
        g.privilege_type,
        c.relowner AS owner
    FROM pg_catalog.pg_class AS c
    INNER JOIN schemas AS n ON c.relnamespace = n.oid
    CROSS JOIN LATERAL aclexplode(c.relacl) AS g
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT
        'table' AS kind,
        format('%I.%I', n.nspname, c.relname) AS object,
        ARRAY[a.attname::text] AS columns,
        FALSE AS is_whole,
        g.grantee,
        g.privilege_type,
        c.relowner AS owner
    FROM pg_catalog.pg_attribute AS a
    INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
    INNER JOIN schemas AS n ON c.relnamespace = n.oid
    CROSS JOIN LATERAL aclexplode(a.attacl) AS g
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT
        'function' AS kind,
        format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS object,
        ARRAY[]::text[] AS columns,
        TRUE AS is_whole,
        g.grantee,
        g.privilege_type,
        p.proowner AS owner
    FROM pg_catalog.pg_proc AS p
    INNER JOIN schemas AS n ON p.pronamespace = n.oid
    CROSS JOIN
        LATERAL
        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS g
)

SELECT
    g.kind,
    g.object,
    g.columns,
    g.is_whole,
    CASE WHEN g.grantee = 0 THEN '' ELSE g.grantee::regrole::text END AS grantee,
    g.privilege_type AS privilege
FROM granted AS g
WHERE g.grantee = 0 OR (g.grantee = to_regrole($1) AND g.grantee != g.owner)
ORDER BY g.kind, g.object, g.privilege_type, g.columns;
