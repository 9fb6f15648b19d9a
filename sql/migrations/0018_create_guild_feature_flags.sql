-- What a guild has switched on and how its pages look. A guild without a row has the defaults.
-- Columns and not one JSON object: each flag has a type, a default and a comment of its own.
--
-- depends: 0003_create_guilds
-- phase: expand

CREATE TABLE slimy.guild_feature_flags (
    guild_id bigint NOT NULL,
    color_primary text,
    badge_style text NOT NULL DEFAULT 'rounded',
    ensemble_ocr boolean NOT NULL DEFAULT FALSE,
    second_approver boolean NOT NULL DEFAULT FALSE,
    ask_manus boolean NOT NULL DEFAULT FALSE,
    public_stats boolean NOT NULL DEFAULT TRUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT guild_feature_flags_pkey PRIMARY KEY (guild_id),
    -- CASCADE: flags of a guild that is gone switch nothing.
    CONSTRAINT guild_feature_flags_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    -- One spelling per colour, so that equal colours are equal texts.
    CONSTRAINT guild_feature_flags_color_primary_hex_check CHECK (
        color_primary ~ '^#[0-9a-f]{6}$'
    ),
    CONSTRAINT guild_feature_flags_badge_style_known_check CHECK (
        badge_style IN ('rounded', 'square', 'pill')
    )
);

CREATE TRIGGER guild_feature_flags_set_updated_at
BEFORE UPDATE ON slimy.guild_feature_flags
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.guild_feature_flags IS
'At most one row per guild, made at the first change; it goes with its guild.';
COMMENT ON COLUMN slimy.guild_feature_flags.color_primary IS
'#rrggbb in lower case; NULL for the platform''s own colour.';
COMMENT ON COLUMN slimy.guild_feature_flags.ensemble_ocr IS
'Read each screenshot with several engines and let them vote.';
COMMENT ON COLUMN slimy.guild_feature_flags.second_approver IS
'Ask a second person before an analysis is published.';
COMMENT ON COLUMN slimy.guild_feature_flags.ask_manus IS
'Let members put questions to the Manus assistant.';
COMMENT ON COLUMN slimy.guild_feature_flags.public_stats IS
'Whether people outside the guild may see its statistics.';
COMMENT ON INDEX slimy.guild_feature_flags_pkey IS
'serves guild_feature_flags.get, guild_feature_flags.update, guild_feature_flags.reset, '
'guilds.delete';
COMMENT ON TRIGGER guild_feature_flags_set_updated_at ON slimy.guild_feature_flags IS
'Dates real changes only: an update to equal values is none.';
