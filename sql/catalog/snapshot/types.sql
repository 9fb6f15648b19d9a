-- Enums, domains, composites, ranges and base types; not the row types of tables, nor arrays.
SELECT
    t.oid,
    format_type(t.oid, NULL) AS name,
    NULL::text AS parent,
    pg_get_userbyid(t.typowner)::text AS owner,
    CASE t.typtype
        WHEN 'e' THEN 'enum'
        WHEN 'd' THEN 'domain'
        WHEN 'c' THEN 'composite'
        WHEN 'r' THEN 'range'
        WHEN 'p' THEN 'shell'
        ELSE 'base'
    END AS what,
    CASE
        WHEN t.typtype = 'e' THEN ARRAY(
            SELECT e.enumlabel::text
            FROM pg_catalog.pg_enum AS e
            WHERE e.enumtypid = t.oid
            ORDER BY e.enumsortorder
        )
    END AS labels,
    CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS domain_of,
    CASE WHEN t.typtype = 'd' THEN t.typnotnull END AS not_null,
    t.typdefault AS default_value,
    CASE
        WHEN t.typtype = 'd' AND t.typcollation != b.typcollation
            THEN t.typcollation::regcollation::text
    END AS collation,
    CASE
        WHEN t.typtype = 'c' THEN ARRAY(
            SELECT
                quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                || CASE
                    WHEN a.attcollation != y.typcollation
                        THEN ' COLLATE ' || a.attcollation::regcollation::text
                    ELSE ''
                END
            FROM pg_catalog.pg_attribute AS a
            INNER JOIN pg_catalog.pg_type AS y ON a.atttypid = y.oid
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
        )
    END AS attributes,
    CASE
        WHEN t.typtype = 'r' THEN concat_ws(
            ', ',
            'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
            'SUBTYPE_OPCLASS = ' || quote_ident(m.nspname) || '.' || quote_ident(o.opcname),
            'COLLATION = ' || nullif(r.rngcollation, 0)::regcollation::text,
            'CANONICAL = ' || nullif(r.rngcanonical::oid, 0)::regproc::text,
            'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::oid, 0)::regproc::text,
            'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL)
        )
    END AS range_of,
    CASE
        WHEN t.typtype = 'b' THEN concat_ws(
            ', ',
            t.typinput::text,
            t.typoutput::text,
            t.typreceive::text,
            t.typsend::text,
            t.typlen::text,
            t.typalign::text,
            t.typstorage::text,
            t.typcategory::text,
            t.typdelim::text
        )
    END AS functions
FROM pg_catalog.pg_type AS t
LEFT OUTER JOIN pg_catalog.pg_type AS b ON t.typbasetype = b.oid
LEFT OUTER JOIN pg_catalog.pg_class AS c ON t.typrelid = c.oid
LEFT OUTER JOIN pg_catalog.pg_range AS r ON t.oid = r.rngtypid
LEFT OUTER JOIN pg_catalog.pg_opclass AS o ON r.rngsubopc = o.oid
LEFT OUTER JOIN pg_catalog.pg_namespace AS m ON o.opcnamespace = m.oid
WHERE
    t.oid >= 16384
    AND t.typtype != 'm'
    AND (c.relkind IS NULL OR c.relkind = 'c')
    AND t.typnamespace::regnamespace::text !~ '^pg_(temp|toast)'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_type AS e
        WHERE e.typarray = t.oid
    )
ORDER BY t.oid;
