-- name: add_many :many
-- Adds images to an analysis; one that does not exist is refused by
-- club_analysis_images_analysis_id_fkey.
-- returns: ClubAnalysisImage
INSERT INTO slimy.club_analysis_images AS i (analysis_id, image_url, original_name, file_size)
SELECT
    :analysis_id,
    e.image_url,
    e.original_name,
    e.file_size
FROM
    unnest(:image_urls::text[], :original_names::text[], :file_sizes::bigint[])
        AS e (image_url, original_name, file_size)
RETURNING i.id, i.image_url, i.original_name, i.file_size, i.uploaded_at;

-- name: delete :execrows
-- Takes an image out of its analysis.
DELETE FROM slimy.club_analysis_images
WHERE analysis_id = :analysis_id AND id = :id;

-- name: list_of_analysis :many
-- One page of an analysis' images, in the order they were uploaded.
-- returns: ClubAnalysisImage
-- sort: oldest: i.id ASC
SELECT
    i.id,
    i.image_url,
    i.original_name,
    i.file_size,
    i.uploaded_at
FROM slimy.club_analysis_images AS i
WHERE i.analysis_id = :analysis_id
ORDER BY i.id ASC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads images in bulk, as they are.
INSERT INTO slimy.club_analysis_images (
    analysis_id,
    id,
    image_url,
    original_name,
    file_size,
    uploaded_at
)
VALUES (
    :analysis_id,
    :id,
    :image_url,
    :original_name,
    :file_size,
    :uploaded_at
);
