-- name: list_columns :many
-- What the database has of the columns that the queries were proven against. Not null counts as
-- declared only when it is enforced for the rows that are there.
-- page: 2000
SELECT
    n.nspname::text AS schema_name,
    c.relname::text AS table_name,
    a.attname::text AS column_name,
    format_type(a.atttypid, NULL) AS type_name,
    (
        a.attnotnull
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS k
            WHERE
                k.conrelid = c.oid
                AND k.contype = 'n'
                AND k.conkey = ARRAY[a.attnum]
                AND NOT k.convalidated
        )
    ) AS is_not_null
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    n.nspname = ANY(:schema_names::text[])
    AND c.relname = ANY(:table_names::text[])
    AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY n.nspname, c.relname, a.attnum;

-- name: list_migrations :many
-- The migrations that this database has seen. yoyo declares no NOT NULL, and writes no NULL.
-- notnull: migration_id
-- page: 1000
SELECT m.migration_id::text AS migration_id
FROM public._yoyo_migration AS m
ORDER BY m.migration_id;

-- name: ping :one
-- Proof that the server answers, and what it is.
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica;
