-- Comments, named as COMMENT ON names their objects.
SELECT
    d.objoid AS oid,
    d.classoid::regclass::text AS class,
    upper(
        CASE
            WHEN i.type LIKE '%column' THEN 'column'
            WHEN i.type LIKE '%constraint' THEN 'constraint'
            WHEN i.type = 'statistics object' THEN 'statistics'
            WHEN i.type = 'composite type' THEN 'type'
            ELSE i.type
        END
    ) || ' '
    || CASE
        WHEN i.type = 'domain constraint' THEN replace(i.identity, ' on ', ' on domain ')
        ELSE i.identity
    END AS name,
    NULL::text AS parent,
    quote_ident(a.attname) AS column_name,
    d.description AS text
FROM pg_catalog.pg_description AS d
CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
LEFT OUTER JOIN pg_catalog.pg_attribute AS a
    ON
        d.classoid = 'pg_catalog.pg_class'::regclass
        AND d.objoid = a.attrelid
        AND d.objsubid = a.attnum
        AND d.objsubid > 0
WHERE
    (d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid = 2200)
    AND d.classoid != 'pg_catalog.pg_largeobject'::regclass
ORDER BY d.classoid, d.objoid, d.objsubid;
