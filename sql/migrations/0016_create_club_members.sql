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

-- One club at a time, until its transaction ends. Without it two ingests of a club could wait for
-- each other in a circle: what a statement corrects is followed before what it adds, so that no
-- order of the members' keys is that of both. Clubs share 1,024 turns, so that a load of all of
-- them does not fill the server's table of locks.
CREATE FUNCTION slimy.take_turns_with_clubs(guild_ids bigint[]) RETURNS void
LANGUAGE plpgsql
AS $body$
DECLARE
    turn integer;
BEGIN
    FOR turn IN
        SELECT DISTINCT hashint8(g.id) & 1023
        FROM unnest(guild_ids) AS g (id)
        ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtext('slimy.club_member_latest'), turn);
    END LOOP;
END
$body$;

COMMENT ON FUNCTION slimy.take_turns_with_clubs(bigint[]) IS
'Waits until nobody else brings the latest of these clubs'' members up to date.';

-- In the database, so that an observation put in by hand is as good as an ingest.
CREATE FUNCTION slimy.follow_club_members() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    PERFORM slimy.take_turns_with_clubs(ARRAY(SELECT DISTINCT o.guild_id FROM observed AS o));
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
'Makes the newest of what was inserted the latest of each member, in the same statement; an older '
'observation leaves it alone.';

-- What was corrected or removed may have been the newest: then the newest that is left is looked
-- up, whatever the latest says. Members of a guild that is gone are passed over: their latest goes
-- by its own foreign key.
CREATE FUNCTION slimy.recall_club_members() RETURNS trigger
LANGUAGE plpgsql
AS $body$
DECLARE
    guild_ids bigint[];
    member_keys text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT
            array_agg(k.guild_id ORDER BY k.guild_id, k.member_key),
            array_agg(k.member_key ORDER BY k.guild_id, k.member_key)
        INTO guild_ids, member_keys
        FROM (
            SELECT b.guild_id, b.member_key FROM before AS b
            UNION
            SELECT a.guild_id, a.member_key FROM after AS a
        ) AS k;
    ELSE
        SELECT
            array_agg(k.guild_id ORDER BY k.guild_id, k.member_key),
            array_agg(k.member_key ORDER BY k.guild_id, k.member_key)
        INTO guild_ids, member_keys
        FROM (
            SELECT DISTINCT b.guild_id, b.member_key
            FROM before AS b
            WHERE EXISTS (SELECT FROM slimy.guilds AS g WHERE g.id = b.guild_id)
        ) AS k;
    END IF;
    IF guild_ids IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM slimy.take_turns_with_clubs(guild_ids);
    -- From here on each statement sees what those who were faster have committed.
    DELETE FROM slimy.club_member_latest AS l
    USING unnest(guild_ids, member_keys) AS k (guild_id, member_key)
    WHERE
        l.guild_id = k.guild_id
        AND l.member_key = k.member_key
        AND NOT EXISTS (
            SELECT FROM slimy.club_member_metrics AS m
            WHERE m.guild_id = k.guild_id AND m.member_key = k.member_key
        );
    INSERT INTO slimy.club_member_latest AS l (
        guild_id, member_key, name, sim_power, total_power, last_seen_at
    )
    SELECT
        k.guild_id,
        k.member_key,
        n.name,
        n.sim_power,
        n.total_power,
        n.observed_at
    FROM unnest(guild_ids, member_keys) AS k (guild_id, member_key)
    CROSS JOIN LATERAL (
        SELECT m.name, m.sim_power, m.total_power, m.observed_at
        FROM slimy.club_member_metrics AS m
        WHERE m.guild_id = k.guild_id AND m.member_key = k.member_key
        ORDER BY m.observed_at DESC
        LIMIT 1
    ) AS n
    ORDER BY k.guild_id, k.member_key
    ON CONFLICT (guild_id, member_key) DO UPDATE
        SET
            name = excluded.name,
            sim_power = excluded.sim_power,
            total_power = excluded.total_power,
            last_seen_at = excluded.last_seen_at
        WHERE
        (l.name, l.sim_power, l.total_power, l.last_seen_at)
        IS DISTINCT FROM (
            excluded.name, excluded.sim_power, excluded.total_power, excluded.last_seen_at
        );
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION slimy.recall_club_members() IS
'Makes the newest observation that is left the latest of each member whose observations were '
'changed or removed, in the same statement; a member without any has no latest.';

CREATE TRIGGER club_member_metrics_follow_insert
AFTER INSERT ON slimy.club_member_metrics
REFERENCING NEW TABLE AS observed
FOR EACH STATEMENT EXECUTE FUNCTION slimy.follow_club_members();

CREATE TRIGGER club_member_metrics_follow_update
AFTER UPDATE ON slimy.club_member_metrics
REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION slimy.recall_club_members();

CREATE TRIGGER club_member_metrics_follow_delete
AFTER DELETE ON slimy.club_member_metrics
REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION slimy.recall_club_members();

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
'One row per member: the newest observation that is kept. It goes with the last one.';
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
'Keeps the latest of each member in step when an observation is corrected, also to another time.';
COMMENT ON TRIGGER club_member_metrics_follow_delete ON slimy.club_member_metrics IS
'Keeps the latest of each member in step when an observation is removed.';
COMMENT ON TRIGGER club_member_latest_set_updated_at ON slimy.club_member_latest IS
'Dates real changes only.';
