-- name: create :one
-- A new analysis with everything that was read out of the screenshot, all or nothing; a key or a
-- tag that stands there twice is refused by screenshot_data_pkey or screenshot_tags_pkey.
-- returns: ScreenshotAnalysis
WITH analysis AS (
    INSERT INTO slimy.screenshot_analyses AS a (
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
    )
    VALUES (
        :user_id,
        :screenshot_type,
        :image_url,
        :title,
        :description,
        :summary,
        :confidence,
        :processing_time_ms,
        :model_used,
        :raw_response
    )
    RETURNING
        a.id,
        a.user_id,
        a.screenshot_type,
        a.image_url,
        a.title,
        a.description,
        a.summary,
        a.confidence,
        a.processing_time_ms,
        a.model_used,
        a.raw_response,
        a.created_at,
        a.updated_at
),

data AS (
    INSERT INTO slimy.screenshot_data AS d (
        analysis_id, key, value, data_type, category, confidence
    )
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
            AS e (
                key text, value jsonb, data_type text, category text, confidence double precision
            )
    RETURNING d.key, d.value, d.data_type, d.category, d.confidence
),

tags AS (
    INSERT INTO slimy.screenshot_tags AS t (analysis_id, tag, category)
    SELECT
        a.id,
        e.tag,
        e.category
    FROM analysis AS a
    CROSS JOIN jsonb_to_recordset(:tags::jsonb) AS e (tag text, category text)
    RETURNING t.tag, t.category
),

insights AS (
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
        i.created_at
),

recommendations AS (
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
        r.created_at
)

SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.raw_response,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', d.key,
                        'value', d.value,
                        'dataType', d.data_type,
                        'category', d.category,
                        'confidence', d.confidence
                    )
                    ORDER BY d.key
                ),
                '[]'
            )
        FROM data AS d
    ) AS data,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'tag', t.tag,
                        'category', t.category
                    )
                    ORDER BY t.tag
                ),
                '[]'
            )
        FROM tags AS t
    ) AS tags,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'type', i.type,
                        'priority', i.priority,
                        'title', i.title,
                        'description', i.description,
                        'confidence', i.confidence,
                        'actionable', i.actionable,
                        'createdAt', i.created_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM insights AS i
    ) AS insights,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', r.id,
                        'type', r.type,
                        'priority', r.priority,
                        'title', r.title,
                        'description', r.description,
                        'impact', r.impact,
                        'effort', r.effort,
                        'actionable', r.actionable,
                        'createdAt', r.created_at
                    )
                    ORDER BY r.id
                ),
                '[]'
            )
        FROM recommendations AS r
    ) AS recommendations
FROM analysis AS a;

-- name: delete :execrows
-- Removes an analysis with all that was read out of it, and its comparisons.
DELETE FROM slimy.screenshot_analyses
WHERE id = :id AND updated_at = coalesce(:version, updated_at);

-- name: find_owner :opt
-- Whose an analysis is.
SELECT a.user_id
FROM slimy.screenshot_analyses AS a
WHERE a.id = :id;

-- name: get :opt
-- An analysis with all that was read out of it, and the model's own answer.
-- returns: ScreenshotAnalysis
-- replica: yes
SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.raw_response,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', d.key,
                        'value', d.value,
                        'dataType', d.data_type,
                        'category', d.category,
                        'confidence', d.confidence
                    )
                    ORDER BY d.key
                ),
                '[]'
            )
        FROM slimy.screenshot_data AS d
        WHERE d.analysis_id = a.id
    ) AS data,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'tag', t.tag,
                        'category', t.category
                    )
                    ORDER BY t.tag
                ),
                '[]'
            )
        FROM slimy.screenshot_tags AS t
        WHERE t.analysis_id = a.id
    ) AS tags,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'type', i.type,
                        'priority', i.priority,
                        'title', i.title,
                        'description', i.description,
                        'confidence', i.confidence,
                        'actionable', i.actionable,
                        'createdAt', i.created_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.screenshot_insights AS i
        WHERE i.analysis_id = a.id
    ) AS insights,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', r.id,
                        'type', r.type,
                        'priority', r.priority,
                        'title', r.title,
                        'description', r.description,
                        'impact', r.impact,
                        'effort', r.effort,
                        'actionable', r.actionable,
                        'createdAt', r.created_at
                    )
                    ORDER BY r.id
                ),
                '[]'
            )
        FROM slimy.screenshot_recommendations AS r
        WHERE r.analysis_id = a.id
    ) AS recommendations
