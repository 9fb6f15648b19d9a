-- name: get :opt
-- A guild's feature flags; nothing stored means the defaults. No row when there is no such guild.
-- replica: yes
SELECT
    g.id AS guild_id,
    f.color_primary AS "stored.color_primary",
    f.badge_style AS "stored.badge_style",
    f.ensemble_ocr AS "stored.ensemble_ocr",
    f.second_approver AS "stored.second_approver",
    f.ask_manus AS "stored.ask_manus",
    f.public_stats AS "stored.public_stats",
    f.updated_at AS "stored.updated_at"
FROM slimy.guilds AS g
LEFT JOIN slimy.guild_feature_flags AS f ON g.id = f.guild_id
WHERE g.id = :guild_id AND g.deleted_at IS NULL;

-- name: load :copyfrom
-- Loads feature flags in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.guild_feature_flags (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats,
    created_at,
    updated_at
)
VALUES (
    :guild_id,
    :color_primary,
    :badge_style,
    :ensemble_ocr,
    :second_approver,
    :ask_manus,
    :public_stats,
    :created_at,
    :updated_at
);

-- name: reset :opt
-- Puts a guild's feature flags back to the defaults. No row when there is no such guild.
WITH removed AS (
    DELETE FROM slimy.guild_feature_flags
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
-- Changes the flags that are given, on top of the defaults at the first time. One statement, so
-- that changes of different flags at the same time all last. No row when there is no such guild.
WITH held AS (
    SELECT h.guild_id
    FROM slimy.guild_feature_flags AS h
    WHERE h.guild_id = :guild_id AND h.updated_at = :version
    FOR UPDATE
)

INSERT INTO slimy.guild_feature_flags AS f (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats
)
SELECT
    g.id,
    :color_primary,
    coalesce(:badge_style, 'rounded') AS badge_style,
    coalesce(:ensemble_ocr, FALSE) AS ensemble_ocr,
    coalesce(:second_approver, FALSE) AS second_approver,
    coalesce(:ask_manus, FALSE) AS ask_manus,
    coalesce(:public_stats, TRUE) AS public_stats
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
        color_primary = CASE
            WHEN :set_color_primary THEN excluded.color_primary ELSE f.color_primary
        END,
        badge_style = coalesce(:badge_style, f.badge_style),
        ensemble_ocr = coalesce(:ensemble_ocr, f.ensemble_ocr),
        second_approver = coalesce(:second_approver, f.second_approver),
        ask_manus = coalesce(:ask_manus, f.ask_manus),
        public_stats = coalesce(:public_stats, f.public_stats)
    WHERE f.updated_at = coalesce(:version, f.updated_at)
RETURNING
    f.color_primary,
    f.badge_style,
    f.ensemble_ocr,
    f.second_approver,
    f.ask_manus,
    f.public_stats,
    f.updated_at;
