-- name: add_many :many
-- Adds images to an analysis, which is dated first; no rows when there is none, or its guild is
-- deleted. Whatever belongs to an analysis is changed so: its date is the version of all of it, and
-- two who change it meet at its row, never in a circle.
-- returns: ClubAnalysisImage
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

INSERT INTO slimy.club_analysis_images AS i (analysis_id, image_url, original_name, file_size)
SELECT
    a.id,
    e.image_url,
    e.original_name,
    e.file_size
FROM analysis AS a
CROSS JOIN
    unnest(:image_urls::text[], :original_names::text[], :file_sizes::bigint[])
        AS e (image_url, original_name, file_size)
RETURNING i.id, i.image_url, i.original_name, i.file_size, i.uploaded_at;

-- name: delete :execrows
-- Takes an image out of its analysis, which is dated first.
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
            SELECT i.id
            FROM slimy.club_analysis_images AS i
            WHERE i.analysis_id = :analysis_id AND i.id = :id
        )
    RETURNING a.id
)

DELETE FROM slimy.club_analysis_images AS i
USING analysis AS a
WHERE i.analysis_id = a.id AND i.id = :id;

-- name: list_of_analysis :many
-- One page of an analysis' images, in the order they were uploaded; none of a deleted guild.
-- returns: ClubAnalysisImage
-- sort: oldest: i.id ASC
-- replica: yes
SELECT
    i.id,
    i.image_url,
    i.original_name,
    i.file_size,
    i.uploaded_at
FROM slimy.club_analysis_images AS i
WHERE
    i.analysis_id = :analysis_id
    AND EXISTS (
        SELECT a.id
        FROM slimy.club_analyses AS a
        INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
        WHERE a.id = :analysis_id AND g.deleted_at IS NULL
    )
ORDER BY i.id ASC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads images in bulk, as they are.
-- role: slimy_owner
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
