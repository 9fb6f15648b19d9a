-- The collations under which different strings may be equal.
SELECT c.oid
FROM pg_catalog.pg_collation AS c
WHERE NOT c.collisdeterministic
ORDER BY c.oid;
