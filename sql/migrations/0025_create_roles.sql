-- Who may do what. slimy_owner owns everything and signs in as nobody; slimy_migrator may become it
-- to migrate; slimy_app is the service, with what its queries need and nothing else; slimy_readonly
-- looks at everything but secrets; slimy_retention, made before, looks after months.
--
-- Later migrations that make something begin with SET LOCAL ROLE slimy_owner and end with RESET
-- ROLE, so that it is the owner's, whoever applies them.
--
-- depends: 0024_row_level_security
-- phase: expand
-- allow: depends-missing: it concerns every table there is: the one before it stands for all
-- allow: several-tables-locked: each for a moment, for its policy and its owner, and all at once

-- Roles belong to the whole cluster: another database of it may have made these before, and whoever
-- migrates may not make any: then the message says what to ask for. NOINHERIT: a migrator has the
-- owner's rights, and the service those of a visitor, when it says so and not before; a membership
-- takes this from the member on every version, where WITH INHERIT FALSE begins with 16.
DO $migration$
DECLARE
    held text := current_setting('role');
    missing text;
BEGIN
    BEGIN
        IF to_regrole('slimy_owner') IS NULL THEN
            CREATE ROLE slimy_owner NOLOGIN NOINHERIT;
            COMMENT ON ROLE slimy_owner IS 'Owns the schema slimy; nobody signs in as it.';
        END IF;
        IF to_regrole('slimy_migrator') IS NULL THEN
            CREATE ROLE slimy_migrator NOLOGIN NOINHERIT;
            COMMENT ON ROLE slimy_migrator IS 'May become slimy_owner, to migrate.';
        END IF;
        IF to_regrole('slimy_app') IS NULL THEN
            CREATE ROLE slimy_app NOLOGIN NOINHERIT;
            COMMENT ON ROLE slimy_app IS 'What the queries of the service need, and no more.';
        END IF;
        IF to_regrole('slimy_readonly') IS NULL THEN
            CREATE ROLE slimy_readonly NOLOGIN;
            COMMENT ON ROLE slimy_readonly IS 'Reads all rows, but no secrets.';
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            NULL; -- made by a migration of another database at the same moment
    END;
    BEGIN
        IF NOT pg_has_role('slimy_migrator', 'slimy_owner', 'MEMBER') THEN
            GRANT slimy_owner TO slimy_migrator;
        END IF;
        IF NOT pg_has_role('slimy_app', 'slimy_visitor', 'MEMBER') THEN
            GRANT slimy_visitor TO slimy_app;
        END IF;
        IF NOT pg_has_role(current_user, 'slimy_owner', 'USAGE') THEN
            EXECUTE format('GRANT slimy_owner TO %I', current_user);
        END IF;
    EXCEPTION
        WHEN unique_violation OR internal_error THEN
            NULL; -- granted by a migration of another database at the same moment
    END;
    -- The proof, whoever granted what.
    SET LOCAL ROLE slimy_owner;
    PERFORM set_config('role', held, TRUE);
    SELECT string_agg(m.member || ' is no member of ' || m.role, ', ') INTO missing
    FROM (
        VALUES ('slimy_migrator', 'slimy_owner'), ('slimy_app', 'slimy_visitor')
    ) AS m (member, role)
    WHERE NOT pg_has_role(m.member, m.role, 'MEMBER');
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION '%', missing USING ERRCODE = 'insufficient_privilege';
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR invalid_parameter_value OR undefined_object THEN
        RAISE EXCEPTION
            'the roles cannot be made, or % cannot become slimy_owner (%); have a superuser run '
            'sql/roles.sql, and: GRANT slimy_owner TO %',
            current_user, sqlerrm, quote_ident(current_user)
        USING ERRCODE = 'insufficient_privilege';
END
$migration$;

-- What triggers keep in step, they keep in step for whoever writes: then the service needs no right
-- to write into counts itself. keep_stats() and keep_audit_logs() stay as they are: they ask who
-- it is.
ALTER FUNCTION slimy.count_stats() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION slimy.count_audit_logs() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- By the owner's right, so that the job that makes months needs nothing else of it. The owner can
-- attach to its own tables only, whatever a caller asks for.
ALTER FUNCTION slimy.make_partitions(regclass, date, integer)
SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- Functions are everyone's unless it is said otherwise, which matters most for those that run by
-- their owner's right.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA slimy FROM public;
ALTER DEFAULT PRIVILEGES FOR ROLE slimy_owner REVOKE EXECUTE ON FUNCTIONS FROM public;

