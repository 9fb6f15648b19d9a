-- The unique indexes of relations. Of each key: its column (0 for an expression), the family of its
-- operator class, whether that class is the default of its type, and its collation. `is_immediate`
-- says that no two rows are ever equal, not even within a transaction.
SELECT
    i.indrelid AS relation,
    c.relname AS name,
    (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns,
    (i.indcollation::oid[])[0:i.indnkeyatts - 1] AS collations,
    ARRAY(
        SELECT o.opcfamily
        FROM unnest((i.indclass::oid[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (class, place)
        INNER JOIN pg_catalog.pg_opclass AS o ON k.class = o.oid
        ORDER BY k.place
    ) AS families,
    ARRAY(
        SELECT o.opcdefault
        FROM unnest((i.indclass::oid[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (class, place)
        INNER JOIN pg_catalog.pg_opclass AS o ON k.class = o.oid
        ORDER BY k.place
    ) AS defaults,
    i.indexprs::text AS expressions,
    i.indpred::text AS predicate,
    i.indimmediate AND m.amname = 'btree' AS is_immediate,
    i.indnullsnotdistinct AS is_null_a_value
FROM pg_catalog.pg_index AS i
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_am AS m ON c.relam = m.oid
WHERE
    i.indrelid = ANY($1::oid[])
    AND i.indisunique
    AND i.indisvalid
    AND i.indislive
ORDER BY i.indrelid, NOT i.indisprimary, c.relname;
