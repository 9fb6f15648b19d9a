-- name: add_many :many
-- Adds insights to an analysis, all or nothing; no rows when there is no such analysis. It is dated
-- first, so that two who change it meet at its row.
-- returns: ScreenshotInsight
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = :analysis_id
    RETURNING a.id
)

INSERT INTO slimy.screenshot_insights AS i (
    analysis_id, type, priority, title, description, confidence, actionable
)
SELECT
    a.id,
    e.type,
    e.priority,
    e.title,
    e.description,
    e.confidence,
    e.actionable
FROM analysis AS a
CROSS JOIN
    jsonb_to_recordset(:insights::jsonb)
        AS e (
            type text,
            priority text,
            title text,
            description text,
            confidence double precision,
            actionable boolean
        )
RETURNING
    i.id,
    i.type,
    i.priority,
    i.title,
    i.description,
    i.confidence,
    i.actionable,
    i.created_at;

-- name: delete :execrows
-- Removes an insight from its analysis, which is dated first.
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = :analysis_id
        AND EXISTS (
            SELECT i.id
            FROM slimy.screenshot_insights AS i
            WHERE i.analysis_id = :analysis_id AND i.id = :id
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_insights AS i
USING analysis AS a
WHERE i.analysis_id = a.id AND i.id = :id;

-- name: list_of_analysis :many
-- One page of an analysis' insights, in the order they were made.
-- returns: ScreenshotInsight
-- filter: i.type = :type
-- filter: i.priority = :priority
-- filter: i.actionable = :actionable
-- filter: i.confidence >= :min_confidence
-- sort: oldest: i.id ASC
-- replica: yes
SELECT
    i.id,
    i.type,
    i.priority,
    i.title,
    i.description,
    i.confidence,
    i.actionable,
    i.created_at
FROM slimy.screenshot_insights AS i
WHERE i.analysis_id = :analysis_id
ORDER BY i.id ASC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of the insights of a user's analyses, from the newest analysis to the oldest.
-- returns: UserInsight
-- filter: i.type = :type
-- filter: i.priority = :priority
-- filter: i.actionable = :actionable
-- filter: i.confidence >= :min_confidence
-- sort: newest: a.created_at DESC, a.id DESC, i.id DESC
-- allow: nested-loop: a late page looks into all analyses of a person, 16,000 at the very most
-- replica: yes
SELECT
    a.id AS analysis_id,
    a.screenshot_type,
    a.created_at AS analysed_at,
    i.id,
    i.type,
    i.priority,
    i.title,
    i.description,
    i.confidence,
    i.actionable,
    i.created_at
FROM slimy.screenshot_analyses AS a
INNER JOIN slimy.screenshot_insights AS i ON a.id = i.analysis_id
WHERE a.user_id = :user_id
ORDER BY a.created_at DESC, a.id DESC, i.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads insights in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.screenshot_insights (
    analysis_id,
    id,
    type,
    priority,
    title,
    description,
    confidence,
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
    :confidence,
    :actionable,
    :created_at
);
