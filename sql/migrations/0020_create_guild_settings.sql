-- Where a guild's results go and who sees them. A guild without a row has the defaults. Apart from
-- guilds.settings, which is the guild's own free object: what the platform acts on has types.
--
-- depends: 0003_create_guilds
-- phase: expand

CREATE TABLE slimy.guild_settings (
    guild_id bigint NOT NULL,
    sheet_id text,
    sheet_tab text,
    view_mode text NOT NULL DEFAULT 'baseline',
    allow_public boolean NOT NULL DEFAULT FALSE,
    screenshot_channel_id bigint,
    uploads_enabled boolean NOT NULL DEFAULT TRUE,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT guild_settings_pkey PRIMARY KEY (guild_id),
    -- CASCADE: settings of a guild that is gone set nothing.
    CONSTRAINT guild_settings_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    -- The letters of a Google key. The whole address pasted here is the mistake people make.
    CONSTRAINT guild_settings_sheet_id_shape_check CHECK (sheet_id ~ '^[A-Za-z0-9_-]{1,128}$'),
    CONSTRAINT guild_settings_sheet_tab_length_check CHECK (
        char_length(sheet_tab) BETWEEN 1 AND 100
    ),
    CONSTRAINT guild_settings_view_mode_known_check CHECK (view_mode IN ('baseline', 'latest')),
    CONSTRAINT guild_settings_screenshot_channel_id_positive_check CHECK (
        screenshot_channel_id > 0
    ),
    CONSTRAINT guild_settings_notes_length_check CHECK (char_length(notes) BETWEEN 1 AND 4000)
);

CREATE TRIGGER guild_settings_set_updated_at
BEFORE UPDATE ON slimy.guild_settings
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.guild_settings IS
'At most one row per guild, made at the first change; it goes with its guild.';
COMMENT ON COLUMN slimy.guild_settings.sheet_id IS
'Key of the Google sheet that results are written to; NULL for none.';
COMMENT ON COLUMN slimy.guild_settings.sheet_tab IS
'Tab of that sheet; NULL for the first one. Kept while there is no sheet, for the next.';
COMMENT ON COLUMN slimy.guild_settings.view_mode IS
'Whether pages compare with the baseline or show the latest observation.';
COMMENT ON COLUMN slimy.guild_settings.allow_public IS
'Whether people outside the guild may see its pages.';
COMMENT ON COLUMN slimy.guild_settings.screenshot_channel_id IS
'Snowflake of the channel that screenshots are read from, a string in JSON; NULL for none.';
COMMENT ON COLUMN slimy.guild_settings.uploads_enabled IS 'Whether members may send screenshots.';
COMMENT ON COLUMN slimy.guild_settings.notes IS 'For the guild''s admins; NULL for none.';
COMMENT ON INDEX slimy.guild_settings_pkey IS
'serves guild_settings.get, guild_settings.update, guild_settings.reset, guilds.delete';
COMMENT ON TRIGGER guild_settings_set_updated_at ON slimy.guild_settings IS
'Dates real changes only: an update to equal values is none.';
