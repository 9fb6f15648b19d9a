-- name: add_many :many
-- Adds recommendations to an analysis, all or nothing; no rows when there is no such analysis. It
-- is dated first, so that two who change it meet at its row.
-- returns: ScreenshotRecommendation
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = :analysis_id
    RETURNING a.id
)

INSERT INTO slimy.screenshot_recommendations AS r (
    analysis_id, type, priority, title, description, impact, effort, actionable
)
SELECT
    a.id,
    e.type,
    e.priority,
    e.title,
    e.description,
    e.impact,
    e.effort,
    e.actionable
FROM analysis AS a
CROSS JOIN
    jsonb_to_recordset(:recommendations::jsonb)
        AS e (
            type text,
            priority text,
            title text,
            description text,
            impact text,
            effort text,
            actionable boolean
        )
RETURNING
    r.id,
    r.type,
    r.priority,
    r.title,
    r.description,
    r.impact,
    r.effort,
    r.actionable,
    r.created_at;

-- name: delete :execrows
-- Removes a recommendation from its analysis, which is dated first.
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = :analysis_id
        AND EXISTS (
            SELECT r.id
            FROM slimy.screenshot_recommendations AS r
            WHERE r.analysis_id = :analysis_id AND r.id = :id
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_recommendations AS r
USING analysis AS a
WHERE r.analysis_id = a.id AND r.id = :id;

-- name: list_of_analysis :many
-- One page of an analysis' recommendations, in the order they were made.
-- returns: ScreenshotRecommendation
-- filter: r.type = :type
-- filter: r.priority = :priority
-- filter: r.impact = :impact
-- filter: r.effort = :effort
-- filter: r.actionable = :actionable
-- sort: oldest: r.id ASC
-- replica: yes
SELECT
    r.id,
    r.type,
    r.priority,
    r.title,
    r.description,
    r.impact,
    r.effort,
    r.actionable,
    r.created_at
FROM slimy.screenshot_recommendations AS r
WHERE r.analysis_id = :analysis_id
ORDER BY r.id ASC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of the recommendations of a user's analyses, from the newest analysis to the oldest.
-- returns: UserRecommendation
-- filter: r.type = :type
-- filter: r.priority = :priority
-- filter: r.impact = :impact
-- filter: r.effort = :effort
-- filter: r.actionable = :actionable
-- sort: newest: a.created_at DESC, a.id DESC, r.id DESC
-- allow: nested-loop: a late page looks into all analyses of a person, 16,000 at the very most
-- replica: yes
SELECT
    a.id AS analysis_id,
    a.screenshot_type,
    a.created_at AS analysed_at,
    r.id,
    r.type,
    r.priority,
    r.title,
    r.description,
    r.impact,
    r.effort,
    r.actionable,
    r.created_at
FROM slimy.screenshot_analyses AS a
INNER JOIN slimy.screenshot_recommendations AS r ON a.id = r.analysis_id
WHERE a.user_id = :user_id
ORDER BY a.created_at DESC, a.id DESC, r.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads recommendations in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.screenshot_recommendations (
    analysis_id,
    id,
    type,
    priority,
    title,
    description,
    impact,
    effort,
    actionable,
    created_at
)
VALUES (
    :analysis_id,
    :id,
    :type,
    :priority,
    :title,
    :description,
    :impact,
    :effort,
    :actionable,
    :created_at
);
