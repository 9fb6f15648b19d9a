-- name: create :opt
-- A new analysis with its images and metrics, all or nothing; a metric that stands there twice is
-- refused by club_metrics_pkey. No row when the guild is deleted.
-- returns: ClubAnalysis
WITH analysis AS (
    INSERT INTO slimy.club_analyses AS a (guild_id, user_id, title, summary, confidence)
    SELECT
        :guild_id,
        :user_id,
        :title,
        :summary,
        :confidence
    WHERE
        NOT EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NOT NULL
        )
    RETURNING
        a.id,
        a.guild_id,
        a.user_id,
        a.title,
        a.summary,
        a.confidence,
        a.created_at,
        a.updated_at
),

images AS (
    INSERT INTO slimy.club_analysis_images AS i (analysis_id, image_url, original_name, file_size)
    SELECT
        a.id,
        e.image_url,
        e.original_name,
        e.file_size
    FROM analysis AS a
    CROSS JOIN
        jsonb_to_recordset(:images::jsonb)
            AS e (image_url text, original_name text, file_size bigint)
    RETURNING i.id, i.image_url, i.original_name, i.file_size, i.uploaded_at
),

metrics AS (
    INSERT INTO slimy.club_metrics AS m (analysis_id, name, value, unit, category)
    SELECT
        a.id,
        e.name,
        e.value,
        e.unit,
        e.category
    FROM analysis AS a
    CROSS JOIN
        jsonb_to_recordset(:metrics::jsonb)
            AS e (name text, value jsonb, unit text, category text)
    RETURNING m.name, m.value, m.unit, m.category
)

SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size,
                        'uploadedAt', i.uploaded_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM images AS i
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name, 'value', m.value, 'unit', m.unit, 'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            )
        FROM metrics AS m
    ) AS metrics
FROM analysis AS a;

-- name: delete :execrows
-- Removes an analysis with its images and metrics; none of a deleted guild, which is restored as it
-- was.
DELETE FROM slimy.club_analyses AS a
USING slimy.guilds AS g
WHERE
    a.id = :id
    AND a.updated_at = coalesce(:version, a.updated_at)
    AND a.guild_id = g.id
    AND g.deleted_at IS NULL;

-- name: find_authority :opt
-- What a user is to an analysis: its creator, the owner of its guild, a member there with roles, or
-- none of these. No row when there is no such analysis or its guild is deleted.
SELECT
    (a.user_id = :user_id) AS is_creator,
    coalesce(g.owner_id = :user_id, FALSE) AS is_owner,
    m.roles
FROM slimy.club_analyses AS a
INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
LEFT JOIN slimy.user_guilds AS m ON a.guild_id = m.guild_id AND m.user_id = :user_id
WHERE a.id = :id AND g.deleted_at IS NULL;

-- name: find_guild :scalar
-- The guild of an analysis. No row when there is no such analysis or its guild is deleted.
SELECT a.guild_id
FROM slimy.club_analyses AS a
INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
WHERE a.id = :id AND g.deleted_at IS NULL;

-- name: get :opt
-- An analysis with its images and metrics; none of a deleted guild.
-- returns: ClubAnalysis
-- replica: yes
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size,
                        'uploadedAt', i.uploaded_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.club_analysis_images AS i
        WHERE i.analysis_id = a.id
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name, 'value', m.value, 'unit', m.unit, 'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            )
        FROM slimy.club_metrics AS m
        WHERE m.analysis_id = a.id
    ) AS metrics
FROM slimy.club_analyses AS a
INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
WHERE a.id = :id AND g.deleted_at IS NULL;

-- name: list_of_guild :many
-- One page of a guild's analyses, newest first, without images and metrics; none when it is
-- deleted.
-- returns: ClubAnalysisSummary
-- filter: a.confidence >= :min_confidence
-- filter: a.created_at >= :since
-- filter: a.created_at < :until
-- sort: newest: a.created_at DESC, a.id DESC
-- sort: oldest: a.created_at ASC, a.id ASC
-- replica: yes
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at
FROM slimy.club_analyses AS a
WHERE
    a.guild_id = :guild_id
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY a.created_at DESC, a.id DESC
LIMIT :row_limit;

-- name: list_of_user :many
-- One page of the analyses that a user had made, newest first, without images and metrics, and
-- without those of deleted guilds.
-- returns: ClubAnalysisSummary
-- filter: a.confidence >= :min_confidence
-- filter: a.created_at >= :since
-- filter: a.created_at < :until
-- sort: newest: a.created_at DESC, a.id DESC
-- sort: oldest: a.created_at ASC, a.id ASC
-- replica: yes
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at
FROM slimy.club_analyses AS a
WHERE
    a.user_id = :user_id
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = a.guild_id AND g.deleted_at IS NOT NULL
    )
