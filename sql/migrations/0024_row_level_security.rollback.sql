-- Lets whoever has the privilege see all rows again. The role stays, without any privilege here: it
-- belongs to the cluster, and other databases of it may use it.
--
-- data: kept

DROP POLICY stats_retention ON slimy.stats;
DROP POLICY audit_logs_retention ON slimy.audit_logs;
DROP POLICY users_visitor_read ON slimy.users;
DROP POLICY users_visitor_change ON slimy.users;
DROP POLICY guilds_visitor_read ON slimy.guilds;
DROP POLICY guilds_visitor_add ON slimy.guilds;
DROP POLICY guilds_visitor_change ON slimy.guilds;
DROP POLICY user_guilds_visitor ON slimy.user_guilds;
DROP POLICY sessions_visitor ON slimy.sessions;
DROP POLICY conversations_visitor_read ON slimy.conversations;
DROP POLICY conversations_visitor_add ON slimy.conversations;
DROP POLICY conversations_visitor_change ON slimy.conversations;
DROP POLICY conversations_visitor_remove ON slimy.conversations;
DROP POLICY chat_messages_visitor_read ON slimy.chat_messages;
DROP POLICY chat_messages_visitor_add ON slimy.chat_messages;
DROP POLICY chat_messages_visitor_change ON slimy.chat_messages;
DROP POLICY chat_messages_visitor_remove ON slimy.chat_messages;
DROP POLICY club_analyses_visitor_read ON slimy.club_analyses;
DROP POLICY club_analyses_visitor_add ON slimy.club_analyses;
DROP POLICY club_analyses_visitor_change ON slimy.club_analyses;
DROP POLICY club_analyses_visitor_remove ON slimy.club_analyses;
DROP POLICY club_analysis_images_visitor ON slimy.club_analysis_images;
DROP POLICY club_metrics_visitor ON slimy.club_metrics;
DROP POLICY club_member_metrics_visitor ON slimy.club_member_metrics;
DROP POLICY club_member_latest_visitor ON slimy.club_member_latest;
DROP POLICY screenshot_analyses_visitor ON slimy.screenshot_analyses;
DROP POLICY screenshot_data_visitor ON slimy.screenshot_data;
DROP POLICY screenshot_tags_visitor ON slimy.screenshot_tags;
DROP POLICY screenshot_insights_visitor ON slimy.screenshot_insights;
DROP POLICY screenshot_recommendations_visitor ON slimy.screenshot_recommendations;
DROP POLICY screenshot_comparisons_visitor ON slimy.screenshot_comparisons;
DROP POLICY stats_visitor_read ON slimy.stats;
DROP POLICY stat_deltas_visitor_read ON slimy.stat_deltas;
DROP POLICY guild_stat_totals_visitor_read ON slimy.guild_stat_totals;
DROP POLICY user_preferences_visitor ON slimy.user_preferences;
DROP POLICY guild_feature_flags_visitor ON slimy.guild_feature_flags;
DROP POLICY guild_settings_visitor ON slimy.guild_settings;
DROP POLICY guild_personalities_visitor ON slimy.guild_personalities;
DROP POLICY code_reports_visitor ON slimy.code_reports;

ALTER TABLE slimy.users DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guilds DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.user_guilds DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.sessions DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.api_keys DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.idempotency_keys DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.conversations DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.chat_messages DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_analyses DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_analysis_images DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_metrics DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_member_metrics DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_member_latest DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_analyses DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_data DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_tags DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_insights DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_recommendations DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_comparisons DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.stats DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.stat_deltas DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.stat_totals DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_stat_totals DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.audit_logs DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.audit_log_deltas DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.audit_log_totals DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.user_preferences DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_feature_flags DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_settings DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_personalities DISABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.code_reports DISABLE ROW LEVEL SECURITY;

REVOKE ALL ON ALL TABLES IN SCHEMA slimy FROM slimy_visitor;
REVOKE USAGE ON SCHEMA slimy FROM slimy_visitor;

ALTER FUNCTION slimy.take_names() SECURITY INVOKER RESET search_path;
ALTER FUNCTION slimy.give_names() SECURITY INVOKER RESET search_path;
ALTER FUNCTION slimy.keep_last_owner() SECURITY INVOKER RESET search_path;
ALTER FUNCTION slimy.follow_club_members() SECURITY INVOKER RESET search_path;
ALTER FUNCTION slimy.recall_club_members() SECURITY INVOKER RESET search_path;

DROP FUNCTION slimy.has_screenshot_analysis(uuid);
DROP FUNCTION slimy.has_club_analysis(uuid);
DROP FUNCTION slimy.visitor_led_guilds();
DROP FUNCTION slimy.visitor_guilds();
DROP FUNCTION slimy.visitor_id();