GRANT USAGE ON SCHEMA slimy TO slimy_app, slimy_readonly;

GRANT EXECUTE ON FUNCTION slimy.make_partitions(regclass, date, integer) TO slimy_retention;

-- Called by queries, and by what inserting calls: defaults and the expressions of indexes.
GRANT EXECUTE ON FUNCTION
slimy.has_other_owner(bigint, uuid[]),
slimy.names_query_within(bigint, text),
slimy.names_within(bigint, text),
slimy.personality_presets(),
slimy.replace_club_metrics(uuid, jsonb),
slimy.screenshot_differences(uuid, uuid),
slimy.shortened(jsonb),
slimy.to_tsvector(text),
slimy.uuid_v7(),
slimy.words_query(text),
slimy.words_query_within(text, text),
slimy.words_within(text, text)
TO slimy_app, slimy_visitor;

-- Asked by the policies of visitors, with a visitor's right.
GRANT EXECUTE ON FUNCTION
slimy.has_club_analysis(uuid),
slimy.has_screenshot_analysis(uuid),
slimy.visitor_guilds(),
slimy.visitor_id(),
slimy.visitor_led_guilds()
TO slimy_visitor;

-- To look at things in the way that the service does.
GRANT EXECUTE ON FUNCTION
slimy.names_query_within(bigint, text),
slimy.names_within(bigint, text),
slimy.personality_presets(),
slimy.screenshot_differences(uuid, uuid),
slimy.shortened(jsonb),
slimy.to_tsvector(text),
slimy.words_query(text),
slimy.words_query_within(text, text),
slimy.words_within(text, text)
TO slimy_readonly;

-- What the queries need, as `slimy migrate grants` works it out; a test holds one against the
-- other. UPDATE (id) alone is for a lock: rows that are locked before they are deleted.

GRANT
SELECT (
    id,
    discord_id,
    username,
    global_name,
    avatar,
    email,
    discord_access_token,
    discord_refresh_token,
    token_key_id,
    token_expires_at,
    created_at,
    updated_at,
    last_active_guild_id
),
INSERT (discord_id, username, global_name, avatar, email),
UPDATE (
    username,
    global_name,
    avatar,
    email,
    discord_access_token,
    discord_refresh_token,
    token_key_id,
    token_expires_at,
    last_active_guild_id
),
DELETE
ON slimy.users TO slimy_app;

GRANT
SELECT (
    id, name, icon, owner_id, settings, created_at, updated_at, deleted_at, purge_started_at
),
INSERT (id, name, icon, owner_id, settings),
UPDATE (name, icon, owner_id, settings, deleted_at, purge_started_at),
DELETE
ON slimy.guilds TO slimy_app;

GRANT
SELECT (user_id, guild_id, roles, joined_at, names, updated_at),
INSERT (user_id, guild_id, roles, joined_at),
UPDATE (roles, joined_at),
DELETE
ON slimy.user_guilds TO slimy_app;

GRANT
SELECT (id, user_id, token_hash, expires_at, created_at),
INSERT (user_id, token_hash, expires_at),
UPDATE (id),
DELETE
ON slimy.sessions TO slimy_app;

GRANT
SELECT (
    id, public_id, secret_hash, name, scopes, guild_ids, expires_at, revoked_at, created_at
),
INSERT (public_id, secret_hash, name, scopes, guild_ids, expires_at),
UPDATE (expires_at, revoked_at)
ON slimy.api_keys TO slimy_app;

GRANT
SELECT (id, user_id, guild_id, title, personality_mode, deleted_at, created_at, updated_at),
INSERT (user_id, guild_id, title, personality_mode),
UPDATE (title, personality_mode, deleted_at),
DELETE
ON slimy.conversations TO slimy_app;

GRANT
SELECT (
    id, conversation_id, user_id, guild_id, created_at, updated_at, admin_only, role, text
),
INSERT (
    id, conversation_id, user_id, guild_id, created_at, updated_at, admin_only, role, text
),
UPDATE (admin_only, text),
DELETE
ON slimy.chat_messages TO slimy_app;

