-- What was read out of single screenshots: analyses with their data points, tags, insights and
-- recommendations.
--
-- depends: 0002_create_users
-- phase: expand

CREATE TABLE slimy.screenshot_analyses (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    user_id uuid NOT NULL,
    screenshot_type text NOT NULL,
    image_url text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    summary text NOT NULL,
    confidence double precision NOT NULL,
    processing_time_ms bigint NOT NULL,
    model_used text NOT NULL,
    raw_response jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT screenshot_analyses_pkey PRIMARY KEY (id),
    -- What screenshot_comparisons points at, so that nobody compares what is somebody else's. The
    -- user first: in the other order it would take the primary key's work over, at twice its size.
    CONSTRAINT screenshot_analyses_owner_key UNIQUE (user_id, id),
    -- CASCADE: erasing a user takes along what the user had made.
    CONSTRAINT screenshot_analyses_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    -- A word of ours, and no closed list: each game and each screen of it brings another one.
    CONSTRAINT screenshot_analyses_screenshot_type_shape_check CHECK (
        screenshot_type ~ '^[a-z][a-z0-9_.-]{0,63}$'
    ),
    CONSTRAINT screenshot_analyses_image_url_length_check CHECK (
        char_length(image_url) BETWEEN 1 AND 2048
    ),
    CONSTRAINT screenshot_analyses_title_length_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT screenshot_analyses_description_length_check CHECK (
        char_length(description) <= 4000
    ),
    CONSTRAINT screenshot_analyses_summary_length_check CHECK (
        char_length(summary) BETWEEN 1 AND 20000
    ),
    -- NaN is above every number, so the upper end keeps it out.
    CONSTRAINT screenshot_analyses_confidence_range_check CHECK (
        confidence >= 0 AND confidence <= 1
    ),
    CONSTRAINT screenshot_analyses_processing_time_ms_positive_check CHECK (
        processing_time_ms >= 0
    ),
    CONSTRAINT screenshot_analyses_model_used_length_check CHECK (
        char_length(model_used) BETWEEN 1 AND 100
    ),
    CONSTRAINT screenshot_analyses_raw_response_type_check CHECK (
        jsonb_typeof(raw_response) IN ('array', 'object')
    ),
    CONSTRAINT screenshot_analyses_raw_response_size_check CHECK (
        octet_length(raw_response::text) <= 1048576
    ),
    -- Keeps out infinity, which clients cannot read.
    CONSTRAINT screenshot_analyses_created_at_range_check CHECK (
        created_at >= '2015-01-01 00:00:00+00' AND created_at < '2100-01-01 00:00:00+00'
    )
);

-- A user's analyses, newest first. Type and confidence stand behind, so that a wish for one of
-- them passes over the others inside the index. It leaves nothing to do for indexes on (user_id)
-- and (user_id, screenshot_type); and those on (created_at) and (confidence) alone would serve
-- lists across all users, which nobody may see.
CREATE INDEX screenshot_analyses_user_idx ON slimy.screenshot_analyses (
    user_id, created_at DESC, id DESC, screenshot_type, confidence
);

-- What is made of one kind of screenshot, newest first, for those who look after the models. Led
-- by the type, it leaves nothing to do for an index on it alone.
CREATE INDEX screenshot_analyses_type_idx ON slimy.screenshot_analyses (
    screenshot_type, created_at DESC, id DESC
);

CREATE TRIGGER screenshot_analyses_set_updated_at
BEFORE UPDATE ON slimy.screenshot_analyses
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

-- The tables below belong to an analysis and are asked for with it: each has one index, led by the
-- analysis, for its rows of an analysis, for one of them and for the cascade. An analysis has few
-- of each: those of a type, a category or a priority are picked out of its own, and no index on
-- these, with the analysis in front or without, is kept.

