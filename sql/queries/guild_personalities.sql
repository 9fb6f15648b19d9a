-- name: get :opt
-- A guild's personality; nothing stored means the preset `default`. No row when there is no such
-- guild.
-- replica: yes
SELECT
    g.id AS guild_id,
    p.preset AS "stored.preset",
    p.system_prompt AS "stored.system_prompt",
    p.temperature AS "stored.temperature",
    p.top_p AS "stored.top_p",
    p.tone AS "stored.tone",
    p.formality AS "stored.formality",
    p.humor AS "stored.humor",
    p.emojis AS "stored.emojis",
    p.updated_at AS "stored.updated_at"
FROM slimy.guilds AS g
LEFT JOIN slimy.guild_personalities AS p ON g.id = p.guild_id
WHERE g.id = :guild_id AND g.deleted_at IS NULL;

-- name: list_presets :many
-- Every preset with what it says.
-- notnull: preset, temperature, top_p, tone, formality, humor, emojis
-- page: 100
-- replica: yes
SELECT
    b.preset,
    b.system_prompt,
    b.temperature,
    b.top_p,
    b.tone,
    b.formality,
    b.humor,
    b.emojis
FROM slimy.personality_presets() AS b
ORDER BY b.preset;

-- name: load :copyfrom
-- Loads personalities in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.guild_personalities (
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
)
VALUES (
    :guild_id,
    :preset,
    :system_prompt,
    :temperature,
    :top_p,
    :tone,
    :formality,
    :humor,
    :emojis,
    :created_at,
    :updated_at
);

-- name: reset :opt
-- Takes back every change to the preset that a guild has. No row where nothing is stored, or the
-- guild is deleted. The preset is looked up for the row as it is when its turn has come, so that a
-- choice made at the same time is kept.
UPDATE slimy.guild_personalities AS p
SET
    (system_prompt, temperature, top_p, tone, formality, humor, emojis) = (
        SELECT
            b.system_prompt,
            b.temperature,
            b.top_p,
            b.tone,
            b.formality,
            b.humor,
            b.emojis
        FROM slimy.personality_presets() AS b
        WHERE b.preset = p.preset
    )
WHERE
    p.guild_id = :guild_id
    AND p.updated_at = coalesce(:version, p.updated_at)
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
RETURNING
    p.preset,
    p.system_prompt,
    p.temperature,
    p.top_p,
    p.tone,
    p.formality,
    p.humor,
    p.emojis,
    p.updated_at;

-- name: update :opt
-- Changes what is given. A preset brings all of its own, below what is given beside it; without one
-- the rest stays as it is. One statement, so that changes of different fields at the same time all
-- last. No row when there is no such guild.
-- allow: cardinality: each preset stands once in personality_presets()
WITH held AS (
    SELECT h.guild_id
    FROM slimy.guild_personalities AS h
    WHERE h.guild_id = :guild_id AND h.updated_at = :version
    FOR UPDATE
)

INSERT INTO slimy.guild_personalities AS p (
    guild_id, preset, system_prompt, temperature, top_p, tone, formality, humor, emojis
)
SELECT
    g.id,
    b.preset,
    CASE WHEN :set_system_prompt THEN :system_prompt ELSE b.system_prompt END AS system_prompt,
    coalesce(:temperature, b.temperature) AS temperature,
    coalesce(:top_p, b.top_p) AS top_p,
    coalesce(:tone, b.tone) AS tone,
    coalesce(:formality, b.formality) AS formality,
    coalesce(:humor, b.humor) AS humor,
    coalesce(:emojis, b.emojis) AS emojis
FROM slimy.guilds AS g
INNER JOIN slimy.personality_presets() AS b ON b.preset = coalesce(:preset, 'default')
WHERE
    g.id = :guild_id
    AND g.deleted_at IS NULL
    AND (
        coalesce(:version, 'epoch') = 'epoch'
        OR EXISTS (SELECT h.guild_id FROM held AS h)
    )
ON CONFLICT (guild_id) DO UPDATE
    SET
        preset = coalesce(:preset, p.preset),
        system_prompt = CASE
            WHEN :preset IS NOT NULL OR :set_system_prompt THEN excluded.system_prompt
            ELSE p.system_prompt
        END,
        temperature = CASE
            WHEN :preset IS NULL THEN coalesce(:temperature, p.temperature)
            ELSE excluded.temperature
        END,
        top_p = CASE
            WHEN :preset IS NULL THEN coalesce(:top_p, p.top_p) ELSE excluded.top_p
        END,
        tone = CASE WHEN :preset IS NULL THEN coalesce(:tone, p.tone) ELSE excluded.tone END,
        formality = CASE
            WHEN :preset IS NULL THEN coalesce(:formality, p.formality) ELSE excluded.formality
        END,
        humor = CASE WHEN :preset IS NULL THEN coalesce(:humor, p.humor) ELSE excluded.humor END,
        emojis = CASE
            WHEN :preset IS NULL THEN coalesce(:emojis, p.emojis) ELSE excluded.emojis
        END
    WHERE p.updated_at = coalesce(:version, p.updated_at)
RETURNING
    p.preset,
    p.system_prompt,
    p.temperature,
    p.top_p,
    p.tone,
    p.formality,
    p.humor,
    p.emojis,
    p.updated_at;
