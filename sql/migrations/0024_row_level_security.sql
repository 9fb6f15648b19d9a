-- What callers may reach at all, kept by the database underneath the service's own rules: a
-- transaction that becomes slimy_visitor sees and changes the rows of one user, or of some guilds,
-- and nothing of anybody else, whatever its statements ask for.
--
-- depends: 0023_create_idempotency_keys
-- phase: expand

-- Roles belong to the whole cluster: another database of it may have made this one already. Whoever
-- migrates has to be able to become it; a superuser is.
DO $migration$
DECLARE
    held text := current_setting('role');
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'slimy_visitor') THEN
            CREATE ROLE slimy_visitor NOLOGIN;
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            NULL; -- made by a migration of another database at the same moment
    END;
    IF NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) THEN
        BEGIN
            EXECUTE format('GRANT slimy_visitor TO %I', current_user);
        EXCEPTION
            -- Granted by somebody else before, or by a migration of another database just now.
            WHEN insufficient_privilege OR unique_violation OR internal_error THEN
                NULL;
        END;
    END IF;
    -- The proof, whoever granted what: it is how each bound transaction begins.
    SET LOCAL ROLE slimy_visitor;
    PERFORM set_config('role', held, TRUE);
EXCEPTION
    WHEN insufficient_privilege OR invalid_parameter_value THEN
        RAISE EXCEPTION
            'the role slimy_visitor cannot be made, or % cannot become it; have a superuser run: '
            'CREATE ROLE slimy_visitor NOLOGIN; GRANT slimy_visitor TO %',
            current_user, quote_ident(current_user)
        USING ERRCODE = 'insufficient_privilege';
END
$migration$;

GRANT USAGE ON SCHEMA slimy TO slimy_visitor;

-- Both are settings of the transaction. Empty is what SET LOCAL leaves behind on a connection, and
-- means the same as never set: nobody.
CREATE FUNCTION slimy.visitor_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $body$
    SELECT nullif(current_setting('slimy.user_id', TRUE), '')::uuid
$body$;

COMMENT ON FUNCTION slimy.visitor_id() IS
'The user for whom this transaction runs, from slimy.user_id; NULL for none.';

-- SECURITY DEFINER, because the policies of guilds and memberships ask it and would otherwise ask
-- themselves. plpgsql, because its plan is kept from one statement to the next. Policies call it
-- inside a SELECT, so that it runs once in a statement and not once in a row.
CREATE FUNCTION slimy.visitor_guilds() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    visitor uuid := slimy.visitor_id();
    bound bigint[] := nullif(current_setting('slimy.guild_ids', TRUE), '')::bigint[];
BEGIN
    IF visitor IS NULL THEN
        RETURN coalesce(bound, '{}');
    END IF;
    RETURN ARRAY(
        SELECT m.guild_id
        FROM slimy.user_guilds AS m
        WHERE m.user_id = visitor AND (bound IS NULL OR m.guild_id = ANY(bound))
        UNION
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.owner_id = visitor AND (bound IS NULL OR g.id = ANY(bound))
    );
END
$body$;

COMMENT ON FUNCTION slimy.visitor_guilds() IS
'The guilds that this transaction reaches: those the user owns or is a member of, of these only '
'the ones in slimy.guild_ids where that is set; without a user, the ones in slimy.guild_ids; '
'without either, none.';

CREATE FUNCTION slimy.visitor_led_guilds() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    visitor uuid := slimy.visitor_id();
    bound bigint[] := nullif(current_setting('slimy.guild_ids', TRUE), '')::bigint[];
BEGIN
    IF visitor IS NULL THEN
        RETURN coalesce(bound, '{}');
    END IF;
    RETURN ARRAY(
        SELECT m.guild_id
        FROM slimy.user_guilds AS m
        WHERE
            m.user_id = visitor
            AND m.roles && ARRAY['owner', 'admin']
            AND (bound IS NULL OR m.guild_id = ANY(bound))
        UNION
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.owner_id = visitor AND (bound IS NULL OR g.id = ANY(bound))
    );
END
$body$;

COMMENT ON FUNCTION slimy.visitor_led_guilds() IS
'Those of visitor_guilds() in which the user has the permission manage_guild; without a user, all '
'of them: a key bound to guilds has no role in them.';

