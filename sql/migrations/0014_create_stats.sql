-- Statistics: what happened, with a value, in partitions by month; and their totals, which are kept
-- at hand because a billion rows cannot be counted while somebody waits.
--
-- depends: 0003_create_guilds 0013_create_partitions
-- phase: expand

CREATE TABLE slimy.stats (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    user_id uuid,
    guild_id bigint,
    type text NOT NULL,
    value jsonb NOT NULL,

    -- In this order, not (id, recorded_at): it is also the index of the pages of everything.
    CONSTRAINT stats_pkey PRIMARY KEY (recorded_at, id),
    -- SET NULL: what was counted stays counted when a person or a guild goes.
    CONSTRAINT stats_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE SET NULL,
    CONSTRAINT stats_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE SET NULL,
    CONSTRAINT stats_type_length_check CHECK (char_length(type) BETWEEN 1 AND 100),
    -- A null of JSON's own says nothing, and would pass for a value.
    CONSTRAINT stats_value_present_check CHECK (jsonb_typeof(value) != 'null'),
    CONSTRAINT stats_value_size_check CHECK (octet_length(value::text) <= 8192)
) PARTITION BY RANGE (recorded_at);

-- Four indexes beside the key, where the sources name nine. Left out: userId, guildId, type and
-- timestamp alone (each begins another index); (userId, type, timestamp): a person has so few rows
-- that stats_user_id_idx finds the type among them.
CREATE INDEX stats_user_id_idx ON slimy.stats (user_id, recorded_at, id)
WHERE user_id IS NOT NULL;

CREATE INDEX stats_guild_id_idx ON slimy.stats (guild_id, recorded_at, id)
WHERE guild_id IS NOT NULL;

-- A busy guild has millions of rows: a rare type among them needs its own order.
CREATE INDEX stats_guild_id_type_idx ON slimy.stats (guild_id, type, recorded_at, id)
WHERE guild_id IS NOT NULL;

CREATE INDEX stats_type_idx ON slimy.stats (type, recorded_at, id);

-- What statements added to the totals, each in rows of its own, so that writers never wait for each
-- other; they are folded into the totals in batches. A total is the folded part plus these.
CREATE TABLE slimy.stat_deltas (
    id bigint GENERATED ALWAYS AS IDENTITY,
    guild_id bigint,
    bucket_start timestamptz NOT NULL,
    type text NOT NULL,
    entries bigint NOT NULL,
    numbers bigint NOT NULL,
    total numeric NOT NULL,
    lowest numeric,
    highest numeric,

    CONSTRAINT stat_deltas_pkey PRIMARY KEY (id),
    -- CASCADE: totals of a guild that is gone are of no use, and its id may come back.
    CONSTRAINT stat_deltas_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE
) WITH (
    -- Rows live a minute: clean up after as many, however large the table once was.
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000
);

CREATE INDEX stat_deltas_guild_id_idx ON slimy.stat_deltas (guild_id, bucket_start);

CREATE TABLE slimy.stat_totals (
    grain text NOT NULL,
    bucket_start timestamptz NOT NULL,
    type text NOT NULL,
    entries bigint NOT NULL,
    numbers bigint NOT NULL,
    total numeric NOT NULL,
    lowest numeric,
    highest numeric,

    CONSTRAINT stat_totals_pkey PRIMARY KEY (grain, bucket_start, type),
    CONSTRAINT stat_totals_grain_check CHECK (grain IN ('hour', 'day'))
) WITH (fillfactor = 80);

CREATE TABLE slimy.guild_stat_totals (
    guild_id bigint NOT NULL,
    grain text NOT NULL,
    bucket_start timestamptz NOT NULL,
    type text NOT NULL,
    entries bigint NOT NULL,
    numbers bigint NOT NULL,
    total numeric NOT NULL,
    lowest numeric,
    highest numeric,

    CONSTRAINT guild_stat_totals_pkey PRIMARY KEY (guild_id, grain, bucket_start, type),
    CONSTRAINT guild_stat_totals_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    CONSTRAINT guild_stat_totals_grain_check CHECK (grain IN ('hour', 'day'))
) WITH (fillfactor = 80);

CREATE FUNCTION slimy.count_stats() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    INSERT INTO slimy.stat_deltas (
        guild_id, bucket_start, type, entries, numbers, total, lowest, highest
    )
    SELECT
        a.guild_id,
        a.bucket_start,
        a.type,
        count(*),
        count(a.number),
        coalesce(sum(a.number), 0),
        min(a.number),
        max(a.number)
    FROM (
        SELECT
            s.guild_id,
            s.type,
            date_trunc('hour', s.recorded_at, 'UTC') AS bucket_start,
            CASE WHEN jsonb_typeof(s.value) = 'number' THEN s.value::numeric END AS number
        FROM added AS s
    ) AS a
    GROUP BY GROUPING SETS ((a.bucket_start, a.type), (a.guild_id, a.bucket_start, a.type))
    HAVING grouping(a.guild_id) = 1 OR a.guild_id IS NOT NULL;
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION slimy.count_stats() IS
'Adds what a statement recorded to the totals, in the same transaction: once for each hour and '
'type, and again for each guild.';

CREATE TRIGGER stats_count
AFTER INSERT ON slimy.stats
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION slimy.count_stats();

