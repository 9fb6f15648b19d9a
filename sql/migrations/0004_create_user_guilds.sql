-- Who belongs to which guild, and with what authority. The pair is the key: a surrogate id would be
-- a third index that no query asks for.
--
-- depends: 0003_create_guilds
-- phase: expand

-- A guild's members are searched by the words of their names, and only within the guild. The guild
-- stands before each word, so that a search reads what it finds and nothing of other guilds, be
-- they large or small. Refused: plain words (those of the whole platform are read for one guild);
-- drawers of guilds, as analyses have them (a fifth smaller, but a small guild in the drawer of a
-- large one reads the large one's words). A lexeme has at most 2,046
-- bytes, so that of a very long word the beginning has to do.
CREATE FUNCTION slimy.names_within(guild_id bigint, names text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $body$
    SELECT array_to_tsvector(
        ARRAY(
            SELECT to_hex(guild_id) || ' ' || left(word, 250)
            FROM unnest(tsvector_to_array(slimy.to_tsvector(names))) AS word
        )
    )
$body$;

COMMENT ON FUNCTION slimy.names_within(bigint, text) IS
'The words of a member''s names for a search within one guild.';

-- PARALLEL RESTRICTED, because the planner, which cannot know how rare words are, takes them for
-- half a percent of the table and would start workers for a handful of rows.
CREATE FUNCTION slimy.names_query_within(guild_id bigint, typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED
AS $body$
    SELECT
        string_agg(
            '''' || to_hex(guild_id) || ' '
            || replace(replace(left(word, 250), '\', '\\'), '''', '''''') || ''':*',
            ' & '
        )::tsquery
    FROM unnest(tsvector_to_array(slimy.to_tsvector(typed))) AS word
$body$;

COMMENT ON FUNCTION slimy.names_query_within(bigint, text) IS
'Search terms as people type them, within one guild: all words, each by its beginning; NULL when '
'there is no word in them.';

CREATE TABLE slimy.user_guilds (
    user_id uuid NOT NULL,
    guild_id bigint NOT NULL,
    roles text[] NOT NULL DEFAULT '{member}',
    joined_at timestamptz NOT NULL DEFAULT now(),
    names text NOT NULL DEFAULT '',
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
    -- Two names of a user and a blank.
    CONSTRAINT user_guilds_names_length_check CHECK (char_length(names) <= 201),
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

-- Members by the beginnings of the words in their names, within a guild.
CREATE INDEX user_guilds_names_idx ON slimy.user_guilds USING gin (
    slimy.names_within(guild_id, names)
);

-- A new name of the user is no change of the membership.
CREATE TRIGGER user_guilds_set_updated_at
BEFORE UPDATE ON slimy.user_guilds
FOR EACH ROW WHEN (
    (old.user_id, old.guild_id, old.roles, old.joined_at)
    IS DISTINCT FROM (new.user_id, new.guild_id, new.roles, new.joined_at)
)
EXECUTE FUNCTION slimy.set_updated_at();

-- Whoever joins and whoever is renamed at the same time must meet, or one would not see the other.
-- They do at the user's row: joining takes the lock there that a change of names takes anyway.
-- Refused: the weaker lock of the foreign key, and a stronger one for the change of names: two
-- transactions that each let a user join and then rename them would wait for each other.
-- A membership that stays its user's has its row locked already, and give_names() will come to it:
-- a lock of the user would be one taken out of order.
CREATE FUNCTION slimy.take_names() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.user_id <> OLD.user_id THEN
        SELECT coalesce(u.username, '') || ' ' || coalesce(u.global_name, '')
        INTO NEW.names
        FROM slimy.users AS u
        WHERE u.id = NEW.user_id
        FOR NO KEY UPDATE;
    ELSE
        SELECT coalesce(u.username, '') || ' ' || coalesce(u.global_name, '')
        INTO NEW.names
        FROM slimy.users AS u
        WHERE u.id = NEW.user_id;
    END IF;
    -- Nobody we know: the foreign key will say so.
    NEW.names := coalesce(NEW.names, '');
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION slimy.take_names() IS
'Puts the user''s names into a membership, whatever was written there.';

-- Rows are locked in order of their guilds. Within one guild they are locked in order of their
-- users, or under the guild's lock: so nobody waits in a circle.
CREATE FUNCTION slimy.give_names() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT m.guild_id
        FROM slimy.user_guilds AS m
        WHERE m.user_id = NEW.id
        ORDER BY m.guild_id
        FOR NO KEY UPDATE
    )

    UPDATE slimy.user_guilds AS m
    SET names = coalesce(NEW.username, '') || ' ' || coalesce(NEW.global_name, '')
    FROM locked AS l
    WHERE m.user_id = NEW.id AND m.guild_id = l.guild_id;
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION slimy.give_names() IS
'Brings a user''s memberships up to date with changed names: a few hundred rows at most.';

CREATE TRIGGER user_guilds_take_names
BEFORE INSERT OR UPDATE OF user_id, names ON slimy.user_guilds
FOR EACH ROW
EXECUTE FUNCTION slimy.take_names();

-- WHEN keeps it away from logins that change nothing of the names: they cost nothing.
CREATE TRIGGER users_give_names
AFTER UPDATE OF username, global_name ON slimy.users
FOR EACH ROW WHEN (
    (old.username, old.global_name) IS DISTINCT FROM (new.username, new.global_name)
)
EXECUTE FUNCTION slimy.give_names();

COMMENT ON TABLE slimy.user_guilds IS
'One row per membership; it goes with its user and with its guild.';
COMMENT ON COLUMN slimy.user_guilds.roles IS
'Known roles, each once, at least one. An array and not rows: roles are read and written together.';
COMMENT ON COLUMN slimy.user_guilds.names IS
'The user''s names, kept in step by triggers for the search within a guild; shown from users.';
COMMENT ON INDEX slimy.user_guilds_pkey IS
'serves memberships.find, memberships.list_guilds, memberships.remove';
COMMENT ON INDEX slimy.user_guilds_roster_idx IS
'serves memberships.list_members, memberships.count_members, guilds.get, guilds.list_newest, '
'guilds.get_with_members, guilds.purge_members';
COMMENT ON INDEX slimy.user_guilds_staff_idx IS 'serves memberships.list_members';
COMMENT ON INDEX slimy.user_guilds_names_idx IS 'serves memberships.search_members';
COMMENT ON TRIGGER user_guilds_take_names ON slimy.user_guilds IS
'A membership has the names of its user, by whomever it is written.';
COMMENT ON TRIGGER users_give_names ON slimy.users IS
'Memberships follow when their user is renamed.';
COMMENT ON TRIGGER user_guilds_set_updated_at ON slimy.user_guilds IS 'Dates real changes only.';
