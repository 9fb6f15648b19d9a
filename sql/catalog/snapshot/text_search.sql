-- Configurations and dictionaries of the text search.
SELECT
    c.oid,
    quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) AS name,
    NULL::text AS parent,
    'configuration' AS what,
    'PARSER = ' || quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS definition,
    ARRAY(
        SELECT
            (
                SELECT t.alias FROM ts_token_type(c.cfgparser) AS t
                WHERE t.tokid = m.maptokentype
            ) || ' ' || m.mapseqno || ' ' || m.mapdict::regdictionary::text
        FROM pg_catalog.pg_ts_config_map AS m
        WHERE m.mapcfg = c.oid
        ORDER BY m.maptokentype, m.mapseqno
    ) AS mapping
FROM pg_catalog.pg_ts_config AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.cfgnamespace = n.oid
INNER JOIN pg_catalog.pg_ts_parser AS p ON c.cfgparser = p.oid
INNER JOIN pg_catalog.pg_namespace AS pn ON p.prsnamespace = pn.oid
WHERE c.oid >= 16384
UNION ALL
SELECT
    d.oid,
    quote_ident(n.nspname) || '.' || quote_ident(d.dictname) AS name,
    NULL::text AS parent,
    'dictionary' AS what,
    concat_ws(
        ', ',
        'TEMPLATE = ' || quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname),
        nullif(d.dictinitoption, '')
    ) AS definition,
    NULL::text[] AS mapping
FROM pg_catalog.pg_ts_dict AS d
INNER JOIN pg_catalog.pg_namespace AS n ON d.dictnamespace = n.oid
INNER JOIN pg_catalog.pg_ts_template AS t ON d.dicttemplate = t.oid
INNER JOIN pg_catalog.pg_namespace AS tn ON t.tmplnamespace = tn.oid
WHERE d.oid >= 16384
ORDER BY what, oid;
