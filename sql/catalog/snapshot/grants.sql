-- Privileges that are not what PostgreSQL gives by itself: granted ones, and those of the owner or
-- of PUBLIC that were taken away. The owner is called OWNER, whoever that is.
WITH
objects AS (
    SELECT
        'pg_catalog.pg_class'::regclass AS class,
        c.oid,
        CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END
        || c.oid::regclass::text AS target,
        NULL::text AS column_name,
        c.relowner AS owner,
        c.relacl AS acl,
        CASE c.relkind
            WHEN 'S' THEN acldefault('s', c.relowner)
            ELSE acldefault('r', c.relowner)
        END AS usual
    FROM pg_catalog.pg_class AS c
    WHERE
        c.oid >= 16384
        AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        AND c.relpersistence != 't'
    UNION ALL
    SELECT
        'pg_catalog.pg_class'::regclass AS class,
        c.oid,
        'TABLE ' || c.oid::regclass::text AS target,
        quote_ident(a.attname) AS column_name,
        c.relowner AS owner,
        a.attacl AS acl,
        acldefault('c', c.relowner) AS usual
    FROM pg_catalog.pg_attribute AS a
    INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
    WHERE
        c.oid >= 16384
        AND c.relpersistence != 't'
        AND a.attacl IS NOT NULL
        AND NOT a.attisdropped
    UNION ALL
    SELECT
        'pg_catalog.pg_proc'::regclass AS class,
        p.oid,
        CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END
        || p.oid::regprocedure::text AS target,
        NULL::text AS column_name,
        p.proowner AS owner,
        p.proacl AS acl,
        acldefault('f', p.proowner) AS usual
    FROM pg_catalog.pg_proc AS p
    WHERE p.oid >= 16384 AND p.pronamespace::regnamespace::text !~ '^pg_temp'
    UNION ALL
    SELECT
        'pg_catalog.pg_namespace'::regclass AS class,
        n.oid,
        'SCHEMA ' || quote_ident(n.nspname) AS target,
        NULL::text AS column_name,
        n.nspowner AS owner,
        n.nspacl AS acl,
        acldefault('n', n.nspowner) AS usual
    FROM pg_catalog.pg_namespace AS n
    WHERE
        (n.oid >= 16384 AND n.nspname !~ '^pg_(temp|toast)')
        OR n.nspname = 'public'
    UNION ALL
    SELECT
        'pg_catalog.pg_type'::regclass AS class,
        t.oid,
        CASE t.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || format_type(t.oid, NULL)
            AS target,
        NULL::text AS column_name,
        t.typowner AS owner,
        t.typacl AS acl,
        acldefault('T', t.typowner) AS usual
    FROM pg_catalog.pg_type AS t
    WHERE t.oid >= 16384 AND t.typacl IS NOT NULL
    UNION ALL
    SELECT
        'pg_catalog.pg_language'::regclass AS class,
        l.oid,
        'LANGUAGE ' || quote_ident(l.lanname) AS target,
        NULL::text AS column_name,
        l.lanowner AS owner,
        l.lanacl AS acl,
        acldefault('l', l.lanowner) AS usual
    FROM pg_catalog.pg_language AS l
    WHERE l.lanacl IS NOT NULL
    UNION ALL
    SELECT
        'pg_catalog.pg_foreign_server'::regclass AS class,
        s.oid,
        'FOREIGN SERVER ' || quote_ident(s.srvname) AS target,
        NULL::text AS column_name,
        s.srvowner AS owner,
        s.srvacl AS acl,
        acldefault('S', s.srvowner) AS usual
    FROM pg_catalog.pg_foreign_server AS s
    WHERE s.srvacl IS NOT NULL
    UNION ALL
    SELECT
        'pg_catalog.pg_foreign_data_wrapper'::regclass AS class,
        w.oid,
        'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname) AS target,
        NULL::text AS column_name,
        w.fdwowner AS owner,
        w.fdwacl AS acl,
        acldefault('F', w.fdwowner) AS usual
    FROM pg_catalog.pg_foreign_data_wrapper AS w
    WHERE w.fdwacl IS NOT NULL
),

changed AS (
    SELECT
        o.class,
        o.oid,
        o.target,
        o.column_name,
        o.owner,
        x.grantee,
        x.privilege_type AS privilege,
        bool_or(x.is_grantable AND x.grantee != o.owner) AS grantable,
        FALSE AS revoked
    FROM objects AS o
    CROSS JOIN LATERAL aclexplode(o.acl) AS x
    WHERE
        NOT EXISTS (
            SELECT FROM aclexplode(o.usual) AS u
            WHERE
                u.grantee = x.grantee
                AND u.privilege_type = x.privilege_type
                AND (u.is_grantable OR NOT x.is_grantable OR x.grantee = o.owner)
        )
    GROUP BY o.class, o.oid, o.target, o.column_name, o.owner, x.grantee, x.privilege_type
    UNION ALL
    SELECT
        o.class,
        o.oid,
        o.target,
        o.column_name,
        o.owner,
        u.grantee,
        u.privilege_type AS privilege,
        FALSE AS grantable,
        TRUE AS revoked
    FROM objects AS o
    CROSS JOIN LATERAL aclexplode(o.usual) AS u
    WHERE
        o.acl IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM aclexplode(o.acl) AS x
            WHERE x.grantee = u.grantee AND x.privilege_type = u.privilege_type
        )
),

named AS (
    SELECT
        c.*,
        c.privilege || coalesce(' (' || c.column_name || ')', '') || ' ON ' || c.target AS what,
        CASE
            WHEN c.grantee = 0 THEN 'PUBLIC'
            WHEN c.grantee = c.owner THEN 'OWNER'
            ELSE quote_ident(pg_get_userbyid(c.grantee))
        END AS role_name
    FROM changed AS c
)

SELECT
    n.oid,
    n.class::text AS class,
    n.what || CASE WHEN n.revoked THEN ' FROM ' ELSE ' TO ' END || n.role_name AS name,
    NULL::text AS parent,
    n.column_name,
    n.what AS privilege,
    n.role_name AS grantee,
    n.revoked,
    n.grantable,
    quote_ident(pg_get_userbyid(n.owner)) AS owner_name
FROM named AS n
ORDER BY n.class, n.oid, name;