FROM slimy.screenshot_analyses AS a
WHERE a.id = :id;

-- name: list_of_type :many
-- One page of what was made of one kind of screenshot, whoever had it made, newest first.
-- returns: ScreenshotAnalysisSummary
-- filter: a.created_at >= :since
-- filter: a.created_at < :until
-- sort: newest: a.created_at DESC, a.id DESC
-- sort: oldest: a.created_at ASC, a.id ASC
-- replica: yes
SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.created_at,
    a.updated_at
FROM slimy.screenshot_analyses AS a
WHERE a.screenshot_type = :screenshot_type
ORDER BY a.created_at DESC, a.id DESC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of a user's analyses, newest first; also of one type, sure enough, with a tag, or with a
-- data point of a key.
-- returns: ScreenshotAnalysisSummary
-- filter: a.screenshot_type = :screenshot_type
-- filter: a.confidence >= :min_confidence
-- filter: a.id IN (SELECT t.analysis_id FROM slimy.screenshot_tags AS t WHERE t.tag = :tag)
-- filter: a.id IN (SELECT d.analysis_id FROM slimy.screenshot_data AS d WHERE d.key = :key)
-- filter: a.created_at >= :since
-- filter: a.created_at < :until
-- sort: newest: a.created_at DESC, a.id DESC
-- allow: nested-loop: some 1,200 of a person's analyses are looked into for a page with a tag
-- replica: yes
SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.created_at,
    a.updated_at
FROM slimy.screenshot_analyses AS a
WHERE a.user_id = :user_id
ORDER BY a.created_at DESC, a.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads analyses in bulk, as they are, without what belongs to them.
-- role: slimy_owner
INSERT INTO slimy.screenshot_analyses (
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
)
VALUES (
    :id,
    :user_id,
    :screenshot_type,
    :image_url,
    :title,
    :description,
    :summary,
    :confidence,
    :processing_time_ms,
    :model_used,
    :raw_response,
    :created_at,
    :updated_at
);

-- name: update :opt
-- Changes the columns that are given; what is left out stays.
-- returns: ScreenshotAnalysis
-- patch: screenshot_type, title, description, summary, confidence
UPDATE slimy.screenshot_analyses AS a
SET
    screenshot_type = :screenshot_type,
    title = :title,
    description = :description,
    summary = :summary,
    confidence = :confidence
WHERE a.id = :id AND a.updated_at = coalesce(:version, a.updated_at)
RETURNING
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.raw_response,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', d.key,
                        'value', d.value,
                        'dataType', d.data_type,
                        'category', d.category,
                        'confidence', d.confidence
                    )
                    ORDER BY d.key
                ),
                '[]'
            )
        FROM slimy.screenshot_data AS d
        WHERE d.analysis_id = a.id
    ) AS data,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'tag', t.tag,
                        'category', t.category
                    )
                    ORDER BY t.tag
                ),
                '[]'
            )
        FROM slimy.screenshot_tags AS t
        WHERE t.analysis_id = a.id
    ) AS tags,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'type', i.type,
                        'priority', i.priority,
                        'title', i.title,
                        'description', i.description,
                        'confidence', i.confidence,
                        'actionable', i.actionable,
                        'createdAt', i.created_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.screenshot_insights AS i
        WHERE i.analysis_id = a.id
    ) AS insights,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', r.id,
                        'type', r.type,
                        'priority', r.priority,
                        'title', r.title,
                        'description', r.description,
                        'impact', r.impact,
                        'effort', r.effort,
                        'actionable', r.actionable,
                        'createdAt', r.created_at
                    )
                    ORDER BY r.id
                ),
                '[]'
            )
        FROM slimy.screenshot_recommendations AS r
        WHERE r.analysis_id = a.id
    ) AS recommendations;
