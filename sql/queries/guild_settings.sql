-- name: get :opt
-- A guild's settings; nothing stored means the defaults. No row when there is no such guild.
-- replica: yes
SELECT
    g.id AS guild_id,
    s.sheet_id AS "stored.sheet_id",
    s.sheet_tab AS "stored.sheet_tab",
    s.view_mode AS "stored.view_mode",
    s.allow_public AS "stored.allow_public",
    s.screenshot_channel_id AS "stored.screenshot_channel_id",
    s.uploads_enabled AS "stored.uploads_enabled",
    s.notes AS "stored.notes",
    s.updated_at AS "stored.updated_at"
FROM slimy.guilds AS g
LEFT JOIN slimy.guild_settings AS s ON g.id = s.guild_id
WHERE g.id = :guild_id AND g.deleted_at IS NULL;

-- name: load :copyfrom
-- Loads settings in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.guild_settings (
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
)
VALUES (
    :guild_id,
    :sheet_id,
    :sheet_tab,
    :view_mode,
    :allow_public,
    :screenshot_channel_id,
    :uploads_enabled,
    :notes,
    :created_at,
    :updated_at
);

-- name: reset :opt
-- Puts a guild's settings back to the defaults. No row when there is no such guild.
WITH removed AS (
    DELETE FROM slimy.guild_settings
    WHERE
        guild_id = :guild_id
        AND updated_at = coalesce(:version, updated_at)
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    RETURNING guild_id
)

SELECT (SELECT count(*) FROM removed) AS removed
FROM slimy.guilds AS g
WHERE g.id = :guild_id AND g.deleted_at IS NULL;

-- name: update :opt
-- Changes the settings that are given, on top of the defaults at the first time. One statement, so
-- that changes of different settings at the same time all last. No row when there is no such guild.
WITH held AS (
    SELECT h.guild_id
    FROM slimy.guild_settings AS h
    WHERE h.guild_id = :guild_id AND h.updated_at = :version
    FOR UPDATE
)

INSERT INTO slimy.guild_settings AS s (
    guild_id,
    sheet_id,
    sheet_tab,
    view_mode,
    allow_public,
    screenshot_channel_id,
    uploads_enabled,
    notes
)
SELECT
    g.id,
    :sheet_id,
    :sheet_tab,
    coalesce(:view_mode, 'baseline') AS view_mode,
    coalesce(:allow_public, FALSE) AS allow_public,
    :screenshot_channel_id,
    coalesce(:uploads_enabled, TRUE) AS uploads_enabled,
    :notes
FROM slimy.guilds AS g
WHERE
    g.id = :guild_id
    AND g.deleted_at IS NULL
    AND (
        coalesce(:version, 'epoch') = 'epoch'
        OR EXISTS (SELECT h.guild_id FROM held AS h)
    )
ON CONFLICT (guild_id) DO UPDATE
    SET
        sheet_id = CASE WHEN :set_sheet_id THEN excluded.sheet_id ELSE s.sheet_id END,
        sheet_tab = CASE WHEN :set_sheet_tab THEN excluded.sheet_tab ELSE s.sheet_tab END,
        view_mode = coalesce(:view_mode, s.view_mode),
        allow_public = coalesce(:allow_public, s.allow_public),
        screenshot_channel_id = CASE
            WHEN :set_screenshot_channel_id THEN excluded.screenshot_channel_id
            ELSE s.screenshot_channel_id
        END,
        uploads_enabled = coalesce(:uploads_enabled, s.uploads_enabled),
        notes = CASE WHEN :set_notes THEN excluded.notes ELSE s.notes END
    WHERE s.updated_at = coalesce(:version, s.updated_at)
RETURNING
    s.sheet_id,
    s.sheet_tab,
    s.view_mode,
    s.allow_public,
    s.screenshot_channel_id,
    s.uploads_enabled,
    s.notes,
    s.updated_at;