-- An analysis and its parts are made by one statement, and the rule for the parts cannot see the
-- analysis yet. What nobody has is made just now, under the rule for analyses; the foreign key sees
-- to it that it is.
CREATE FUNCTION slimy.has_club_analysis(analysis uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN EXISTS (SELECT FROM slimy.club_analyses AS a WHERE a.id = analysis);
END
$body$;

COMMENT ON FUNCTION slimy.has_club_analysis(uuid) IS
'Whether there is such an analysis, whosoever it is.';

CREATE FUNCTION slimy.has_screenshot_analysis(analysis uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN EXISTS (SELECT FROM slimy.screenshot_analyses AS a WHERE a.id = analysis);
END
$body$;

COMMENT ON FUNCTION slimy.has_screenshot_analysis(uuid) IS
'Whether there is such an analysis of a screenshot, whosoever it is.';

-- What triggers keep in step, they keep in step for whoever writes: a visitor sees neither the
-- names of somebody who is no member yet, nor, having left, the guild that must not lose its last
-- owner.
ALTER FUNCTION slimy.take_names() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION slimy.give_names() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION slimy.keep_last_owner() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION slimy.follow_club_members() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION slimy.recall_club_members() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- Policies of guilds ask by array_position() and not by = ANY(): each statement says itself whose
-- rows it wants, and the planner would take the policy for a second, far narrower choice. It would
-- then read all of a guild and sort it, in the belief that hardly a row is left.

-- The owner of the tables is not subject to any of this, and neither are foreign keys. Tables
-- without a policy below are closed to visitors.
ALTER TABLE slimy.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guilds ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.user_guilds ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.chat_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_analyses ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_analysis_images ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_metrics ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_member_metrics ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.club_member_latest ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_analyses ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_data ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_insights ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_recommendations ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.screenshot_comparisons ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.stat_deltas ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.stat_totals ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_stat_totals ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.audit_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.audit_log_deltas ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.audit_log_totals ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.user_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_feature_flags ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.guild_personalities ENABLE ROW LEVEL SECURITY;
ALTER TABLE slimy.code_reports ENABLE ROW LEVEL SECURITY;

-- The role that may take old months away goes on seeing all of them.
CREATE POLICY stats_retention ON slimy.stats TO slimy_retention USING (TRUE);
CREATE POLICY audit_logs_retention ON slimy.audit_logs TO slimy_retention USING (TRUE);

-- Privileges are by column where rows are changed: none of those that say whose a row is can be
-- written to, so that no row can be moved. Of users, Discord's tokens cannot be read, and of
-- sessions not the hashes.

GRANT SELECT (
    id,
    discord_id,
    username,
    global_name,
    avatar,
    email,
    last_active_guild_id,
    created_at,
    updated_at
) ON slimy.users TO slimy_visitor;
GRANT UPDATE (last_active_guild_id) ON slimy.users TO slimy_visitor;

-- Somebody who left a guild still has to be named as the author of what they said there. In this
-- order, because most are still members.
CREATE POLICY users_visitor_read ON slimy.users FOR SELECT TO slimy_visitor
USING (
    id = (SELECT slimy.visitor_id())
    OR EXISTS (
        SELECT FROM slimy.user_guilds AS m
        WHERE m.user_id = users.id AND m.guild_id = ANY((SELECT slimy.visitor_guilds())::bigint[])
    )
    OR EXISTS (
        SELECT FROM slimy.chat_messages AS c
        WHERE c.user_id = users.id AND c.guild_id = ANY((SELECT slimy.visitor_guilds())::bigint[])
    )
);

CREATE POLICY users_visitor_change ON slimy.users FOR UPDATE TO slimy_visitor
USING (id = (SELECT slimy.visitor_id()));

GRANT
SELECT,
INSERT (id, name, icon, owner_id, settings),
UPDATE (name, icon, owner_id, settings, deleted_at, purge_started_at)
ON slimy.guilds TO slimy_visitor;

-- An analysis stays its maker's when they leave the guild, and is shown while the guild is not
-- deleted: so they see the guild's row.
CREATE POLICY guilds_visitor_read ON slimy.guilds FOR SELECT TO slimy_visitor
USING (
    array_position((SELECT slimy.visitor_guilds()), id) IS NOT NULL
    OR EXISTS (
        SELECT FROM slimy.club_analyses AS a
        WHERE a.guild_id = guilds.id AND a.user_id = (SELECT slimy.visitor_id())
    )
);

-- A key bound to a guild may make it; for a user, no guild that does not exist is among theirs.
CREATE POLICY guilds_visitor_add ON slimy.guilds FOR INSERT TO slimy_visitor
WITH CHECK (array_position((SELECT slimy.visitor_guilds()), id) IS NOT NULL);

-- All members and not only those who lead it: whoever changes the roster locks the guild's row.
CREATE POLICY guilds_visitor_change ON slimy.guilds FOR UPDATE TO slimy_visitor
USING (array_position((SELECT slimy.visitor_guilds()), id) IS NOT NULL);

GRANT
SELECT,
INSERT (user_id, guild_id, roles, joined_at),
UPDATE (roles, joined_at),
DELETE
ON slimy.user_guilds TO slimy_visitor;

-- Not simply a user's own: that would let them write themselves into any guild.
CREATE POLICY user_guilds_visitor ON slimy.user_guilds TO slimy_visitor
USING (array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL);

GRANT SELECT (id, user_id, expires_at, created_at), DELETE ON slimy.sessions TO slimy_visitor;

CREATE POLICY sessions_visitor ON slimy.sessions TO slimy_visitor
USING (user_id = (SELECT slimy.visitor_id()));

GRANT
SELECT,
INSERT (user_id, guild_id, title, personality_mode),
UPDATE (title, personality_mode, deleted_at),
DELETE
ON slimy.conversations TO slimy_visitor;

-- A user's are their own, also among the members of a guild; a key bound to a guild reaches all
-- that are held in it. Deleted ones of a guild are seen as such: lists of the guild's messages
-- leave out what was said in them.
CREATE POLICY conversations_visitor_read ON slimy.conversations FOR SELECT TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR (
        (deleted_at IS NOT NULL OR (SELECT slimy.visitor_id()) IS NULL)
        AND array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
    )
);

CREATE POLICY conversations_visitor_add ON slimy.conversations FOR INSERT TO slimy_visitor
WITH CHECK (
    user_id = (SELECT slimy.visitor_id())
    AND (guild_id IS NULL OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL)
);

CREATE POLICY conversations_visitor_change ON slimy.conversations FOR UPDATE TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR (
        (SELECT slimy.visitor_id()) IS NULL
        AND array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
    )
);

