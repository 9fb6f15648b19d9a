-- What keeps the data right and within reach beside its columns: constraints, triggers, and what
-- roles were granted. Left out are partitions, whose tables speak for them, the schemas of the
-- system, and that of the migrations' books, which psql does not make.
WITH tables AS (
    SELECT
        c.oid,
        c.relacl,
        c.relowner,
        n.nspname::text AS schema_name,
        c.relname::text AS table_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE
        c.relkind IN ('r', 'p')
        AND NOT c.relispartition
        AND n.nspname !~ '^pg_|^(information_schema|slimy_migrations)$'
)

SELECT
    'constraint' AS kind,
    '' AS role_name,
    t.schema_name,
    t.table_name,
    k.conname::text AS item,
    '' AS column_name
FROM tables AS t
INNER JOIN pg_catalog.pg_constraint AS k ON t.oid = k.conrelid
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT
    'trigger' AS kind,
    '' AS role_name,
    t.schema_name,
    t.table_name,
    g.tgname::text AS item,
    '' AS column_name
FROM tables AS t
INNER JOIN pg_catalog.pg_trigger AS g ON t.oid = g.tgrelid
WHERE NOT g.tgisinternal
UNION ALL
SELECT
    'privilege' AS kind,
    r.rolname::text AS role_name,
    t.schema_name,
    t.table_name,
    x.privilege_type AS item,
    '' AS column_name
FROM tables AS t
CROSS JOIN aclexplode(t.relacl) AS x
INNER JOIN pg_catalog.pg_roles AS r ON x.grantee = r.oid
WHERE x.grantee != t.relowner
UNION ALL
SELECT
    'privilege' AS kind,
    r.rolname::text AS role_name,
    t.schema_name,
    t.table_name,
    x.privilege_type AS item,
    a.attname::text AS column_name
FROM tables AS t
INNER JOIN pg_catalog.pg_attribute AS a ON t.oid = a.attrelid AND NOT a.attisdropped
CROSS JOIN aclexplode(a.attacl) AS x
INNER JOIN pg_catalog.pg_roles AS r ON x.grantee = r.oid
WHERE x.grantee != t.relowner
UNION ALL
SELECT
    'schema' AS kind,
    r.rolname::text AS role_name,
    n.nspname::text AS schema_name,
    '' AS table_name,
    x.privilege_type AS item,
    '' AS column_name
FROM pg_catalog.pg_namespace AS n
CROSS JOIN aclexplode(n.nspacl) AS x
INNER JOIN pg_catalog.pg_roles AS r ON x.grantee = r.oid
WHERE x.grantee != n.nspowner AND n.nspname !~ '^pg_|^(information_schema|slimy_migrations)$'
UNION ALL
SELECT
    'function' AS kind,
    r.rolname::text AS role_name,
    n.nspname::text AS schema_name,
    '' AS table_name,
    format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS item,
    '' AS column_name
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
CROSS JOIN aclexplode(p.proacl) AS x
INNER JOIN pg_catalog.pg_roles AS r ON x.grantee = r.oid
WHERE x.grantee != p.proowner AND n.nspname !~ '^pg_|^(information_schema|slimy_migrations)$'
ORDER BY kind, role_name, schema_name, table_name, item, column_name;
