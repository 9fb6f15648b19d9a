-- Powers of club members as they were read from screenshots: every observation, and the latest of
-- each member. Members are known by the name the club shows, not by a Discord account.
--
-- depends: 0003_create_guilds
-- phase: expand

CREATE TABLE slimy.club_member_metrics (
    guild_id bigint NOT NULL,
    member_key text NOT NULL,
    observed_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL,
    sim_power bigint,
    total_power bigint,

    -- One observation per member and moment; also a member's history. Left out: the sources' index
    -- on observed_at alone, which no question asks for without a guild.
    CONSTRAINT club_member_metrics_pkey PRIMARY KEY (guild_id, member_key, observed_at),
    CONSTRAINT club_member_metrics_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    CONSTRAINT club_member_metrics_member_key_length_check CHECK (
        char_length(member_key) BETWEEN 1 AND 100
    ),
    CONSTRAINT club_member_metrics_name_length_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT club_member_metrics_sim_power_positive_check CHECK (sim_power >= 0),
    CONSTRAINT club_member_metrics_total_power_positive_check CHECK (total_power >= 0),
    -- Keeps out infinity, and what would stand before every first page.
    CONSTRAINT club_member_metrics_observed_at_range_check CHECK (
        observed_at >= '2000-01-01 00:00:00+00' AND observed_at < '2100-01-01 00:00:00+00'
    )
);

CREATE TABLE slimy.club_member_latest (
    guild_id bigint NOT NULL,
    member_key text NOT NULL,
    name text NOT NULL,
    sim_power bigint,
    total_power bigint,
    last_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT club_member_latest_pkey PRIMARY KEY (guild_id, member_key),
    CONSTRAINT club_member_latest_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    -- What follows the observations passes these; they are for rows that are put in by hand.
    CONSTRAINT club_member_latest_member_key_length_check CHECK (
        char_length(member_key) BETWEEN 1 AND 100
    ),
    CONSTRAINT club_member_latest_name_length_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT club_member_latest_sim_power_positive_check CHECK (sim_power >= 0),
    CONSTRAINT club_member_latest_total_power_positive_check CHECK (total_power >= 0),
    CONSTRAINT club_member_latest_last_seen_at_range_check CHECK (
        last_seen_at >= '2000-01-01 00:00:00+00' AND last_seen_at < '2100-01-01 00:00:00+00'
    )
);

-- The two leaderboards. A member whose power was not read stands in neither.
CREATE INDEX club_member_latest_total_power_idx ON slimy.club_member_latest (
    guild_id, total_power, member_key
)
WHERE total_power IS NOT NULL;

CREATE INDEX club_member_latest_sim_power_idx ON slimy.club_member_latest (
    guild_id, sim_power, member_key
)
WHERE sim_power IS NOT NULL;

-- In the database, so that an observation put in by hand is as good as an ingest. In key order, so
-- that two clubs' worth of observations never wait for each other in a circle.
CREATE FUNCTION slimy.follow_club_members() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    INSERT INTO slimy.club_member_latest AS l (
        guild_id, member_key, name, sim_power, total_power, last_seen_at
    )
    SELECT DISTINCT ON (o.guild_id, o.member_key)
        o.guild_id,
        o.member_key,
        o.name,
        o.sim_power,
        o.total_power,
        o.observed_at
    FROM observed AS o
    ORDER BY o.guild_id, o.member_key, o.observed_at DESC
    ON CONFLICT (guild_id, member_key) DO UPDATE
        SET
            name = excluded.name,
            sim_power = excluded.sim_power,
            total_power = excluded.total_power,
            last_seen_at = excluded.last_seen_at
        WHERE excluded.last_seen_at >= l.last_seen_at;
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION slimy.follow_club_members() IS
'Makes the newest observation of each member the latest, in the same statement; an older one '
'leaves it alone.';

CREATE TRIGGER club_member_metrics_follow_insert
AFTER INSERT ON slimy.club_member_metrics
REFERENCING NEW TABLE AS observed
FOR EACH STATEMENT EXECUTE FUNCTION slimy.follow_club_members();

CREATE TRIGGER club_member_metrics_follow_update
AFTER UPDATE ON slimy.club_member_metrics
REFERENCING NEW TABLE AS observed
FOR EACH STATEMENT EXECUTE FUNCTION slimy.follow_club_members();

CREATE TRIGGER club_member_latest_set_updated_at
BEFORE UPDATE ON slimy.club_member_latest
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.club_member_metrics IS
'One row per member and moment it was observed at. It goes with its guild.';
COMMENT ON COLUMN slimy.club_member_metrics.member_key IS
'What tells a member from the others of the club: the name as it is read, made regular by the '
'reader.';
COMMENT ON COLUMN slimy.club_member_metrics.name IS 'The name as it was shown.';
COMMENT ON COLUMN slimy.club_member_metrics.sim_power IS 'NULL when it could not be read.';
COMMENT ON COLUMN slimy.club_member_metrics.total_power IS 'NULL when it could not be read.';
COMMENT ON TABLE slimy.club_member_latest IS
'One row per member: the newest observation. It stays when old observations are removed.';
COMMENT ON COLUMN slimy.club_member_latest.sim_power IS
'NULL when the newest observation could not read it.';
COMMENT ON COLUMN slimy.club_member_latest.total_power IS
'NULL when the newest observation could not read it.';
COMMENT ON INDEX slimy.club_member_metrics_pkey IS
'serves club_members.ingest, club_members.list_history, guilds.delete';
COMMENT ON INDEX slimy.club_member_latest_pkey IS
'serves club_members.find, club_members.list_members, guilds.delete';
COMMENT ON INDEX slimy.club_member_latest_total_power_idx IS
'serves club_members.list_by_total_power';
COMMENT ON INDEX slimy.club_member_latest_sim_power_idx IS 'serves club_members.list_by_sim_power';
COMMENT ON TRIGGER club_member_metrics_follow_insert ON slimy.club_member_metrics IS
'Keeps the latest of each member in step.';
COMMENT ON TRIGGER club_member_metrics_follow_update ON slimy.club_member_metrics IS
'Keeps the latest of each member in step when an observation is corrected.';
COMMENT ON TRIGGER club_member_latest_set_updated_at ON slimy.club_member_latest IS
'Dates real changes only.';
