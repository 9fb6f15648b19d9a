-- The relations asked for, and every table that inherits from one of them: what the analysis needs
-- to know of a table as a whole. `family` names the tables whose rows a read of the relation
-- returns.
WITH RECURSIVE
families (root, member) AS (
    SELECT
        c.oid AS root,
        c.oid AS member
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = ANY($1::oid[])
    UNION
    SELECT
        f.root,
        i.inhrelid
    FROM families AS f
    INNER JOIN pg_catalog.pg_inherits AS i ON f.member = i.inhparent
),

relations (oid) AS (
    SELECT f.member
    FROM families AS f
    UNION
    SELECT f.root
    FROM families AS f
)

SELECT
    c.oid,
    n.nspname AS schema,
    c.relname AS name,
    c.relkind::text AS kind,
    coalesce(
        (
            SELECT array_agg(f.member ORDER BY f.member)
            FROM families AS f
            WHERE f.root = c.oid
        ),
        ARRAY[c.oid]
    ) AS family,
    exists(
        SELECT 1
        FROM pg_catalog.pg_trigger AS t
        WHERE
            t.tgrelid = c.oid
            AND NOT t.tgisinternal
    ) AS has_triggers,
    exists(
        SELECT 1
        FROM pg_catalog.pg_rewrite AS r
        WHERE
            r.ev_class = c.oid
            AND r.ev_type != '1'
    ) AS has_rules,
    (
        SELECT r.ev_action::text
        FROM pg_catalog.pg_rewrite AS r
        WHERE
            r.ev_class = c.oid
            AND r.ev_type = '1'
    ) AS definition,
    c.relpersistence = 'u' AS is_unlogged
FROM relations AS s
INNER JOIN pg_catalog.pg_class AS c ON s.oid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
ORDER BY c.oid;