GRANT
SELECT (id, guild_id, user_id, title, summary, confidence, created_at, updated_at),
INSERT (guild_id, user_id, title, summary, confidence),
UPDATE (title, summary, confidence, updated_at),
DELETE
ON slimy.club_analyses TO slimy_app;

GRANT
SELECT (analysis_id, id, image_url, original_name, file_size, uploaded_at),
INSERT (analysis_id, image_url, original_name, file_size),
DELETE
ON slimy.club_analysis_images TO slimy_app;

GRANT
SELECT (analysis_id, name, value, unit, category),
INSERT (analysis_id, name, value, unit, category),
UPDATE (value, unit, category),
DELETE
ON slimy.club_metrics TO slimy_app;

GRANT
SELECT (
    id,
    user_id,
    screenshot_type,
    image_url,
    title,
    description,
    summary,
    confidence,
    processing_time_ms,
    model_used,
    raw_response,
    created_at,
    updated_at
),
INSERT (
    user_id,
    screenshot_type,
    image_url,
    title,
    description,
    summary,
    confidence,
    processing_time_ms,
    model_used,
    raw_response
),
UPDATE (screenshot_type, title, description, summary, confidence, updated_at),
DELETE
ON slimy.screenshot_analyses TO slimy_app;

GRANT
SELECT (analysis_id, key, value, data_type, category, confidence),
INSERT (analysis_id, key, value, data_type, category, confidence),
UPDATE (value, data_type, category, confidence),
DELETE
ON slimy.screenshot_data TO slimy_app;

GRANT
SELECT (analysis_id, tag, category),
INSERT (analysis_id, tag, category),
UPDATE (category),
DELETE
ON slimy.screenshot_tags TO slimy_app;

GRANT
SELECT (
    analysis_id, id, type, priority, title, description, confidence, actionable, created_at
),
INSERT (analysis_id, type, priority, title, description, confidence, actionable),
DELETE
ON slimy.screenshot_insights TO slimy_app;

GRANT
SELECT (
    analysis_id, id, type, priority, title, description, impact, effort, actionable, created_at
),
INSERT (analysis_id, type, priority, title, description, impact, effort, actionable),
DELETE
ON slimy.screenshot_recommendations TO slimy_app;

GRANT
SELECT (
    id,
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights,
    created_at
),
INSERT (
    user_id, analysis_id_1, analysis_id_2, comparison_type, summary, trend, differences, insights
),
UPDATE (id),
DELETE
ON slimy.screenshot_comparisons TO slimy_app;

GRANT
SELECT (id, recorded_at, user_id, guild_id, type, value),
INSERT (recorded_at, user_id, guild_id, type, value)
ON slimy.stats TO slimy_app;

GRANT
SELECT (id, guild_id, bucket_start, type, entries, numbers, total, lowest, highest),
UPDATE (id),
DELETE
ON slimy.stat_deltas TO slimy_app;

GRANT
SELECT (grain, bucket_start, type, entries, numbers, total, lowest, highest),
INSERT (grain, bucket_start, type, entries, numbers, total, lowest, highest),
UPDATE (entries, numbers, total, lowest, highest)
ON slimy.stat_totals TO slimy_app;

GRANT
SELECT (guild_id, grain, bucket_start, type, entries, numbers, total, lowest, highest),
INSERT (guild_id, grain, bucket_start, type, entries, numbers, total, lowest, highest),
UPDATE (entries, numbers, total, lowest, highest),
DELETE
ON slimy.guild_stat_totals TO slimy_app;

GRANT
SELECT (
    id,
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
),
INSERT (
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
)
ON slimy.audit_logs TO slimy_app;

GRANT
SELECT (id, bucket_start, action, entries, failures),
UPDATE (id),
DELETE
ON slimy.audit_log_deltas TO slimy_app;

GRANT
SELECT (grain, bucket_start, action, entries, failures),
INSERT (grain, bucket_start, action, entries, failures),
UPDATE (entries, failures)
ON slimy.audit_log_totals TO slimy_app;

GRANT
SELECT (guild_id, member_key, observed_at, name, sim_power, total_power),
INSERT (guild_id, member_key, observed_at, name, sim_power, total_power),
UPDATE (name, sim_power, total_power),
DELETE
ON slimy.club_member_metrics TO slimy_app;

