-- name: delete :execrows
-- Takes a tag off an analysis.
DELETE FROM slimy.screenshot_tags
WHERE analysis_id = :analysis_id AND tag = :tag;

-- name: list_of_analysis :many
-- One page of an analysis' tags in order; with a category, those of it.
-- returns: ScreenshotTag
-- filter: t.category = :category
-- sort: tag: t.tag ASC
SELECT
    t.tag,
    t.category
FROM slimy.screenshot_tags AS t
WHERE t.analysis_id = :analysis_id
ORDER BY t.tag ASC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads tags in bulk, as they are.
INSERT INTO slimy.screenshot_tags (analysis_id, tag, category)
VALUES (:analysis_id, :tag, :category);

-- name: put_many :many
-- Puts tags on an analysis, or into other categories where it has them, all or nothing. An analysis
-- that does not exist is refused by screenshot_tags_analysis_id_fkey. Tags go in order, so that two
-- such calls never wait for each other in a circle.
-- returns: ScreenshotTag
INSERT INTO slimy.screenshot_tags AS t (analysis_id, tag, category)
SELECT
    :analysis_id,
    e.tag,
    e.category
FROM unnest(:tags::text[], :categories::text[]) AS e (tag, category)
ORDER BY e.tag
ON CONFLICT (analysis_id, tag) DO UPDATE SET category = excluded.category
RETURNING t.tag, t.category;
