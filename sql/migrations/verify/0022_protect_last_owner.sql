-- Neither way to take the last owner's role is unguarded.
SELECT count(*) = 2
FROM pg_catalog.pg_trigger AS t
WHERE
    t.tgrelid = 'slimy.user_guilds'::regclass
    AND t.tgname LIKE 'user_guilds_keep_last_owner_on_%'
    AND t.tgenabled != 'D';

SELECT i.indisvalid
FROM pg_catalog.pg_index AS i
WHERE i.indexrelid = 'slimy.user_guilds_owners_idx'::regclass;
