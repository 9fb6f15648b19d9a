-- Operators by OID, with the functions that do their work. `families` are the B-tree families in
-- which an operator is the equality, `is_default` says that one of them is what its types use where
-- nothing else is asked.
SELECT
    o.oid,
    o.oprname AS name,
    o.oprcode::oid AS function,
    ARRAY(
        SELECT a.amopfamily
        FROM pg_catalog.pg_amop AS a
        INNER JOIN pg_catalog.pg_am AS m ON a.amopmethod = m.oid
        WHERE a.amopopr = o.oid AND m.amname = 'btree' AND a.amopstrategy = 3
        ORDER BY a.amopfamily
    ) AS families,
    exists(
        SELECT
        FROM pg_catalog.pg_amop AS a
        INNER JOIN pg_catalog.pg_am AS m ON a.amopmethod = m.oid
        INNER JOIN
            pg_catalog.pg_opclass AS l
            ON a.amopfamily = l.opcfamily AND o.oprleft = l.opcintype AND l.opcdefault
        INNER JOIN
            pg_catalog.pg_opclass AS r
            ON a.amopfamily = r.opcfamily AND o.oprright = r.opcintype AND r.opcdefault
        WHERE a.amopopr = o.oid AND m.amname = 'btree' AND a.amopstrategy = 3
    ) AS is_default
FROM pg_catalog.pg_operator AS o
WHERE o.oid = ANY($1::oid[])
ORDER BY o.oid;
