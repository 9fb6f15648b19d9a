-- name: delete :execrows
-- Removes a data point from its analysis, which is dated first.
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = :analysis_id
        AND EXISTS (
            SELECT d.key
            FROM slimy.screenshot_data AS d
            WHERE d.analysis_id = :analysis_id AND d.key = :key
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_data AS d
USING analysis AS a
WHERE d.analysis_id = a.id AND d.key = :key;

-- name: list_history :many
-- One page of a user's values of one key, from the newest analysis to the oldest.
-- returns: PastDataPoint
-- filter: a.screenshot_type = :screenshot_type
-- filter: d.confidence >= :min_confidence
-- filter: a.created_at >= :since
-- filter: a.created_at < :until
-- sort: newest: a.created_at DESC, a.id DESC
-- sort: oldest: a.created_at ASC, a.id ASC
-- allow: nested-loop: 250 looks for a page: analyses without the key are few
-- replica: yes
SELECT
    a.id AS analysis_id,
    a.screenshot_type,
    d.value,
    d.data_type,
    d.category,
    d.confidence,
    a.created_at
FROM slimy.screenshot_analyses AS a
INNER JOIN slimy.screenshot_data AS d ON a.id = d.analysis_id AND d.key = :key
WHERE a.user_id = :user_id
ORDER BY a.created_at DESC, a.id DESC
LIMIT :row_limit;

-- name: list_of_analysis :many
-- One page of an analysis' data points by key; also of one category, of one kind, or sure enough.
-- returns: ScreenshotDataPoint
-- filter: d.category = :category
-- filter: d.data_type = :data_type
-- filter: d.confidence >= :min_confidence
-- sort: key: d.key ASC
-- replica: yes
SELECT
    d.key,
    d.value,
    d.data_type,
    d.category,
    d.confidence
FROM slimy.screenshot_data AS d
WHERE d.analysis_id = :analysis_id
ORDER BY d.key ASC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads data points in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.screenshot_data (analysis_id, key, value, data_type, category, confidence)
VALUES (:analysis_id, :key, :value, :data_type, :category, :confidence);

-- name: put_many :many
-- Adds data points to an analysis, or corrects those whose keys it has, all or nothing; no rows
-- when there is no such analysis. It is dated first, as everywhere: its date is the version of all
-- that belongs to it, and two who change it meet at its row, never in a circle.
-- returns: ScreenshotDataPoint
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = :analysis_id
    RETURNING a.id
)

INSERT INTO slimy.screenshot_data AS d (analysis_id, key, value, data_type, category, confidence)
SELECT
    a.id,
    e.key,
    e.value,
    e.data_type,
    e.category,
    e.confidence
FROM analysis AS a
CROSS JOIN
    jsonb_to_recordset(:data::jsonb)
        AS e (key text, value jsonb, data_type text, category text, confidence double precision)
ORDER BY e.key
ON CONFLICT (analysis_id, key) DO UPDATE
    SET
        value = excluded.value,
        data_type = excluded.data_type,
        category = excluded.category,
        confidence = excluded.confidence
RETURNING d.key, d.value, d.data_type, d.category, d.confidence;
