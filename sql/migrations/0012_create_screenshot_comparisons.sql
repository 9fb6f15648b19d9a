-- What changed between two screenshots of a user.
--
-- depends: 0011_create_screenshot_analyses
-- phase: expand

CREATE TABLE slimy.screenshot_comparisons (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    user_id uuid NOT NULL,
    analysis_id_1 uuid NOT NULL,
    analysis_id_2 uuid NOT NULL,
    comparison_type text NOT NULL,
    summary text NOT NULL,
    trend text,
    differences jsonb NOT NULL,
    insights jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT screenshot_comparisons_pkey PRIMARY KEY (id),
    -- CASCADE: erasing a user takes along what the user had made.
    CONSTRAINT screenshot_comparisons_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    -- CASCADE: without one of its sides a comparison says nothing. With its user, so that a
    -- comparison cannot show what is somebody else's.
    CONSTRAINT screenshot_comparisons_analysis_id_1_owner_fkey FOREIGN KEY (analysis_id_1, user_id)
    REFERENCES slimy.screenshot_analyses (id, user_id) ON DELETE CASCADE,
    CONSTRAINT screenshot_comparisons_analysis_id_2_owner_fkey FOREIGN KEY (analysis_id_2, user_id)
    REFERENCES slimy.screenshot_analyses (id, user_id) ON DELETE CASCADE,
    -- Two different ones, and the pair in one order only, so that it is unique whichever way
    -- round it is asked for. Keys are made in order of time: the first one is the older.
    CONSTRAINT screenshot_comparisons_analyses_order_check CHECK (analysis_id_1 < analysis_id_2),
    -- Led by the first analysis: it serves its cascade as well, because an analysis has one user.
    CONSTRAINT screenshot_comparisons_analyses_type_key UNIQUE (
        analysis_id_1, analysis_id_2, comparison_type
    ),
    CONSTRAINT screenshot_comparisons_comparison_type_shape_check CHECK (
        comparison_type ~ '^[a-z][a-z0-9_.-]{0,63}$'
    ),
    CONSTRAINT screenshot_comparisons_summary_length_check CHECK (
        char_length(summary) BETWEEN 1 AND 20000
    ),
    CONSTRAINT screenshot_comparisons_trend_known_check CHECK (
        trend IN ('down', 'mixed', 'stable', 'up')
    ),
    CONSTRAINT screenshot_comparisons_differences_array_check CHECK (
        jsonb_typeof(differences) = 'array'
    ),
    CONSTRAINT screenshot_comparisons_differences_size_check CHECK (
        octet_length(differences::text) <= 1048576
    ),
    CONSTRAINT screenshot_comparisons_insights_array_check CHECK (
        jsonb_typeof(insights) = 'array'
    ),
    CONSTRAINT screenshot_comparisons_insights_size_check CHECK (
        octet_length(insights::text) <= 65536
    )
);

-- Deleting an analysis looks for the comparisons it is the newer side of; so does the list of an
-- analysis.
CREATE INDEX screenshot_comparisons_analysis_id_2_idx ON slimy.screenshot_comparisons (
    analysis_id_2
);

-- A user's comparisons, newest first. It leaves nothing to do for an index on (user_id); those on
-- (comparison_type) and (created_at) alone would serve lists across all users.
CREATE INDEX screenshot_comparisons_user_idx ON slimy.screenshot_comparisons (
    user_id, created_at DESC, id DESC, comparison_type
);

