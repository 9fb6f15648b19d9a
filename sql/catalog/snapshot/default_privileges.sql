-- What ALTER DEFAULT PRIVILEGES gives away beforehand.
SELECT
    d.oid,
    pg_get_userbyid(d.defaclrole)::text || coalesce(' in ' || quote_ident(n.nspname), '') || ': '
    || x.privilege_type || ' on '
    || CASE d.defaclobjtype
        WHEN 'r' THEN 'TABLES'
        WHEN 'S' THEN 'SEQUENCES'
        WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES'
        WHEN 'n' THEN 'SCHEMAS'
        ELSE 'LARGE OBJECTS'
    END
    || ' to '
    || CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END
        AS name,
    NULL::text AS parent,
    quote_ident(pg_get_userbyid(d.defaclrole)) AS for_role,
    quote_ident(n.nspname) AS in_schema,
    x.privilege_type AS privilege,
    CASE d.defaclobjtype
        WHEN 'r' THEN 'TABLES'
        WHEN 'S' THEN 'SEQUENCES'
        WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES'
        WHEN 'n' THEN 'SCHEMAS'
        ELSE 'LARGE OBJECTS'
    END AS objects,
    CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END
        AS grantee,
    x.is_grantable AS grantable
FROM pg_catalog.pg_default_acl AS d
LEFT OUTER JOIN pg_catalog.pg_namespace AS n ON d.defaclnamespace = n.oid
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS x
ORDER BY name;
