-- Takes the privileges back, and gives everything to whoever undoes this. The roles stay, without
-- any privilege here: they belong to the cluster, and other databases of it may use them.

DO $migration$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, current_user)
        FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'slimy'::regnamespace
        UNION ALL
        SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, current_user)
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = 'slimy'::regnamespace AND c.relkind IN ('r', 'p')
        UNION ALL
        SELECT format('ALTER SCHEMA slimy OWNER TO %I', current_user)
    LOOP
        EXECUTE command;
    END LOOP;
END
$migration$;

DROP POLICY users_service ON slimy.users;
DROP POLICY guilds_service ON slimy.guilds;
DROP POLICY user_guilds_service ON slimy.user_guilds;
DROP POLICY sessions_service ON slimy.sessions;
DROP POLICY api_keys_service ON slimy.api_keys;
DROP POLICY conversations_service ON slimy.conversations;
DROP POLICY chat_messages_service ON slimy.chat_messages;
DROP POLICY club_analyses_service ON slimy.club_analyses;
DROP POLICY club_analysis_images_service ON slimy.club_analysis_images;
DROP POLICY club_metrics_service ON slimy.club_metrics;
DROP POLICY screenshot_analyses_service ON slimy.screenshot_analyses;
DROP POLICY screenshot_data_service ON slimy.screenshot_data;
DROP POLICY screenshot_tags_service ON slimy.screenshot_tags;
DROP POLICY screenshot_insights_service ON slimy.screenshot_insights;
DROP POLICY screenshot_recommendations_service ON slimy.screenshot_recommendations;
DROP POLICY screenshot_comparisons_service ON slimy.screenshot_comparisons;
DROP POLICY stats_service ON slimy.stats;
DROP POLICY stat_deltas_service ON slimy.stat_deltas;
DROP POLICY stat_totals_service ON slimy.stat_totals;
DROP POLICY guild_stat_totals_service ON slimy.guild_stat_totals;
DROP POLICY audit_logs_service ON slimy.audit_logs;
DROP POLICY audit_log_deltas_service ON slimy.audit_log_deltas;
DROP POLICY audit_log_totals_service ON slimy.audit_log_totals;
DROP POLICY club_member_metrics_service ON slimy.club_member_metrics;
DROP POLICY club_member_latest_service ON slimy.club_member_latest;
DROP POLICY user_preferences_service ON slimy.user_preferences;
DROP POLICY guild_feature_flags_service ON slimy.guild_feature_flags;
DROP POLICY code_reports_service ON slimy.code_reports;
DROP POLICY guild_settings_service ON slimy.guild_settings;
DROP POLICY guild_personalities_service ON slimy.guild_personalities;
DROP POLICY idempotency_keys_service ON slimy.idempotency_keys;

REVOKE ALL ON ALL TABLES IN SCHEMA slimy FROM slimy_app, slimy_readonly;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA slimy
FROM slimy_app, slimy_readonly, slimy_retention, slimy_visitor;
REVOKE ALL ON SCHEMA slimy FROM slimy_app, slimy_readonly;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA slimy TO public;
ALTER DEFAULT PRIVILEGES FOR ROLE slimy_owner GRANT EXECUTE ON FUNCTIONS TO public;

ALTER FUNCTION slimy.make_partitions(regclass, date, integer) SECURITY INVOKER RESET search_path;
ALTER FUNCTION slimy.count_audit_logs() SECURITY INVOKER RESET search_path;
ALTER FUNCTION slimy.count_stats() SECURITY INVOKER RESET search_path;
