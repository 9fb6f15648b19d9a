-- name: delete :execrows
-- Takes a tag off an analysis, which is dated first.
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = :analysis_id
        AND EXISTS (
            SELECT t.tag
            FROM slimy.screenshot_tags AS t
            WHERE t.analysis_id = :analysis_id AND t.tag = :tag
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_tags AS t
USING analysis AS a
WHERE t.analysis_id = a.id AND t.tag = :tag;

-- name: list_of_analysis :many
-- One page of an analysis' tags in order; with a category, those of it.
-- returns: ScreenshotTag
-- filter: t.category = :category
-- sort: tag: t.tag ASC
-- replica: yes
SELECT
    t.tag,
    t.category
FROM slimy.screenshot_tags AS t
WHERE t.analysis_id = :analysis_id
ORDER BY t.tag ASC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads tags in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.screenshot_tags (analysis_id, tag, category)
VALUES (:analysis_id, :tag, :category);

-- name: put_many :many
-- Puts tags on an analysis, or into other categories where it has them, all or nothing; no rows
-- when there is no such analysis. It is dated first, so that two who change it meet at its row.
-- returns: ScreenshotTag
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = :analysis_id
    RETURNING a.id
)

INSERT INTO slimy.screenshot_tags AS t (analysis_id, tag, category)
SELECT
    a.id,
    e.tag,
    e.category
FROM analysis AS a
CROSS JOIN unnest(:tags::text[], :categories::text[]) AS e (tag, category)
ORDER BY e.tag
ON CONFLICT (analysis_id, tag) DO UPDATE SET category = excluded.category
RETURNING t.tag, t.category;
