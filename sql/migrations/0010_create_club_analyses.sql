-- What was read out of a guild's club: analyses with their images and metrics, found by words.
--
-- depends: 0003_create_guilds 0009_soft_delete_guilds
-- phase: expand

-- Words of one guild, or of one user, are searched at a time. Under plain words a common one is
-- read for the whole platform before the guild is looked at: 65 ms for 300,000 analyses, and in
-- proportion. Here each scope's words stand in one of 1,024 drawers, beside a lexeme that is the
-- scope itself: 0.2 ms. Refused: the whole scope before each word (twice the size of the index
-- for nothing one can feel); btree_gin (an extension). hashtext() may be kept on disk: hash
-- indexes keep it too. No word begins with a blank, so that none is taken for a scope; of a very
-- long word the beginning has to do, because a lexeme has at most 2,046 bytes.
CREATE FUNCTION slimy.words_within(scope text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $body$
    SELECT array_to_tsvector(
        ARRAY[' ' || scope]
        || ARRAY(
            SELECT to_hex(hashtext(scope) & 1023) || ' ' || left(word, 250)
            FROM unnest(tsvector_to_array(slimy.to_tsvector(body))) AS word
        )
    )
$body$;

COMMENT ON FUNCTION slimy.words_within(text, text) IS
'The words of a text for a search within one scope, such as one guild.';

-- PARALLEL RESTRICTED, because the planner, which cannot know how rare words are, takes them for
-- half a percent of the table and would start workers for a handful of rows.
CREATE FUNCTION slimy.words_query_within(scope text, typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED
AS $body$
    SELECT (
        ''' ' || scope || ''' & '
        || string_agg(
            '''' || to_hex(hashtext(scope) & 1023) || ' '
            || replace(replace(left(word, 250), '\', '\\'), '''', '''''') || ''':*',
            ' & '
        )
    )::tsquery
    FROM unnest(tsvector_to_array(slimy.to_tsvector(typed))) AS word
$body$;

COMMENT ON FUNCTION slimy.words_query_within(text, text) IS
'Search terms as people type them, within one scope: all words, each by its beginning; NULL when '
'there is no word in them.';

CREATE TABLE slimy.club_analyses (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    guild_id bigint NOT NULL,
    user_id uuid NOT NULL,
    title text,
    summary text NOT NULL,
    confidence double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT club_analyses_pkey PRIMARY KEY (id),
    -- CASCADE: an analysis tells of its guild, and of nothing once the guild is gone.
    CONSTRAINT club_analyses_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    -- CASCADE: erasing a user takes along what the user had made.
    CONSTRAINT club_analyses_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    CONSTRAINT club_analyses_title_length_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT club_analyses_summary_length_check CHECK (
        char_length(summary) BETWEEN 1 AND 20000
    ),
    -- NaN is above every number, so the upper end keeps it out.
    CONSTRAINT club_analyses_confidence_range_check CHECK (confidence >= 0 AND confidence <= 1),
    -- Keeps out infinity, which clients cannot read.
    CONSTRAINT club_analyses_created_at_range_check CHECK (
        created_at >= '2015-01-01 00:00:00+00' AND created_at < '2100-01-01 00:00:00+00'
    )
);

-- A guild's analyses, newest first. The confidence stands behind, so that a wish for a better one
-- passes over the others inside the index. It leaves nothing to do for indexes on (guild_id),
-- (guild_id, confidence); and those on (created_at), (updated_at) and (confidence) alone would
-- serve lists across all guilds, which nobody may see.
CREATE INDEX club_analyses_guild_idx ON slimy.club_analyses (
    guild_id, created_at DESC, id DESC, confidence
);

-- The same of a user: nothing is left to do for (user_id) and (user_id, confidence).
CREATE INDEX club_analyses_user_idx ON slimy.club_analyses (
    user_id, created_at DESC, id DESC, confidence
);

-- Title and summary by the beginnings of their words, within a guild or within a user.
CREATE INDEX club_analyses_words_idx ON slimy.club_analyses USING gin (
    slimy.words_within('guild ' || guild_id::text, coalesce(title, '') || ' ' || summary),
    slimy.words_within('user ' || user_id::text, coalesce(title, '') || ' ' || summary)
);

CREATE TRIGGER club_analyses_set_updated_at
BEFORE UPDATE ON slimy.club_analyses
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

CREATE TABLE slimy.club_analysis_images (
    analysis_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    image_url text NOT NULL,
    original_name text NOT NULL,
    file_size bigint NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),

    -- Led by the analysis: one index for the images of an analysis in their order, for one of
    -- them and for the cascade. Nobody asks for images by size or by time across analyses: no
    -- index on (uploaded_at) or (file_size).
    CONSTRAINT club_analysis_images_pkey PRIMARY KEY (analysis_id, id),
    CONSTRAINT club_analysis_images_analysis_id_fkey FOREIGN KEY (analysis_id)
    REFERENCES slimy.club_analyses (id) ON DELETE CASCADE,
    CONSTRAINT club_analysis_images_image_url_length_check CHECK (
        char_length(image_url) BETWEEN 1 AND 2048
    ),
    CONSTRAINT club_analysis_images_original_name_length_check CHECK (
        char_length(original_name) BETWEEN 1 AND 255
    ),
    CONSTRAINT club_analysis_images_file_size_positive_check CHECK (file_size >= 0)
);

CREATE TABLE slimy.club_metrics (
    analysis_id uuid NOT NULL,
    name text NOT NULL,
    value jsonb NOT NULL,
    unit text,
    category text NOT NULL,

    -- The pair is the key, as a membership's is: a surrogate id would be a second index on the
    -- biggest tables that no query asks for. An analysis has few metrics: those of a category are
    -- picked out of its own, and neither (category) nor (category, name) is indexed.
    CONSTRAINT club_metrics_pkey PRIMARY KEY (analysis_id, name),
    CONSTRAINT club_metrics_analysis_id_fkey FOREIGN KEY (analysis_id)
    REFERENCES slimy.club_analyses (id) ON DELETE CASCADE,
    CONSTRAINT club_metrics_name_length_check CHECK (char_length(name) BETWEEN 1 AND 100),
    -- A metric that was not found has no row; a JSON null would be a second way to say it.
    CONSTRAINT club_metrics_value_present_check CHECK (jsonb_typeof(value) != 'null'),
    CONSTRAINT club_metrics_value_size_check CHECK (octet_length(value::text) <= 16384),
    CONSTRAINT club_metrics_unit_length_check CHECK (char_length(unit) BETWEEN 1 AND 32),
    CONSTRAINT club_metrics_category_length_check CHECK (char_length(category) BETWEEN 1 AND 64)
);

-- A function and not a statement: under READ COMMITTED a statement keeps the view it began with,
-- and one that had waited for another would miss the metrics that the other had put there. Each
-- statement in here sees what was kept before it began.
CREATE FUNCTION slimy.replace_club_metrics(analysis uuid, metrics jsonb) RETURNS jsonb
LANGUAGE plpgsql
AS $body$
BEGIN
    UPDATE slimy.club_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    FROM slimy.guilds AS g
    WHERE a.id = analysis AND a.guild_id = g.id AND g.deleted_at IS NULL;
    IF NOT found THEN
        RETURN NULL;
    END IF;
    DELETE FROM slimy.club_metrics WHERE analysis_id = analysis;
    INSERT INTO slimy.club_metrics (analysis_id, name, value, unit, category)
    SELECT analysis, e.name, e.value, e.unit, e.category
    FROM jsonb_to_recordset(metrics) AS e (name text, value jsonb, unit text, category text);
    RETURN (
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
        WHERE m.analysis_id = analysis
    );
END
$body$;

COMMENT ON FUNCTION slimy.replace_club_metrics(uuid, jsonb) IS
'Puts other metrics in the place of an analysis'' own and returns them; NULL when there is no '
'such analysis, or its guild is deleted. Of two at a time one waits, and its metrics stay: never a '
'mixture of both.';
COMMENT ON TABLE slimy.club_analyses IS
'One row per analysis of a guild''s club; kept until its creator or a guild admin deletes it.';
COMMENT ON COLUMN slimy.club_analyses.user_id IS 'Who had it made; may change and delete it.';
COMMENT ON COLUMN slimy.club_analyses.title IS 'NULL when the user gave none.';
COMMENT ON COLUMN slimy.club_analyses.summary IS 'Written by the model that looked at the images.';
COMMENT ON COLUMN slimy.club_analyses.updated_at IS
'Of the analysis with its images and metrics: whoever changes one of them dates it, so that it is '
'the version of all that is read together.';
COMMENT ON COLUMN slimy.club_analyses.confidence IS
'How sure the model is of it, from 0 to 1.';
COMMENT ON INDEX slimy.club_analyses_pkey IS
'serves club_analyses.get, club_analyses.update, club_analyses.delete, '
'club_analyses.find_authority, club_metrics.put';
COMMENT ON INDEX slimy.club_analyses_guild_idx IS
'serves club_analyses.list_of_guild, club_metrics.list_history, guilds.delete';
COMMENT ON INDEX slimy.club_analyses_user_idx IS
'serves club_analyses.list_of_user, users.purge_club_analyses, users.delete';
COMMENT ON INDEX slimy.club_analyses_words_idx IS
'serves club_analyses.search_guild, club_analyses.search_user';
COMMENT ON TRIGGER club_analyses_set_updated_at ON slimy.club_analyses IS
'Dates real changes only.';
COMMENT ON TABLE slimy.club_analysis_images IS
'One row per image that an analysis was made from; it goes with its analysis.';
COMMENT ON COLUMN slimy.club_analysis_images.image_url IS
'Where the image lies; the image itself is never kept here.';
COMMENT ON COLUMN slimy.club_analysis_images.original_name IS
'Name of the file as it was uploaded.';
COMMENT ON COLUMN slimy.club_analysis_images.file_size IS 'In bytes.';
COMMENT ON INDEX slimy.club_analysis_images_pkey IS
'serves club_analyses.get, club_analyses.delete, club_analysis_images.delete';
COMMENT ON TABLE slimy.club_metrics IS
'One row per figure that was read out of an analysis'' images; it goes with its analysis.';
COMMENT ON COLUMN slimy.club_metrics.value IS
'Number, text, boolean, list or object, as it was read; never a JSON null.';
COMMENT ON COLUMN slimy.club_metrics.unit IS 'What a number counts; NULL for a value without one.';
COMMENT ON INDEX slimy.club_metrics_pkey IS
'serves club_analyses.get, club_analyses.delete, club_metrics.list_of_analysis, '
'club_metrics.list_history, club_metrics.put, club_metrics.delete';