ORDER BY a.created_at DESC, a.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads analyses in bulk, as they are, without images and metrics.
-- role: slimy_owner
INSERT INTO slimy.club_analyses (
    id,
    guild_id,
    user_id,
    title,
    summary,
    confidence,
    created_at,
    updated_at
)
VALUES (
    :id,
    :guild_id,
    :user_id,
    :title,
    :summary,
    :confidence,
    :created_at,
    :updated_at
);

-- name: search_guild :many
-- One page of a guild's analyses with all the words in title or summary, each by its beginning. The
-- words are looked up before the page is cut: walking the guild's index in search of a rare word
-- would read all of it. Of more than 10,000 that are sure enough and of that time any 10,000 are
-- paged. IS TRUE keeps the period away from indexes, which would be read through all guilds. Whole
-- rows are taken along: to look them up once more takes far longer than to find them. None when the
-- guild is deleted.
-- returns: ClubAnalysisSummary
-- sort: newest: f.created_at DESC, f.id DESC
-- sort: oldest: f.created_at ASC, f.id ASC
-- replica: yes
WITH found AS MATERIALIZED (
    SELECT
        a.id,
        a.guild_id,
        a.user_id,
        a.title,
        a.summary,
        a.confidence,
        a.created_at,
        a.updated_at
    FROM slimy.club_analyses AS a
    WHERE
        slimy.words_within('guild ' || a.guild_id::text, coalesce(a.title, '') || ' ' || a.summary)
        @@ slimy.words_query_within('guild ' || :guild_id::bigint::text, :words)
        AND (
            a.confidence >= :min_confidence
            AND a.created_at >= :since
            AND a.created_at < :until
        ) IS TRUE
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.guild_id,
    f.user_id,
    f.title,
    f.summary,
    f.confidence,
    f.created_at,
    f.updated_at
FROM found AS f
ORDER BY f.created_at DESC, f.id DESC
LIMIT :row_limit;

-- name: search_user :many
-- One page of a user's analyses with all the words in title or summary, each by its beginning. The
-- words are looked up before the page is cut: walking the user's index in search of a rare word
-- would read all of it. Of more than 10,000 that are sure enough and of that time any 10,000 are
-- paged. IS TRUE keeps the period away from indexes, which would be read through all guilds. Whole
-- rows are taken along: to look them up once more takes far longer than to find them. Analyses of
-- deleted guilds are left out.
-- returns: ClubAnalysisSummary
-- sort: newest: f.created_at DESC, f.id DESC
-- sort: oldest: f.created_at ASC, f.id ASC
-- replica: yes
WITH found AS MATERIALIZED (
    SELECT
        a.id,
        a.guild_id,
        a.user_id,
        a.title,
        a.summary,
        a.confidence,
        a.created_at,
        a.updated_at
    FROM slimy.club_analyses AS a
    WHERE
        slimy.words_within('user ' || a.user_id::text, coalesce(a.title, '') || ' ' || a.summary)
        @@ slimy.words_query_within('user ' || :user_id::uuid::text, :words)
        AND (
            a.confidence >= :min_confidence
            AND a.created_at >= :since
            AND a.created_at < :until
        ) IS TRUE
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.guild_id,
    f.user_id,
    f.title,
    f.summary,
    f.confidence,
    f.created_at,
    f.updated_at
FROM found AS f
WHERE
    NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = f.guild_id AND g.deleted_at IS NOT NULL
    )
ORDER BY f.created_at DESC, f.id DESC
LIMIT :row_limit;

-- name: update :opt
-- Changes the columns that are given; what is left out stays. None of a deleted guild.
-- returns: ClubAnalysis
-- patch: title, summary, confidence
UPDATE slimy.club_analyses AS a
SET
    title = :title,
    summary = :summary,
    confidence = :confidence
WHERE
    a.id = :id
    AND a.updated_at = coalesce(:version, a.updated_at)
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = a.guild_id AND g.deleted_at IS NULL
    )
RETURNING
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size,
                        'uploadedAt', i.uploaded_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.club_analysis_images AS i
        WHERE i.analysis_id = a.id
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name, 'value', m.value, 'unit', m.unit, 'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            )
        FROM slimy.club_metrics AS m
        WHERE m.analysis_id = a.id
    ) AS metrics;
