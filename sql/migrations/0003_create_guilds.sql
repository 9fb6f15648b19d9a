-- Discord servers. The key is Discord's own id: a second key would need a second index and a join
-- for every message.
--
-- depends: 0002_create_users
-- phase: expand

CREATE TABLE slimy.guilds (
    id bigint NOT NULL,
    name text NOT NULL,
    icon text,
    owner_id uuid,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT guilds_pkey PRIMARY KEY (id),
    -- SET NULL: a guild outlives its owner's account; Discord tells the next owner later.
    CONSTRAINT guilds_owner_id_fkey FOREIGN KEY (owner_id)
    REFERENCES slimy.users (id) ON DELETE SET NULL,
    CONSTRAINT guilds_id_positive_check CHECK (id > 0),
    CONSTRAINT guilds_name_length_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT guilds_icon_length_check CHECK (char_length(icon) BETWEEN 1 AND 2048),
    CONSTRAINT guilds_settings_object_check CHECK (jsonb_typeof(settings) = 'object'),
    -- Settings are read with every guild: one that does not fit a page or two slows every list.
    CONSTRAINT guilds_settings_size_check CHECK (octet_length(settings::text) <= 65536),
    -- Discord opened in 2015. The upper end keeps out infinity, which clients cannot read.
    CONSTRAINT guilds_created_at_range_check CHECK (
        created_at >= '2015-01-01 00:00:00+00' AND created_at < '2100-01-01 00:00:00+00'
    )
);

-- The id orders guilds by their age on Discord, not by when we met them, so the list needs its own
-- index.
CREATE INDEX guilds_newest_idx ON slimy.guilds (created_at DESC, id DESC);

-- Deleting a user looks for the guilds it owns.
CREATE INDEX guilds_owner_id_idx ON slimy.guilds (owner_id) WHERE owner_id IS NOT NULL;

-- Search by the beginning of a word of the name.
CREATE INDEX guilds_words_idx ON slimy.guilds USING gin (slimy.to_tsvector(name));

CREATE TRIGGER guilds_set_updated_at
BEFORE UPDATE ON slimy.guilds
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

ALTER TABLE slimy.users ADD COLUMN last_active_guild_id bigint;

-- Every row is NULL in a column made a line above: there is nothing to validate later.
ALTER TABLE slimy.users
-- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint
ADD CONSTRAINT users_last_active_guild_id_fkey
FOREIGN KEY (last_active_guild_id) REFERENCES slimy.guilds (id) ON DELETE SET NULL;

-- Deleting a guild looks for the users who were last active in it, a batch at a time in order of
-- their keys; the others need no entry.
CREATE INDEX users_last_active_guild_id_idx ON slimy.users (last_active_guild_id, id)
WHERE last_active_guild_id IS NOT NULL;

COMMENT ON TABLE slimy.guilds IS
'One row per Discord server the platform has met; deleting it takes its data along.';
COMMENT ON COLUMN slimy.guilds.id IS 'Snowflake of the Discord server; a string in JSON.';
COMMENT ON COLUMN slimy.guilds.icon IS 'Discord icon hash or URL; NULL for none.';
COMMENT ON COLUMN slimy.guilds.owner_id IS 'NULL while the owner is not one of our users.';
COMMENT ON COLUMN slimy.guilds.settings IS
'Free object of the guild''s own settings; changed by top-level merge.';
COMMENT ON COLUMN slimy.users.last_active_guild_id IS
'Guild to open first at the next visit; NULL when it is gone.';
COMMENT ON INDEX slimy.guilds_pkey IS 'serves guilds.get, guilds.upsert';
COMMENT ON INDEX slimy.guilds_newest_idx IS 'serves guilds.list_newest';
COMMENT ON INDEX slimy.guilds_owner_id_idx IS 'serves users.delete';
COMMENT ON INDEX slimy.guilds_words_idx IS 'serves guilds.search';
COMMENT ON INDEX slimy.users_last_active_guild_id_idx IS
'serves guilds.clear_last_active, guilds.delete';
COMMENT ON TRIGGER guilds_set_updated_at ON slimy.guilds IS
'Dates real changes only: an upsert of equal values is none.';
