-- Append only for everyone: both triggers are there and fire.
SELECT count(*) = 2
FROM pg_catalog.pg_trigger AS t
WHERE
    t.tgrelid = 'slimy.audit_logs'::regclass
    AND t.tgname IN ('audit_logs_keep', 'audit_logs_keep_all')
    AND t.tgenabled != 'D';

-- Who may remove old rows is one role, and nobody may change them through it.
SELECT
    has_table_privilege('slimy_retention', 'slimy.audit_logs', 'DELETE')
    AND NOT has_table_privilege('slimy_retention', 'slimy.audit_logs', 'UPDATE');
