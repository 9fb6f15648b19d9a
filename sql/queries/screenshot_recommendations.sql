-- name: add_many :many
-- Adds recommendations to an analysis, all or nothing; one that does not exist is refused by
-- screenshot_recommendations_analysis_id_fkey.
-- returns: ScreenshotRecommendation
INSERT INTO slimy.screenshot_recommendations AS r (
    analysis_id, type, priority, title, description, impact, effort, actionable
)
SELECT
    :analysis_id,
    e.type,
    e.priority,
    e.title,
    e.description,
    e.impact,
    e.effort,
    e.actionable
FROM
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
-- Removes a recommendation from its analysis.
DELETE FROM slimy.screenshot_recommendations
WHERE analysis_id = :analysis_id AND id = :id;

-- name: list_of_analysis :many
-- One page of an analysis' recommendations, in the order they were made.
-- returns: ScreenshotRecommendation
-- filter: r.type = :type
-- filter: r.priority = :priority
-- filter: r.impact = :impact
-- filter: r.effort = :effort
-- filter: r.actionable = :actionable
-- sort: oldest: r.id ASC
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
-- allow: nested-loop: a person's analyses are looked into from one end until the page is full
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