CREATE POLICY conversations_visitor_remove ON slimy.conversations FOR DELETE TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR (
        (SELECT slimy.visitor_id()) IS NULL
        AND array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
    )
);

GRANT
SELECT,
INSERT (conversation_id, guild_id, user_id, role, text, admin_only),
UPDATE (text, admin_only),
DELETE
ON slimy.chat_messages TO slimy_visitor;

CREATE POLICY chat_messages_visitor_read ON slimy.chat_messages FOR SELECT TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR (
        array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
        AND (
            NOT admin_only
            OR array_position((SELECT slimy.visitor_led_guilds()), guild_id) IS NOT NULL
        )
    )
);

-- In a conversation of their own a user goes on talking after leaving its guild; the foreign key
-- sees to it that it is their own, and of that guild.
CREATE POLICY chat_messages_visitor_add ON slimy.chat_messages FOR INSERT TO slimy_visitor
WITH CHECK (
    (
        user_id = (SELECT slimy.visitor_id())
        AND (
            guild_id IS NULL
            OR conversation_id IS NOT NULL
            OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
        )
    )
    OR (
        (SELECT slimy.visitor_id()) IS NULL
        AND array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
    )
);

CREATE POLICY chat_messages_visitor_change ON slimy.chat_messages FOR UPDATE TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
);

CREATE POLICY chat_messages_visitor_remove ON slimy.chat_messages FOR DELETE TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
);

GRANT
SELECT,
INSERT (guild_id, user_id, title, summary, confidence),
UPDATE (title, summary, confidence, updated_at),
DELETE
ON slimy.club_analyses TO slimy_visitor;

CREATE POLICY club_analyses_visitor_read ON slimy.club_analyses FOR SELECT TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
);

-- A key bound to guilds keeps them for anybody.
CREATE POLICY club_analyses_visitor_add ON slimy.club_analyses FOR INSERT TO slimy_visitor
WITH CHECK (
    array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
    AND coalesce(user_id = (SELECT slimy.visitor_id()), TRUE)
);