CREATE TABLE slimy.screenshot_data (
    analysis_id uuid NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    data_type text NOT NULL,
    category text NOT NULL,
    confidence double precision,

    CONSTRAINT screenshot_data_pkey PRIMARY KEY (analysis_id, key),
    CONSTRAINT screenshot_data_analysis_id_fkey FOREIGN KEY (analysis_id)
    REFERENCES slimy.screenshot_analyses (id) ON DELETE CASCADE,
    CONSTRAINT screenshot_data_key_length_check CHECK (char_length(key) BETWEEN 1 AND 100),
    CONSTRAINT screenshot_data_value_size_check CHECK (octet_length(value::text) <= 16384),
    CONSTRAINT screenshot_data_data_type_known_check CHECK (
        data_type IN ('array', 'boolean', 'date', 'number', 'object', 'string')
    ),
    -- What was not read has no row, so JSON's null is no type here. A date is written as text.
    CONSTRAINT screenshot_data_value_type_check CHECK (
        jsonb_typeof(value) = CASE data_type WHEN 'date' THEN 'string' ELSE data_type END
    ),
    CONSTRAINT screenshot_data_category_length_check CHECK (
        char_length(category) BETWEEN 1 AND 64
    ),
    CONSTRAINT screenshot_data_confidence_range_check CHECK (confidence >= 0 AND confidence <= 1)
);

CREATE TABLE slimy.screenshot_tags (
    analysis_id uuid NOT NULL,
    tag text NOT NULL,
    category text NOT NULL,

    CONSTRAINT screenshot_tags_pkey PRIMARY KEY (analysis_id, tag),
    CONSTRAINT screenshot_tags_analysis_id_fkey FOREIGN KEY (analysis_id)
    REFERENCES slimy.screenshot_analyses (id) ON DELETE CASCADE,
    CONSTRAINT screenshot_tags_tag_length_check CHECK (char_length(tag) BETWEEN 1 AND 64),
    CONSTRAINT screenshot_tags_category_length_check CHECK (
        char_length(category) BETWEEN 1 AND 64
    )
);

CREATE TABLE slimy.screenshot_insights (
    analysis_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    type text NOT NULL,
    priority text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    confidence double precision NOT NULL,
    actionable boolean NOT NULL DEFAULT FALSE,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT screenshot_insights_pkey PRIMARY KEY (analysis_id, id),
    CONSTRAINT screenshot_insights_analysis_id_fkey FOREIGN KEY (analysis_id)
    REFERENCES slimy.screenshot_analyses (id) ON DELETE CASCADE,
    CONSTRAINT screenshot_insights_type_shape_check CHECK (type ~ '^[a-z][a-z0-9_.-]{0,63}$'),
    CONSTRAINT screenshot_insights_priority_known_check CHECK (
        priority IN ('low', 'medium', 'high')
    ),
    CONSTRAINT screenshot_insights_title_length_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT screenshot_insights_description_length_check CHECK (
        char_length(description) BETWEEN 1 AND 4000
    ),
    CONSTRAINT screenshot_insights_confidence_range_check CHECK (
        confidence >= 0 AND confidence <= 1
    )
);

CREATE TABLE slimy.screenshot_recommendations (
    analysis_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    type text NOT NULL,
    priority text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    impact text NOT NULL,
    effort text NOT NULL,
    actionable boolean NOT NULL DEFAULT TRUE,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT screenshot_recommendations_pkey PRIMARY KEY (analysis_id, id),
    CONSTRAINT screenshot_recommendations_analysis_id_fkey FOREIGN KEY (analysis_id)
    REFERENCES slimy.screenshot_analyses (id) ON DELETE CASCADE,
    CONSTRAINT screenshot_recommendations_type_shape_check CHECK (
        type ~ '^[a-z][a-z0-9_.-]{0,63}$'
    ),
    CONSTRAINT screenshot_recommendations_priority_known_check CHECK (
        priority IN ('low', 'medium', 'high')
    ),
    CONSTRAINT screenshot_recommendations_title_length_check CHECK (
        char_length(title) BETWEEN 1 AND 200
    ),
    CONSTRAINT screenshot_recommendations_description_length_check CHECK (
        char_length(description) BETWEEN 1 AND 4000
    ),
    CONSTRAINT screenshot_recommendations_impact_known_check CHECK (
        impact IN ('low', 'medium', 'high')
    ),
    CONSTRAINT screenshot_recommendations_effort_known_check CHECK (
        effort IN ('low', 'medium', 'high')
    )
);