-- A value may have 16 KiB, and a comparison shows it twice: a few dozen long ones would not fit.
CREATE FUNCTION slimy.shortened(long jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $body$
    SELECT
        CASE
            WHEN char_length(long #>> '{}') > 200 THEN jsonb_build_object(
                'beginning', left(long #>> '{}', 200),
                'length', char_length(long #>> '{}')
            )
            ELSE long
        END
$body$;

COMMENT ON FUNCTION slimy.shortened(jsonb) IS
'A value as it is, or, where its text has more than 200 characters, an object with the beginning '
'of its text and the length.';

-- A function, because what is shown before a comparison is kept and what is kept must be the same.
CREATE FUNCTION slimy.screenshot_differences(first_id uuid, second_id uuid) RETURNS TABLE (
    key text,
    category text,
    kind text,
    first_value jsonb,
    second_value jsonb,
    change numeric,
    change_percent numeric
)
LANGUAGE sql STABLE
AS $body$
    SELECT
        coalesce(b.key, a.key),
        coalesce(b.category, a.category),
        CASE
            WHEN a.key IS NULL THEN 'added'
            WHEN b.key IS NULL THEN 'removed'
            WHEN a.value = b.value THEN 'same'
            ELSE 'changed'
        END,
        slimy.shortened(a.value),
        slimy.shortened(b.value),
        n.after - n.before,
        round((n.after - n.before) * 100 / nullif(abs(n.before), 0), 2)
    FROM (
        SELECT d.key, d.category, d.value, d.data_type = 'number' AS is_number
        FROM slimy.screenshot_data AS d
        WHERE d.analysis_id = first_id
    ) AS a
    FULL JOIN (
        SELECT d.key, d.category, d.value, d.data_type = 'number' AS is_number
        FROM slimy.screenshot_data AS d
        WHERE d.analysis_id = second_id
    ) AS b ON a.key = b.key
    CROSS JOIN LATERAL (
        -- Nobody counts in 200 digits: such a number was misread, and is compared as a text.
        SELECT
            CASE WHEN a.is_number AND char_length(a.value::text) <= 200 THEN a.value::numeric END
                AS before,
            CASE WHEN b.is_number AND char_length(b.value::text) <= 200 THEN b.value::numeric END
                AS after
    ) AS n
$body$;

COMMENT ON FUNCTION slimy.screenshot_differences(uuid, uuid) IS
'The data points of two analyses side by side, long values shortened, with how much a number '
'changed, also in percent of what it was.';
COMMENT ON TABLE slimy.screenshot_comparisons IS
'One row per comparison of two analyses of a user; never changed, it goes with either of them.';
COMMENT ON COLUMN slimy.screenshot_comparisons.analysis_id_1 IS 'The older of the two.';
COMMENT ON COLUMN slimy.screenshot_comparisons.analysis_id_2 IS 'The newer of the two.';
COMMENT ON COLUMN slimy.screenshot_comparisons.comparison_type IS
'What was looked at, as one lower-case word such as progress.';
COMMENT ON COLUMN slimy.screenshot_comparisons.trend IS
'Where the numbers of both go: up, down, stable or mixed; whether that is good they do not say. '
'NULL when they have no number in common.';
COMMENT ON COLUMN slimy.screenshot_comparisons.differences IS
'List of data points that are not the same in both, as screenshot_differences gives them: by their '
'keys, as many as fit 1 MiB.';
COMMENT ON COLUMN slimy.screenshot_comparisons.insights IS
'List of what follows from the differences; where the caller gave none, the largest rise and fall.';
COMMENT ON INDEX slimy.screenshot_comparisons_pkey IS
'serves screenshot_comparisons.get, screenshot_comparisons.delete, '
'screenshot_comparisons.find_owner';
COMMENT ON INDEX slimy.screenshot_comparisons_analyses_type_key IS
'serves screenshot_comparisons.find, screenshot_comparisons.create, '
'screenshot_comparisons.list_of_analysis, screenshot_analyses.delete';
COMMENT ON INDEX slimy.screenshot_comparisons_analysis_id_2_idx IS
'serves screenshot_comparisons.list_of_analysis, screenshot_analyses.delete';
COMMENT ON INDEX slimy.screenshot_comparisons_user_idx IS
'serves screenshot_comparisons.list_of_user, users.purge_comparisons, users.delete';