-- Totals are true as long as nobody changes what was counted.
CREATE FUNCTION slimy.keep_stats() RETURNS trigger
LANGUAGE plpgsql
AS $body$
DECLARE
    kept slimy.stats;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        kept := new;
        IF new.user_id IS NULL AND NOT EXISTS (
            SELECT FROM slimy.users AS u WHERE u.id = old.user_id
        ) THEN
            kept.user_id := old.user_id;
        END IF;
        IF new.guild_id IS NULL AND NOT EXISTS (
            SELECT FROM slimy.guilds AS g WHERE g.id = old.guild_id
        ) THEN
            kept.guild_id := old.guild_id;
        END IF;
        IF kept IS NOT DISTINCT FROM old THEN
            RETURN new;
        END IF;
    ELSIF current_user = 'slimy_retention' THEN
        RETURN old;
    END IF;
    RAISE EXCEPTION 'stats are append only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege',
        HINT = 'Old rows are removed by the role slimy_retention, after SET ROLE.';
END
$body$;

COMMENT ON FUNCTION slimy.keep_stats() IS
'Refuses to change or remove statistics. Let through: what a foreign key sets to NULL because its '
'row is gone, and removal by the role slimy_retention.';

CREATE TRIGGER stats_keep
BEFORE UPDATE OR DELETE ON slimy.stats
FOR EACH ROW EXECUTE FUNCTION slimy.keep_stats();

CREATE TRIGGER stats_keep_all
BEFORE TRUNCATE ON slimy.stats
FOR EACH STATEMENT EXECUTE FUNCTION slimy.keep_stats();

GRANT SELECT, DELETE, TRUNCATE ON slimy.stats TO slimy_retention;

COMMENT ON TABLE slimy.stats IS
'One row per recorded statistic, partitioned by month of recorded_at (UTC); append only.';
COMMENT ON COLUMN slimy.stats.recorded_at IS
'When it happened, as the caller says; the sources call it timestamp. Late rows are fine as long '
'as their month has a partition.';
COMMENT ON COLUMN slimy.stats.user_id IS
'NULL when it concerns no person, or one who was erased.';
COMMENT ON COLUMN slimy.stats.guild_id IS 'NULL when it concerns no guild, or one that is gone.';
COMMENT ON COLUMN slimy.stats.type IS 'What was measured, such as message_count.';
COMMENT ON COLUMN slimy.stats.value IS 'Any JSON; sums and averages are of numbers only.';
COMMENT ON TABLE slimy.stat_deltas IS
'What was recorded since the last fold: one row per statement, hour and type, and again per guild.';
COMMENT ON COLUMN slimy.stat_deltas.guild_id IS
'NULL in the rows that count all guilds together.';
COMMENT ON COLUMN slimy.stat_deltas.bucket_start IS 'The beginning of an hour, UTC.';
COMMENT ON COLUMN slimy.stat_deltas.lowest IS 'NULL when no value was a number.';
COMMENT ON COLUMN slimy.stat_deltas.highest IS 'NULL when no value was a number.';
COMMENT ON TABLE slimy.stat_totals IS
'Statistics of all guilds together, by hour and by day: the folded part.';
COMMENT ON COLUMN slimy.stat_totals.bucket_start IS
'The beginning of the hour or day (grain), UTC.';
COMMENT ON COLUMN slimy.stat_totals.lowest IS 'NULL when no value was a number.';
COMMENT ON COLUMN slimy.stat_totals.highest IS 'NULL when no value was a number.';
COMMENT ON TABLE slimy.guild_stat_totals IS
'Statistics of each guild, by hour and by day: the folded part. It goes with its guild.';
COMMENT ON COLUMN slimy.guild_stat_totals.bucket_start IS
'The beginning of the hour or day (grain), UTC.';
COMMENT ON COLUMN slimy.guild_stat_totals.lowest IS 'NULL when no value was a number.';
COMMENT ON COLUMN slimy.guild_stat_totals.highest IS 'NULL when no value was a number.';
COMMENT ON INDEX slimy.stats_pkey IS 'serves stats.list_newest';
-- It also finds what total_user_by_type and total_user_by_time add up; their plans on an empty
-- database say nothing, because made-up periods may lie outside all partitions.
COMMENT ON INDEX slimy.stats_user_id_idx IS 'serves stats.list_newest, users.delete';
COMMENT ON INDEX slimy.stats_guild_id_idx IS 'serves stats.list_newest';
COMMENT ON INDEX slimy.stats_guild_id_type_idx IS 'serves stats.list_newest';
COMMENT ON INDEX slimy.stats_type_idx IS 'serves stats.list_newest';
COMMENT ON INDEX slimy.stat_deltas_pkey IS 'serves stats.fold';
COMMENT ON INDEX slimy.stat_deltas_guild_id_idx IS
'serves stats.total_by_type, stats.total_by_time, stats.total_guild_by_type, '
'stats.total_guild_by_time, guilds.delete';
COMMENT ON INDEX slimy.stat_totals_pkey IS
'serves stats.total_by_type, stats.total_by_time, stats.fold';
COMMENT ON INDEX slimy.guild_stat_totals_pkey IS
'serves stats.total_guild_by_type, stats.total_guild_by_time, stats.fold, guilds.delete';
COMMENT ON TRIGGER stats_count ON slimy.stats IS 'Keeps the totals in step with every INSERT.';
COMMENT ON TRIGGER stats_keep ON slimy.stats IS 'Statistics are append only.';
COMMENT ON TRIGGER stats_keep_all ON slimy.stats IS 'Statistics are append only.';

-- Also with session_replication_role = replica, which tools set for speed: what they load would be
-- missing from the totals for ever.
ALTER TABLE slimy.stats ENABLE ALWAYS TRIGGER stats_count;
ALTER TABLE slimy.stats ENABLE ALWAYS TRIGGER stats_keep;
ALTER TABLE slimy.stats ENABLE ALWAYS TRIGGER stats_keep_all;

-- The month before, for what comes late, this one, and three ahead; `slimy partitions make` makes
-- more.
SELECT slimy.make_partitions('slimy.stats', (now() AT TIME ZONE 'UTC')::date - 31, 5);
