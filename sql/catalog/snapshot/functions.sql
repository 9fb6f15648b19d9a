-- Functions, procedures and aggregates, by their names and arguments' types. `atomic` ones have
-- their body parsed, so that it names objects that must be there.
SELECT
    p.oid,
    p.oid::regprocedure::text AS name,
    NULL::text AS parent,
    pg_get_userbyid(p.proowner)::text AS owner,
    CASE p.prokind
        WHEN 'p' THEN 'procedure'
        WHEN 'a' THEN 'aggregate'
        ELSE 'function'
    END AS what,
    pg_get_function_arguments(p.oid) AS arguments,
    pg_get_function_result(p.oid) AS returns,
    l.lanname::text AS language,
    CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END
        AS volatility,
    p.proisstrict AS strict,
    p.prosecdef AS security_definer,
    p.proleakproof AS leakproof,
    CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END
        AS parallel,
    p.procost::float8 AS cost,
    p.prorows::float8 AS rows,
    p.proconfig AS settings,
    coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body,
    CASE WHEN p.prokind != 'a' THEN pg_get_functiondef(p.oid) END AS definition,
    p.prosqlbody IS NOT NULL AS atomic,
    CASE
        WHEN p.prokind = 'a' THEN concat_ws(
            ', ',
            'SFUNC = ' || a.aggtransfn::regproc::text,
            'STYPE = ' || format_type(a.aggtranstype, NULL),
            'SSPACE = ' || nullif(a.aggtransspace, 0),
            'FINALFUNC = ' || nullif(a.aggfinalfn::oid, 0)::regproc::text,
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify
                WHEN 's' THEN 'SHAREABLE' WHEN 'w' THEN 'READ_WRITE'
            END,
            'COMBINEFUNC = ' || nullif(a.aggcombinefn::oid, 0)::regproc::text,
            'SERIALFUNC = ' || nullif(a.aggserialfn::oid, 0)::regproc::text,
            'DESERIALFUNC = ' || nullif(a.aggdeserialfn::oid, 0)::regproc::text,
            'INITCOND = ' || quote_literal(a.agginitval),
            'MSFUNC = ' || nullif(a.aggmtransfn::oid, 0)::regproc::text,
            'MINVFUNC = ' || nullif(a.aggminvtransfn::oid, 0)::regproc::text,
            'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL),
            'MFINALFUNC = ' || nullif(a.aggmfinalfn::oid, 0)::regproc::text,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            'SORTOP = ' || nullif(a.aggsortop, 0)::regoperator::text,
            'PARALLEL = ' || CASE p.proparallel
                WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED'
            END,
            CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END
        )
    END AS aggregate
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_language AS l ON p.prolang = l.oid
LEFT OUTER JOIN pg_catalog.pg_aggregate AS a ON p.oid = a.aggfnoid
WHERE
    p.oid >= 16384 AND p.pronamespace::regnamespace::text !~ '^pg_temp'
    -- A range's constructors come with the type.
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE
            d.classid = 'pg_catalog.pg_proc'::regclass
            AND d.objid = p.oid
            AND d.deptype = 'i'
            AND d.refclassid = 'pg_catalog.pg_type'::regclass
    )
ORDER BY p.oid;
