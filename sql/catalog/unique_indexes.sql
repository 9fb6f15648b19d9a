-- The unique indexes of relations whose columns are plain columns of the table.
SELECT
    i.indrelid AS relation,
    (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns,
    i.indpred IS NOT NULL AS partial
FROM pg_catalog.pg_index AS i
WHERE
    i.indrelid = ANY($1::oid[])
    AND i.indisunique
    AND i.indisvalid
    AND i.indexprs IS NULL
ORDER BY i.indrelid, i.indexrelid;
