-- Operators by OID, with the functions that do their work.
SELECT
    o.oid,
    o.oprname AS name,
    o.oprcode::oid AS function
FROM pg_catalog.pg_operator AS o
WHERE o.oid = ANY($1::oid[])
ORDER BY o.oid;
