-- Who belongs to which guild, and with what authority. The pair is the key: a surrogate id would be
-- a third index that no query asks for.
--
-- depends: 0003_create_guilds
-- phase: expand

CREATE TABLE slimy.user_guilds (
    user_id uuid NOT NULL,
    guild_id bigint NOT NULL,
    roles text[] NOT NULL DEFAULT '{member}',
    joined_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    -- Led by user_id: it also serves a user's guilds and the cascade from users.
    CONSTRAINT user_guilds_pkey PRIMARY KEY (user_id, guild_id),
    CONSTRAINT user_guilds_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    CONSTRAINT user_guilds_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    CONSTRAINT user_guilds_roles_known_check CHECK (
        roles <@ ARRAY['owner', 'admin', 'moderator', 'member']::text[]
    ),
    -- Each role at most once, and at least one: counted, because a CHECK may not look into
    -- unnest().
    CONSTRAINT user_guilds_roles_once_check CHECK (
        array_ndims(roles) = 1
        AND cardinality(roles)
        = ('owner' = ANY(roles))::int
        + ('admin' = ANY(roles))::int
        + ('moderator' = ANY(roles))::int
        + ('member' = ANY(roles))::int
    ),
    CONSTRAINT user_guilds_roles_present_check CHECK (cardinality(roles) > 0),
    -- Discord opened in 2015. The upper end keeps out what sorts before every first page.
    CONSTRAINT user_guilds_joined_at_range_check CHECK (
        joined_at >= '2015-01-01 00:00:00+00' AND joined_at < '2100-01-01 00:00:00+00'
    )
);

-- Roster pages, newest first; also counts and the cascade from guilds.
CREATE INDEX user_guilds_roster_idx ON slimy.user_guilds (guild_id, joined_at DESC, user_id DESC);

-- A guild's staff, newest first: found without reading past its plain members.
CREATE INDEX user_guilds_staff_idx ON slimy.user_guilds (guild_id, joined_at DESC, user_id DESC)
WHERE roles && '{owner,admin,moderator}';

CREATE TRIGGER user_guilds_set_updated_at
BEFORE UPDATE ON slimy.user_guilds
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.user_guilds IS
'One row per membership; it goes with its user and with its guild.';
COMMENT ON COLUMN slimy.user_guilds.roles IS
'Known roles, each once, at least one. An array and not rows: roles are read and written together.';
COMMENT ON INDEX slimy.user_guilds_pkey IS
'serves memberships.find, memberships.list_guilds, memberships.remove';
COMMENT ON INDEX slimy.user_guilds_roster_idx IS
'serves memberships.list_members, memberships.count_members, guilds.get, guilds.list_newest';
COMMENT ON INDEX slimy.user_guilds_staff_idx IS 'serves memberships.list_members';
COMMENT ON TRIGGER user_guilds_set_updated_at ON slimy.user_guilds IS 'Dates real changes only.';
