-- No table of the schema is without row level security; partitions are reached by way of theirs.
SELECT bool_and(c.relrowsecurity)
FROM pg_catalog.pg_class AS c
WHERE
    c.relnamespace = 'slimy'::regnamespace
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition;

-- Visitors read no token and no hash.
SELECT
    NOT has_column_privilege('slimy_visitor', 'slimy.users', 'discord_access_token', 'SELECT')
    AND NOT has_column_privilege('slimy_visitor', 'slimy.sessions', 'token_hash', 'SELECT');
