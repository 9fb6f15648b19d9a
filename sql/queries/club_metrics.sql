-- name: delete :execrows
-- Removes a metric from its analysis, which is dated first.
WITH analysis AS (
    UPDATE slimy.club_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = :analysis_id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = a.guild_id AND g.deleted_at IS NULL
        )
        AND EXISTS (
            SELECT m.name
            FROM slimy.club_metrics AS m
            WHERE m.analysis_id = :analysis_id AND m.name = :name
        )
    RETURNING a.id
)

DELETE FROM slimy.club_metrics AS m
USING analysis AS a
WHERE m.analysis_id = a.id AND m.name = :name;

-- name: list_history :many
-- One page of a guild's values of one metric, from the newest analysis to the oldest; none when it
-- is deleted.
-- returns: PastMetric
-- filter: a.confidence >= :min_confidence
-- filter: a.created_at >= :since
-- filter: a.created_at < :until
-- sort: newest: a.created_at DESC, a.id DESC
-- sort: oldest: a.created_at ASC, a.id ASC
-- allow: nested-loop: 220 looks for a page: analyses without the metric are few
-- replica: yes
SELECT
    a.id AS analysis_id,
    m.value,
    m.unit,
    m.category,
    a.confidence,
    a.created_at
FROM slimy.club_analyses AS a
INNER JOIN slimy.club_metrics AS m ON a.id = m.analysis_id AND m.name = :name
WHERE
    a.guild_id = :guild_id
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY a.created_at DESC, a.id DESC
LIMIT :row_limit;

-- name: list_of_analysis :many
-- One page of an analysis' metrics by name; with a category, those of it. None of a deleted guild.
-- returns: ClubMetric
-- filter: m.category = :category
-- sort: name: m.name ASC
-- replica: yes
SELECT
    m.name,
    m.value,
    m.unit,
    m.category
FROM slimy.club_metrics AS m
WHERE
    m.analysis_id = :analysis_id
    AND EXISTS (
        SELECT a.id
        FROM slimy.club_analyses AS a
        INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
        WHERE a.id = :analysis_id AND g.deleted_at IS NULL
    )
ORDER BY m.name ASC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads metrics in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.club_metrics (analysis_id, name, value, unit, category)
VALUES (:analysis_id, :name, :value, :unit, :category);

-- name: put :opt
-- Adds a metric to an analysis, or corrects the one of that name. No row when there is no such
-- analysis, or its guild is deleted. It dates the analysis first, as replacing all of them does: of
-- both at a time one waits, and then corrects what the other had put there.
-- returns: ClubMetric
WITH analysis AS (
    UPDATE slimy.club_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = :analysis_id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = a.guild_id AND g.deleted_at IS NULL
        )
    RETURNING a.id
)

INSERT INTO slimy.club_metrics AS m (analysis_id, name, value, unit, category)
SELECT
    a.id,
    :name,
    :value,
    :unit,
    :category
FROM analysis AS a
ON CONFLICT (analysis_id, name) DO UPDATE
    SET
        value = excluded.value,
        unit = excluded.unit,
        category = excluded.category
RETURNING m.name, m.value, m.unit, m.category;

-- name: replace :scalar
-- Puts other metrics in the place of an analysis' own, all or nothing, and gives them as they are
-- kept; null when there is no such analysis, or its guild is deleted.
SELECT slimy.replace_club_metrics(:analysis_id, :metrics::jsonb) AS metrics;
