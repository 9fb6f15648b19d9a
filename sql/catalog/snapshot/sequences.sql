-- Sequences with what they belong to; their values are data.
SELECT
    c.oid,
    c.oid::regclass::text AS name,
    CASE
        WHEN d.deptype = 'i'
            THEN d.refobjid::regclass::text || '.' || quote_ident(a.attname)
    END AS parent,
    pg_get_userbyid(c.relowner)::text AS owner,
    format_type(s.seqtypid, NULL) AS type,
    s.seqstart AS start,
    s.seqincrement AS increment,
    s.seqmin AS minimum,
    s.seqmax AS maximum,
    s.seqcache AS cache,
    s.seqcycle AS cycle,
    c.relpersistence = 'u' AS unlogged,
    d.refobjid::regclass::text || '.' || quote_ident(a.attname) AS owned_by
FROM pg_catalog.pg_sequence AS s
INNER JOIN pg_catalog.pg_class AS c ON s.seqrelid = c.oid
LEFT OUTER JOIN pg_catalog.pg_depend AS d
    ON
        c.oid = d.objid
        AND d.classid = 'pg_catalog.pg_class'::regclass
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjsubid > 0
        AND d.deptype IN ('a', 'i')
LEFT OUTER JOIN pg_catalog.pg_attribute AS a
    ON d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
WHERE c.oid >= 16384 AND c.relpersistence != 't'
ORDER BY c.oid;
