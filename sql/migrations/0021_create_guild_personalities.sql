-- How the bot speaks in a guild. A guild without a row speaks as the preset `default` does.
--
-- depends: 0003_create_guilds
-- phase: expand

CREATE TABLE slimy.guild_personalities (
    guild_id bigint NOT NULL,
    preset text NOT NULL DEFAULT 'default',
    system_prompt text,
    temperature double precision NOT NULL DEFAULT 0.7,
    top_p double precision NOT NULL DEFAULT 1.0,
    tone text NOT NULL DEFAULT 'friendly',
    formality text NOT NULL DEFAULT 'neutral',
    humor boolean NOT NULL DEFAULT TRUE,
    emojis boolean NOT NULL DEFAULT TRUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT guild_personalities_pkey PRIMARY KEY (guild_id),
    -- CASCADE: a guild that is gone is not spoken in.
    CONSTRAINT guild_personalities_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    CONSTRAINT guild_personalities_preset_known_check CHECK (
        preset IN ('default', 'helper', 'jester', 'scholar')
    ),
    CONSTRAINT guild_personalities_system_prompt_length_check CHECK (
        char_length(system_prompt) BETWEEN 1 AND 8000
    ),
    -- Both ends: NaN is above every number in PostgreSQL, so the upper one keeps it out.
    CONSTRAINT guild_personalities_temperature_range_check CHECK (
        temperature >= 0 AND temperature <= 2
    ),
    CONSTRAINT guild_personalities_top_p_range_check CHECK (top_p >= 0 AND top_p <= 1),
    CONSTRAINT guild_personalities_tone_known_check CHECK (
        tone IN ('neutral', 'friendly', 'playful', 'serious')
    ),
    CONSTRAINT guild_personalities_formality_known_check CHECK (
        formality IN ('casual', 'neutral', 'formal')
    )
);

CREATE TRIGGER guild_personalities_set_updated_at
BEFORE UPDATE ON slimy.guild_personalities
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

-- Presets are the product's, released with it, so they are a function and not a table: no foreign
-- key, no index for it, and a release changes them like code. What a guild has chosen is copied
-- into its row: a later release does not change how a guild's bot speaks unasked.
CREATE FUNCTION slimy.personality_presets()
RETURNS TABLE (
    preset text,
    system_prompt text,
    temperature double precision,
    top_p double precision,
    tone text,
    formality text,
    humor boolean,
    emojis boolean
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body$
    VALUES
    (
        'default',
        NULL,
        0.7::double precision, 1.0::double precision, 'friendly', 'neutral', TRUE, TRUE
    ),
    (
        'helper',
        'Answer the question first and shortly, then say where to read more.',
        0.4, 1.0, 'neutral', 'neutral', FALSE, FALSE
    ),
    (
        'jester',
        'Entertain. Stay kind, and let every joke carry the answer.',
        1.2, 1.0, 'playful', 'casual', TRUE, TRUE
    ),
    (
        'scholar',
        'Explain with care, name what is not certain, and cite sources.',
        0.2, 0.9, 'serious', 'formal', FALSE, FALSE
    )
$body$;

COMMENT ON FUNCTION slimy.personality_presets() IS
'The ways to speak that a guild may begin with; the names are those that the table''s CHECK knows.';
COMMENT ON TABLE slimy.guild_personalities IS
'At most one row per guild, made at the first change; it goes with its guild.';
COMMENT ON COLUMN slimy.guild_personalities.preset IS
'What the other columns began with; each may have been changed since.';
COMMENT ON COLUMN slimy.guild_personalities.system_prompt IS
'What the model is told before every conversation; NULL for nothing.';
COMMENT ON COLUMN slimy.guild_personalities.temperature IS
'0 always says the likeliest, 2 is close to noise.';
COMMENT ON COLUMN slimy.guild_personalities.top_p IS
'Share of the likeliest words that is drawn from.';
COMMENT ON COLUMN slimy.guild_personalities.humor IS 'Whether jokes are welcome.';
COMMENT ON COLUMN slimy.guild_personalities.emojis IS 'Whether answers may hold emoji.';
COMMENT ON INDEX slimy.guild_personalities_pkey IS
'serves guild_personalities.get, guild_personalities.update, guild_personalities.reset, '
'guilds.delete';
COMMENT ON TRIGGER guild_personalities_set_updated_at ON slimy.guild_personalities IS
'Dates real changes only: an update to equal values is none.';