GRANT
SELECT (guild_id, member_key, name, sim_power, total_power, last_seen_at)
ON slimy.club_member_latest TO slimy_app;

GRANT
SELECT (user_id, theme, language, notifications, chat_personality, updated_at),
INSERT (user_id, theme, language, notifications, chat_personality),
UPDATE (theme, language, notifications, chat_personality),
DELETE
ON slimy.user_preferences TO slimy_app;

GRANT
SELECT (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats,
    updated_at
),
INSERT (
    guild_id, color_primary, badge_style, ensemble_ocr, second_approver, ask_manus, public_stats
),
UPDATE (color_primary, badge_style, ensemble_ocr, second_approver, ask_manus, public_stats),
DELETE
ON slimy.guild_feature_flags TO slimy_app;

GRANT
SELECT (
    id, code, reason, details, status, reporter_id, reviewer_id, reviewed_at, created_at, updated_at
),
INSERT (code, reason, details, reporter_id),
UPDATE (status, reporter_id, reviewer_id, reviewed_at),
DELETE
ON slimy.code_reports TO slimy_app;

GRANT
SELECT (
    guild_id,
    sheet_id,
    sheet_tab,
    view_mode,
    allow_public,
    screenshot_channel_id,
    uploads_enabled,
    notes,
    updated_at
),
INSERT (
    guild_id,
    sheet_id,
    sheet_tab,
    view_mode,
    allow_public,
    screenshot_channel_id,
    uploads_enabled,
    notes
),
UPDATE (
    sheet_id, sheet_tab, view_mode, allow_public, screenshot_channel_id, uploads_enabled, notes
),
DELETE
ON slimy.guild_settings TO slimy_app;

GRANT
SELECT (
    guild_id, preset, system_prompt, temperature, top_p, tone, formality, humor, emojis, updated_at
),
INSERT (guild_id, preset, system_prompt, temperature, top_p, tone, formality, humor, emojis),
UPDATE (preset, system_prompt, temperature, top_p, tone, formality, humor, emojis)
ON slimy.guild_personalities TO slimy_app;

GRANT
SELECT (caller, key, request_hash, status, location, body, expires_at, created_at),
INSERT (caller, key, request_hash),
UPDATE (request_hash, status, location, body, expires_at, created_at),
DELETE
ON slimy.idempotency_keys TO slimy_app;

-- Everything but what opens something: tokens, hashes, and answers that are kept for repetition, in
-- which a new key may stand.

GRANT SELECT (
    id,
    discord_id,
    username,
    global_name,
    avatar,
    email,
    token_key_id,
    token_expires_at,
    created_at,
    updated_at,
    last_active_guild_id
) ON slimy.users TO slimy_readonly;

GRANT SELECT (
    id, name, icon, owner_id, settings, created_at, updated_at, deleted_at, purge_started_at
) ON slimy.guilds TO slimy_readonly;

GRANT
SELECT (user_id, guild_id, roles, joined_at, names, updated_at)
ON slimy.user_guilds TO slimy_readonly;

GRANT SELECT (id, user_id, expires_at, created_at) ON slimy.sessions TO slimy_readonly;

GRANT SELECT (
    id, public_id, name, scopes, guild_ids, expires_at, revoked_at, created_at, updated_at
) ON slimy.api_keys TO slimy_readonly;

GRANT SELECT (
    id, user_id, guild_id, guild_scope, title, personality_mode, deleted_at, created_at, updated_at
) ON slimy.conversations TO slimy_readonly;

GRANT SELECT (
    id,
    conversation_id,
    user_id,
    guild_id,
    guild_scope,
    created_at,
    updated_at,
    admin_only,
    role,
    text
) ON slimy.chat_messages TO slimy_readonly;

GRANT
SELECT (id, guild_id, user_id, title, summary, confidence, created_at, updated_at)
ON slimy.club_analyses TO slimy_readonly;

GRANT
SELECT (analysis_id, id, image_url, original_name, file_size, uploaded_at)
ON slimy.club_analysis_images TO slimy_readonly;

GRANT SELECT (analysis_id, name, value, unit, category) ON slimy.club_metrics TO slimy_readonly;