CREATE POLICY club_analyses_visitor_change ON slimy.club_analyses FOR UPDATE TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
);

CREATE POLICY club_analyses_visitor_remove ON slimy.club_analyses FOR DELETE TO slimy_visitor
USING (
    user_id = (SELECT slimy.visitor_id())
    OR array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL
);

GRANT
SELECT,
INSERT (analysis_id, image_url, original_name, file_size),
DELETE
ON slimy.club_analysis_images TO slimy_visitor;

CREATE POLICY club_analysis_images_visitor ON slimy.club_analysis_images TO slimy_visitor
USING (
    EXISTS (SELECT FROM slimy.club_analyses AS a WHERE a.id = club_analysis_images.analysis_id)
    OR NOT slimy.has_club_analysis(club_analysis_images.analysis_id)
);

GRANT
SELECT,
INSERT (analysis_id, name, value, unit, category),
UPDATE (value, unit, category),
DELETE
ON slimy.club_metrics TO slimy_visitor;

CREATE POLICY club_metrics_visitor ON slimy.club_metrics TO slimy_visitor
USING (
    EXISTS (SELECT FROM slimy.club_analyses AS a WHERE a.id = club_metrics.analysis_id)
    OR NOT slimy.has_club_analysis(club_metrics.analysis_id)
);

GRANT
SELECT,
INSERT (guild_id, member_key, observed_at, name, sim_power, total_power),
UPDATE (name, sim_power, total_power)
ON slimy.club_member_metrics TO slimy_visitor;

CREATE POLICY club_member_metrics_visitor ON slimy.club_member_metrics TO slimy_visitor
USING (array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL);

-- Written by a trigger, from what was observed.
GRANT SELECT ON slimy.club_member_latest TO slimy_visitor;

CREATE POLICY club_member_latest_visitor ON slimy.club_member_latest FOR SELECT TO slimy_visitor
USING (array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL);

GRANT
SELECT,
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
ON slimy.screenshot_analyses TO slimy_visitor;

CREATE POLICY screenshot_analyses_visitor ON slimy.screenshot_analyses TO slimy_visitor
USING (user_id = (SELECT slimy.visitor_id()));

GRANT
SELECT,
INSERT (analysis_id, key, value, data_type, category, confidence),
UPDATE (value, data_type, category, confidence),
DELETE
ON slimy.screenshot_data TO slimy_visitor;

CREATE POLICY screenshot_data_visitor ON slimy.screenshot_data TO slimy_visitor
USING (
    EXISTS (SELECT FROM slimy.screenshot_analyses AS a WHERE a.id = screenshot_data.analysis_id)
    OR NOT slimy.has_screenshot_analysis(screenshot_data.analysis_id)
);

GRANT
SELECT,
INSERT (analysis_id, tag, category),
UPDATE (category),
DELETE
ON slimy.screenshot_tags TO slimy_visitor;

CREATE POLICY screenshot_tags_visitor ON slimy.screenshot_tags TO slimy_visitor
USING (
    EXISTS (SELECT FROM slimy.screenshot_analyses AS a WHERE a.id = screenshot_tags.analysis_id)
    OR NOT slimy.has_screenshot_analysis(screenshot_tags.analysis_id)
);

GRANT
SELECT,
INSERT (analysis_id, type, priority, title, description, confidence, actionable),
DELETE
ON slimy.screenshot_insights TO slimy_visitor;

CREATE POLICY screenshot_insights_visitor ON slimy.screenshot_insights TO slimy_visitor
USING (
    EXISTS (SELECT FROM slimy.screenshot_analyses AS a WHERE a.id = screenshot_insights.analysis_id)
    OR NOT slimy.has_screenshot_analysis(screenshot_insights.analysis_id)
);

GRANT
SELECT,
INSERT (analysis_id, type, priority, title, description, impact, effort, actionable),
DELETE
ON slimy.screenshot_recommendations TO slimy_visitor;

CREATE POLICY screenshot_recommendations_visitor
ON slimy.screenshot_recommendations TO slimy_visitor
USING (
    EXISTS (
        SELECT FROM slimy.screenshot_analyses AS a
        WHERE a.id = screenshot_recommendations.analysis_id
    )
    OR NOT slimy.has_screenshot_analysis(screenshot_recommendations.analysis_id)
);

