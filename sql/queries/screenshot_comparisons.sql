-- name: compare :many
-- The data points of two analyses side by side, those that differ, by key; numbers with how much
-- they changed, values of more than 200 characters as their beginning and their length. Nothing is
-- kept.
-- returns: Difference
-- page: 1000
-- notnull: key, category
-- replica: yes
SELECT
    d.key,
    d.category,
    d.kind,
    d.first_value,
    d.second_value,
    to_jsonb(d.change) AS change,
    to_jsonb(d.change_percent) AS change_percent
FROM slimy.screenshot_differences(:first_id, :second_id) AS d
WHERE d.kind != 'same'
ORDER BY d.key
LIMIT 1000;

-- name: create :opt
-- Compares two analyses of a user, whichever way round they are given, and keeps what differs: from
-- the older to the newer one, with the trend of the numbers that both have. Long values are
-- shortened, and of more differences than fit 1 MiB those with the first keys are kept: no two
-- analyses are too large to compare. Without insights of the caller's these are the largest rise
-- and the largest fall. No row when the user has not got both.
-- returns: ScreenshotComparison
WITH pair AS (
    SELECT
        least(a.id, b.id) AS first_id,
        greatest(a.id, b.id) AS second_id
    FROM slimy.screenshot_analyses AS a
    CROSS JOIN slimy.screenshot_analyses AS b
    WHERE
        a.id = :analysis_id
        AND b.id = :other_id
        AND a.user_id = :user_id
        AND b.user_id = :user_id
),

points AS MATERIALIZED (
    SELECT
        d.key,
        d.category,
        d.kind,
        d.first_value,
        d.second_value,
        d.change,
        d.change_percent
    FROM pair AS p
    CROSS JOIN LATERAL slimy.screenshot_differences(p.first_id, p.second_id) AS d
),

entries AS (
    SELECT
        w.entry,
        w.key,
        -- With the brackets around all and the comma between two.
        2 + sum(octet_length(w.entry::text) + 2) OVER (ORDER BY w.key) AS size
    FROM (
        SELECT
            d.key,
            jsonb_build_object(
                'key', d.key,
                'category', d.category,
                'kind', d.kind,
                'firstValue', d.first_value,
                'secondValue', d.second_value,
                'change', d.change,
                'changePercent', d.change_percent
            ) AS entry
        FROM points AS d
        WHERE d.kind != 'same'
    ) AS w
),

found AS (
    SELECT
        (
            SELECT coalesce(jsonb_agg(e.entry ORDER BY e.key), '[]')
            FROM entries AS e
            WHERE e.size <= 1048576
        ) AS differences,
        CASE
            WHEN count(d.change) = 0 THEN NULL
            WHEN bool_and(d.change = 0) THEN 'stable'
            WHEN bool_and(d.change >= 0) THEN 'up'
            WHEN bool_and(d.change <= 0) THEN 'down'
            ELSE 'mixed'
        END AS trend
    FROM points AS d
),

extremes AS (
    SELECT
        coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'kind', e.kind,
                    'key', e.key,
                    'change', e.change,
                    'changePercent', e.change_percent
                )
                ORDER BY e.kind DESC
            ),
            '[]'
        ) AS insights
    FROM (
        SELECT DISTINCT ON (d.change > 0)
            d.key,
            d.change,
            d.change_percent,
            CASE WHEN d.change > 0 THEN 'largest_rise' ELSE 'largest_fall' END AS kind
        FROM points AS d
        WHERE d.change != 0
        ORDER BY d.change > 0, abs(d.change_percent) DESC NULLS LAST, d.key
    ) AS e
)

INSERT INTO slimy.screenshot_comparisons AS c (
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights
)
SELECT
    :user_id,
    p.first_id,
    p.second_id,
    :comparison_type,
    :summary,
    f.trend,
    f.differences,
    coalesce(:insights, e.insights) AS insights
FROM pair AS p
CROSS JOIN found AS f
CROSS JOIN extremes AS e
RETURNING
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.differences,
    c.insights,
    c.created_at;

-- name: delete :execrows
-- Forgets a comparison.
DELETE FROM slimy.screenshot_comparisons
WHERE id = :id;

-- name: find :opt
-- The comparison of two analyses of one type, whichever way round they are given.
-- returns: ScreenshotComparison
-- replica: yes
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.differences,
    c.insights,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE
    c.analysis_id_1 = least(:analysis_id::uuid, :other_id::uuid)
    AND c.analysis_id_2 = greatest(:analysis_id::uuid, :other_id::uuid)
    AND c.comparison_type = :comparison_type;

-- name: find_owner :opt
-- Whose a comparison is.
SELECT c.user_id
FROM slimy.screenshot_comparisons AS c
WHERE c.id = :id;

-- name: get :opt
-- A comparison.
-- returns: ScreenshotComparison
-- replica: yes
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.differences,
    c.insights,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE c.id = :id;

-- name: list_of_analysis :many
-- One page of the comparisons that an analysis is a side of, newest first.
-- returns: ScreenshotComparisonSummary
-- filter: c.comparison_type = :comparison_type
-- sort: newest: c.id DESC
-- replica: yes
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE (c.analysis_id_1 = :analysis_id OR c.analysis_id_2 = :analysis_id)
ORDER BY c.id DESC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of a user's comparisons, newest first, without differences and insights.
-- returns: ScreenshotComparisonSummary
-- filter: c.comparison_type = :comparison_type
-- filter: c.trend = :trend
-- filter: c.created_at >= :since
-- filter: c.created_at < :until
-- sort: newest: c.created_at DESC, c.id DESC
-- sort: oldest: c.created_at ASC, c.id ASC
-- replica: yes
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE c.user_id = :user_id
ORDER BY c.created_at DESC, c.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads comparisons in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.screenshot_comparisons (
    id,
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights,
    created_at
)
VALUES (
    :id,
    :user_id,
    :analysis_id_1,
    :analysis_id_2,
    :comparison_type,
    :summary,
    :trend,
    :differences,
    :insights,
    :created_at
);