COMMENT ON TABLE slimy.screenshot_analyses IS
'One row per screenshot that a user had analysed; kept until the user deletes it.';
COMMENT ON COLUMN slimy.screenshot_analyses.screenshot_type IS
'What the screenshot shows, as one lower-case word such as club_roster.';
COMMENT ON COLUMN slimy.screenshot_analyses.description IS 'What is to be seen; may be empty.';
COMMENT ON COLUMN slimy.screenshot_analyses.summary IS
'What it means, written by the model that looked at the image.';
COMMENT ON COLUMN slimy.screenshot_analyses.confidence IS
'How sure the model is of it, from 0 to 1.';
COMMENT ON COLUMN slimy.screenshot_analyses.updated_at IS
'Of the analysis with its data, tags, insights and recommendations: whoever changes one of them '
'dates it, so that it is the version of all that is read together.';
COMMENT ON COLUMN slimy.screenshot_analyses.processing_time_ms IS
'How long the analysis took, in milliseconds.';
COMMENT ON COLUMN slimy.screenshot_analyses.raw_response IS
'What the model answered, before it was read; at most 1 MiB, and left out of lists.';
COMMENT ON INDEX slimy.screenshot_analyses_pkey IS
'serves screenshot_analyses.get, screenshot_analyses.update, screenshot_analyses.delete, '
'screenshot_analyses.find_owner';
COMMENT ON INDEX slimy.screenshot_analyses_owner_key IS
'serves screenshot_comparisons.create, users.delete';
COMMENT ON INDEX slimy.screenshot_analyses_user_idx IS
'serves screenshot_analyses.list_of_user, screenshot_data.list_history, '
'screenshot_insights.list_of_user, screenshot_recommendations.list_of_user, '
'users.purge_screenshots';
COMMENT ON INDEX slimy.screenshot_analyses_type_idx IS
'serves screenshot_analyses.list_of_type';
COMMENT ON TRIGGER screenshot_analyses_set_updated_at ON slimy.screenshot_analyses IS
'Dates real changes only.';
COMMENT ON TABLE slimy.screenshot_data IS
'One row per value that was read out of a screenshot; it goes with its analysis. The pair is the '
'key: a surrogate id would be a second index that no query asks for.';
COMMENT ON COLUMN slimy.screenshot_data.key IS 'What the value is of, once in each analysis.';
COMMENT ON COLUMN slimy.screenshot_data.value IS 'As it was read, of the kind data_type says.';
COMMENT ON COLUMN slimy.screenshot_data.confidence IS
'How sure the model is of this value, from 0 to 1; NULL when it did not say.';
COMMENT ON INDEX slimy.screenshot_data_pkey IS
'serves screenshot_data.list_of_analysis, screenshot_data.put_many, screenshot_data.delete, '
'screenshot_data.list_history, screenshot_analyses.get, screenshot_analyses.delete, '
'screenshot_analyses.list_of_user, screenshot_comparisons.compare, screenshot_comparisons.create';
COMMENT ON TABLE slimy.screenshot_tags IS
'One row per tag of an analysis; it goes with its analysis. The pair is the key: a surrogate id '
'would be a second index that no query asks for.';
COMMENT ON INDEX slimy.screenshot_tags_pkey IS
'serves screenshot_tags.list_of_analysis, screenshot_tags.put_many, screenshot_tags.delete, '
'screenshot_analyses.get, screenshot_analyses.delete, screenshot_analyses.list_of_user';
COMMENT ON TABLE slimy.screenshot_insights IS
'One row per thing that an analysis shows; it goes with its analysis.';
COMMENT ON COLUMN slimy.screenshot_insights.type IS
'What the insight is about, as one lower-case word.';
COMMENT ON COLUMN slimy.screenshot_insights.confidence IS
'How sure the model is of it, from 0 to 1.';
COMMENT ON COLUMN slimy.screenshot_insights.actionable IS 'Whether something can be done about it.';
COMMENT ON INDEX slimy.screenshot_insights_pkey IS
'serves screenshot_insights.list_of_analysis, screenshot_insights.list_of_user, '
'screenshot_insights.delete, screenshot_analyses.get, screenshot_analyses.delete';
COMMENT ON TABLE slimy.screenshot_recommendations IS
'One row per thing that an analysis says to do; it goes with its analysis.';
COMMENT ON COLUMN slimy.screenshot_recommendations.type IS
'What the recommendation is about, as one lower-case word.';
COMMENT ON COLUMN slimy.screenshot_recommendations.impact IS 'How much following it would change.';
COMMENT ON COLUMN slimy.screenshot_recommendations.effort IS 'How much following it would cost.';
COMMENT ON COLUMN slimy.screenshot_recommendations.actionable IS
'Whether it can be followed as it stands.';
COMMENT ON INDEX slimy.screenshot_recommendations_pkey IS
'serves screenshot_recommendations.list_of_analysis, screenshot_recommendations.list_of_user, '
'screenshot_recommendations.delete, screenshot_analyses.get, screenshot_analyses.delete';