GRANT SELECT (
    id,
    user_id,
    screenshot_type,
    image_url,
    title,
    description,
    summary,
    confidence,
    processing_time_ms,
    model_used,
    raw_response,
    created_at,
    updated_at
) ON slimy.screenshot_analyses TO slimy_readonly;

GRANT
SELECT (analysis_id, key, value, data_type, category, confidence)
ON slimy.screenshot_data TO slimy_readonly;

GRANT SELECT (analysis_id, tag, category) ON slimy.screenshot_tags TO slimy_readonly;

GRANT SELECT (
    analysis_id, id, type, priority, title, description, confidence, actionable, created_at
) ON slimy.screenshot_insights TO slimy_readonly;

GRANT SELECT (
    analysis_id, id, type, priority, title, description, impact, effort, actionable, created_at
) ON slimy.screenshot_recommendations TO slimy_readonly;

GRANT SELECT (
    id,
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights,
    created_at
) ON slimy.screenshot_comparisons TO slimy_readonly;

GRANT SELECT (id, recorded_at, user_id, guild_id, type, value) ON slimy.stats TO slimy_readonly;

GRANT
SELECT (id, guild_id, bucket_start, type, entries, numbers, total, lowest, highest)
ON slimy.stat_deltas TO slimy_readonly;

GRANT
SELECT (grain, bucket_start, type, entries, numbers, total, lowest, highest)
ON slimy.stat_totals TO slimy_readonly;

GRANT
SELECT (guild_id, grain, bucket_start, type, entries, numbers, total, lowest, highest)
ON slimy.guild_stat_totals TO slimy_readonly;

GRANT SELECT (
    id,
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
) ON slimy.audit_logs TO slimy_readonly;

GRANT
SELECT (id, bucket_start, action, entries, failures)
ON slimy.audit_log_deltas TO slimy_readonly;

GRANT
SELECT (grain, bucket_start, action, entries, failures)
ON slimy.audit_log_totals TO slimy_readonly;

GRANT
SELECT (guild_id, member_key, observed_at, name, sim_power, total_power)
ON slimy.club_member_metrics TO slimy_readonly;

GRANT
SELECT (guild_id, member_key, name, sim_power, total_power, last_seen_at, updated_at)
ON slimy.club_member_latest TO slimy_readonly;

GRANT
SELECT (user_id, theme, language, notifications, chat_personality, created_at, updated_at)
ON slimy.user_preferences TO slimy_readonly;

GRANT SELECT (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats,
    created_at,
    updated_at
) ON slimy.guild_feature_flags TO slimy_readonly;

GRANT SELECT (
    id, code, reason, details, status, reporter_id, reviewer_id, reviewed_at, created_at, updated_at
) ON slimy.code_reports TO slimy_readonly;

GRANT SELECT (
    guild_id,
    sheet_id,
    sheet_tab,
    view_mode,
    allow_public,
    screenshot_channel_id,
    uploads_enabled,
    notes,
    created_at,
    updated_at
) ON slimy.guild_settings TO slimy_readonly;

GRANT SELECT (
    guild_id,
    preset,
    system_prompt,
    temperature,
    top_p,
    tone,
    formality,
    humor,
    emojis,
    created_at,
    updated_at
) ON slimy.guild_personalities TO slimy_readonly;

GRANT
SELECT (caller, key, status, location, expires_at, created_at)
ON slimy.idempotency_keys TO slimy_readonly;