GRANT
SELECT,
INSERT (
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights
),
DELETE
ON slimy.screenshot_comparisons TO slimy_visitor;

CREATE POLICY screenshot_comparisons_visitor ON slimy.screenshot_comparisons TO slimy_visitor
USING (user_id = (SELECT slimy.visitor_id()));

-- Statistics are for those who lead a guild; totals over all guilds are for nobody.
GRANT SELECT ON slimy.stats TO slimy_visitor;
GRANT SELECT ON slimy.stat_deltas TO slimy_visitor;
GRANT SELECT ON slimy.guild_stat_totals TO slimy_visitor;

CREATE POLICY stats_visitor_read ON slimy.stats FOR SELECT TO slimy_visitor
USING (array_position((SELECT slimy.visitor_led_guilds()), guild_id) IS NOT NULL);

CREATE POLICY stat_deltas_visitor_read ON slimy.stat_deltas FOR SELECT TO slimy_visitor
USING (array_position((SELECT slimy.visitor_led_guilds()), guild_id) IS NOT NULL);

CREATE POLICY guild_stat_totals_visitor_read ON slimy.guild_stat_totals
FOR SELECT TO slimy_visitor
USING (array_position((SELECT slimy.visitor_led_guilds()), guild_id) IS NOT NULL);

GRANT
SELECT,
INSERT (user_id, theme, language, notifications, chat_personality),
UPDATE (theme, language, notifications, chat_personality),
DELETE
ON slimy.user_preferences TO slimy_visitor;

CREATE POLICY user_preferences_visitor ON slimy.user_preferences TO slimy_visitor
USING (user_id = (SELECT slimy.visitor_id()));

GRANT
SELECT,
INSERT (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats
),
UPDATE (
    color_primary, badge_style, ensemble_ocr, second_approver, ask_manus, public_stats
),
DELETE
ON slimy.guild_feature_flags TO slimy_visitor;

CREATE POLICY guild_feature_flags_visitor ON slimy.guild_feature_flags TO slimy_visitor
USING (array_position((SELECT slimy.visitor_guilds()), guild_id) IS NOT NULL);

GRANT
SELECT,
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
ON slimy.guild_settings TO slimy_visitor;

CREATE POLICY guild_settings_visitor ON slimy.guild_settings TO slimy_visitor
USING (array_position((SELECT slimy.visitor_led_guilds()), guild_id) IS NOT NULL);

GRANT
SELECT,
INSERT (
    guild_id,
    preset,
    system_prompt,
    temperature,
    top_p,
    tone,
    formality,
    humor,
    emojis
),
UPDATE (preset, system_prompt, temperature, top_p, tone, formality, humor, emojis),
DELETE
ON slimy.guild_personalities TO slimy_visitor;

CREATE POLICY guild_personalities_visitor ON slimy.guild_personalities TO slimy_visitor
USING (array_position((SELECT slimy.visitor_led_guilds()), guild_id) IS NOT NULL);

GRANT SELECT, INSERT (code, reason, details, reporter_id) ON slimy.code_reports TO slimy_visitor;

CREATE POLICY code_reports_visitor ON slimy.code_reports TO slimy_visitor
USING (reporter_id = (SELECT slimy.visitor_id()));