-- Policies and not BYPASSRLS, which takes a superuser, holds for every table of the cluster, and is
-- not passed on to members. TRUE is no condition to the planner: indexes are used as by the owner.
-- The price is COPY FROM, which row level security refuses: bulk loads are the owner's.
CREATE POLICY users_service ON slimy.users TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY guilds_service ON slimy.guilds TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY user_guilds_service ON slimy.user_guilds TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY sessions_service ON slimy.sessions TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY api_keys_service ON slimy.api_keys TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY conversations_service ON slimy.conversations
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY chat_messages_service ON slimy.chat_messages
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY club_analyses_service ON slimy.club_analyses
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY club_analysis_images_service ON slimy.club_analysis_images
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY club_metrics_service ON slimy.club_metrics TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY screenshot_analyses_service ON slimy.screenshot_analyses
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY screenshot_data_service ON slimy.screenshot_data
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY screenshot_tags_service ON slimy.screenshot_tags
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY screenshot_insights_service ON slimy.screenshot_insights
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY screenshot_recommendations_service ON slimy.screenshot_recommendations
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY screenshot_comparisons_service ON slimy.screenshot_comparisons
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY stats_service ON slimy.stats TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY stat_deltas_service ON slimy.stat_deltas TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY stat_totals_service ON slimy.stat_totals TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY guild_stat_totals_service ON slimy.guild_stat_totals
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY audit_logs_service ON slimy.audit_logs TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY audit_log_deltas_service ON slimy.audit_log_deltas
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY audit_log_totals_service ON slimy.audit_log_totals
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY club_member_metrics_service ON slimy.club_member_metrics
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY club_member_latest_service ON slimy.club_member_latest
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY user_preferences_service ON slimy.user_preferences
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY guild_feature_flags_service ON slimy.guild_feature_flags
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY code_reports_service ON slimy.code_reports TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY guild_settings_service ON slimy.guild_settings
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY guild_personalities_service ON slimy.guild_personalities
TO slimy_app, slimy_readonly USING (TRUE);
CREATE POLICY idempotency_keys_service ON slimy.idempotency_keys
TO slimy_app, slimy_readonly USING (TRUE);

COMMENT ON POLICY users_service ON slimy.users IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY guilds_service ON slimy.guilds IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY user_guilds_service ON slimy.user_guilds IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY sessions_service ON slimy.sessions IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY api_keys_service ON slimy.api_keys IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY conversations_service ON slimy.conversations IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY chat_messages_service ON slimy.chat_messages IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY club_analyses_service ON slimy.club_analyses IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY club_analysis_images_service ON slimy.club_analysis_images IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY club_metrics_service ON slimy.club_metrics IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY screenshot_analyses_service ON slimy.screenshot_analyses IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY screenshot_data_service ON slimy.screenshot_data IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY screenshot_tags_service ON slimy.screenshot_tags IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY screenshot_insights_service ON slimy.screenshot_insights IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY screenshot_recommendations_service ON slimy.screenshot_recommendations IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY screenshot_comparisons_service ON slimy.screenshot_comparisons IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY stats_service ON slimy.stats IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY stat_deltas_service ON slimy.stat_deltas IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY stat_totals_service ON slimy.stat_totals IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY guild_stat_totals_service ON slimy.guild_stat_totals IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY audit_logs_service ON slimy.audit_logs IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY audit_log_deltas_service ON slimy.audit_log_deltas IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY audit_log_totals_service ON slimy.audit_log_totals IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY club_member_metrics_service ON slimy.club_member_metrics IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY club_member_latest_service ON slimy.club_member_latest IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY user_preferences_service ON slimy.user_preferences IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY guild_feature_flags_service ON slimy.guild_feature_flags IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY code_reports_service ON slimy.code_reports IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY guild_settings_service ON slimy.guild_settings IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY guild_personalities_service ON slimy.guild_personalities IS
'All rows: it is privileges that say what may be done to them.';
COMMENT ON POLICY idempotency_keys_service ON slimy.idempotency_keys IS
'All rows: it is privileges that say what may be done to them.';

-- To the owner: the schema first, in which it must be able to make things. Indexes, sequences of
-- identities and row types follow their tables.
-- allow: ddl-in-do: which months there are differs from database to database
DO $migration$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('ALTER SCHEMA slimy OWNER TO slimy_owner')
        FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname = 'slimy' AND n.nspowner <> 'slimy_owner'::regrole
        UNION ALL
        SELECT format('ALTER TABLE %s OWNER TO slimy_owner', c.oid::regclass)
        FROM pg_catalog.pg_class AS c
        WHERE
            c.relnamespace = 'slimy'::regnamespace
            AND c.relkind IN ('r', 'p')
            AND c.relowner <> 'slimy_owner'::regrole
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO slimy_owner', p.oid::regprocedure)
        FROM pg_catalog.pg_proc AS p
        WHERE
            p.pronamespace = 'slimy'::regnamespace
            AND p.proowner <> 'slimy_owner'::regrole
    LOOP
        EXECUTE command;
    END LOOP;
END
$migration$;