COMMENT ON POLICY stats_retention ON slimy.stats IS
'Old months are taken away by this role, which has to see them.';
COMMENT ON POLICY audit_logs_retention ON slimy.audit_logs IS
'Old months are taken away by this role, which has to see them.';
COMMENT ON POLICY users_visitor_read ON slimy.users IS
'Oneself, the members of one''s guilds, and the authors of what was said there.';
COMMENT ON POLICY users_visitor_change ON slimy.users IS
'Nobody changes somebody else.';
COMMENT ON POLICY guilds_visitor_read ON slimy.guilds IS
'One''s guilds, and those in which one has left an analysis.';
COMMENT ON POLICY guilds_visitor_add ON slimy.guilds IS
'A key bound to a guild may make it; a user has no guild that does not exist.';
COMMENT ON POLICY guilds_visitor_change ON slimy.guilds IS
'One''s guilds; who of their members may is the service''s to say.';
COMMENT ON POLICY user_guilds_visitor ON slimy.user_guilds IS
'The rosters of one''s guilds; nobody writes themselves into another.';
COMMENT ON POLICY sessions_visitor ON slimy.sessions IS
'One''s own sessions.';
COMMENT ON POLICY conversations_visitor_read ON slimy.conversations IS
'One''s own; for a key, those of its guilds; and that others of one''s guilds are deleted.';
COMMENT ON POLICY conversations_visitor_add ON slimy.conversations IS
'One''s own, in private or in one of one''s guilds.';
COMMENT ON POLICY conversations_visitor_change ON slimy.conversations IS
'One''s own; for a key, those of its guilds.';
COMMENT ON POLICY conversations_visitor_remove ON slimy.conversations IS
'One''s own; for a key, those of its guilds.';
COMMENT ON POLICY chat_messages_visitor_read ON slimy.chat_messages IS
'One''s own and those of one''s guilds; what is for admins only, in guilds that one leads.';
COMMENT ON POLICY chat_messages_visitor_add ON slimy.chat_messages IS
'In one''s own name, in private, in one''s guilds and one''s conversations.';
COMMENT ON POLICY chat_messages_visitor_change ON slimy.chat_messages IS
'One''s own and those of one''s guilds; who of their members may is the service''s to say.';
COMMENT ON POLICY chat_messages_visitor_remove ON slimy.chat_messages IS
'One''s own and those of one''s guilds; who of their members may is the service''s to say.';
COMMENT ON POLICY club_analyses_visitor_read ON slimy.club_analyses IS
'One''s own, and those of one''s guilds.';
COMMENT ON POLICY club_analyses_visitor_add ON slimy.club_analyses IS
'In one''s own name, and in one''s guilds only.';
COMMENT ON POLICY club_analyses_visitor_change ON slimy.club_analyses IS
'One''s own and those of one''s guilds; who of their members may is the service''s to say.';
COMMENT ON POLICY club_analyses_visitor_remove ON slimy.club_analyses IS
'One''s own and those of one''s guilds; who of their members may is the service''s to say.';
COMMENT ON POLICY club_analysis_images_visitor ON slimy.club_analysis_images IS
'Those of the analyses one sees, and of one that is being made.';
COMMENT ON POLICY club_metrics_visitor ON slimy.club_metrics IS
'Those of the analyses one sees, and of one that is being made.';
COMMENT ON POLICY club_member_metrics_visitor ON slimy.club_member_metrics IS
'The clubs of one''s guilds.';
COMMENT ON POLICY club_member_latest_visitor ON slimy.club_member_latest IS
'The clubs of one''s guilds; written by a trigger.';
COMMENT ON POLICY screenshot_analyses_visitor ON slimy.screenshot_analyses IS
'One''s own.';
COMMENT ON POLICY screenshot_data_visitor ON slimy.screenshot_data IS
'Those of one''s own analyses, and of one that is being made.';
COMMENT ON POLICY screenshot_tags_visitor ON slimy.screenshot_tags IS
'Those of one''s own analyses, and of one that is being made.';
COMMENT ON POLICY screenshot_insights_visitor ON slimy.screenshot_insights IS
'Those of one''s own analyses, and of one that is being made.';
COMMENT ON POLICY screenshot_recommendations_visitor ON slimy.screenshot_recommendations IS
'Those of one''s own analyses, and of one that is being made.';
COMMENT ON POLICY screenshot_comparisons_visitor ON slimy.screenshot_comparisons IS
'One''s own.';
COMMENT ON POLICY stats_visitor_read ON slimy.stats IS
'Guilds that one leads.';
COMMENT ON POLICY stat_deltas_visitor_read ON slimy.stat_deltas IS
'Guilds that one leads; not the rows of all guilds together.';
COMMENT ON POLICY guild_stat_totals_visitor_read ON slimy.guild_stat_totals IS
'Guilds that one leads.';
COMMENT ON POLICY user_preferences_visitor ON slimy.user_preferences IS
'One''s own.';
COMMENT ON POLICY guild_feature_flags_visitor ON slimy.guild_feature_flags IS
'One''s guilds.';
COMMENT ON POLICY guild_settings_visitor ON slimy.guild_settings IS
'Guilds that one leads: their notes are for admins.';
COMMENT ON POLICY guild_personalities_visitor ON slimy.guild_personalities IS
'Guilds that one leads: the prompt is for admins.';
COMMENT ON POLICY code_reports_visitor ON slimy.code_reports IS
'One''s own reports; nobody else''s say who made them.';
