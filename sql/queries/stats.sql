-- name: copy_many :copyfrom
-- Records many at once, as a stream of rows without a statement for each.
-- role: slimy_owner
INSERT INTO slimy.stats (recorded_at, user_id, guild_id, type, value)
VALUES (:recorded_at, :user_id, :guild_id, :type, :value);

-- name: fold :scalar
-- Moves one batch of deltas into the totals, and says how many there were; 0 when nothing is left.
-- Several may fold at once: each takes what the others have not. The guilds are locked before their
-- deltas, as deleting one does, so that the two never wait for each other in a circle; deltas of
-- one that is just being deleted are left for the next time.
-- page: 10000
WITH reachable AS MATERIALIZED (
    SELECT g.id
    FROM slimy.guilds AS g
    WHERE
        g.id = ANY(
            ARRAY(
                SELECT f.guild_id
                FROM (
                    SELECT d.guild_id
                    FROM slimy.stat_deltas AS d
                    ORDER BY d.id
                    LIMIT :batch_size
                ) AS f
            )
        )
    FOR KEY SHARE SKIP LOCKED
),

chosen AS MATERIALIZED (
    SELECT d.id
    FROM slimy.stat_deltas AS d
    WHERE d.guild_id IS NULL OR d.guild_id IN (SELECT r.id FROM reachable AS r)
    ORDER BY d.id
    LIMIT :batch_size
    FOR UPDATE OF d SKIP LOCKED
),

taken AS (
    DELETE FROM slimy.stat_deltas AS d
    WHERE d.id = ANY(ARRAY(SELECT c.id FROM chosen AS c))
    RETURNING
        d.guild_id, d.bucket_start, d.type, d.entries, d.numbers, d.total, d.lowest, d.highest
),

folded AS (
    INSERT INTO slimy.stat_totals AS s (
        grain, bucket_start, type, entries, numbers, total, lowest, highest
    )
    SELECT
        g.grain,
        date_trunc(g.grain, t.bucket_start, 'UTC') AS bucket_start,
        t.type,
        sum(t.entries) AS entries,
        sum(t.numbers) AS numbers,
        sum(t.total) AS total,
        min(t.lowest) AS lowest,
        max(t.highest) AS highest
    FROM taken AS t
    CROSS JOIN (VALUES ('hour'), ('day')) AS g (grain)
    WHERE t.guild_id IS NULL
    GROUP BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ORDER BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ON CONFLICT (grain, bucket_start, type) DO UPDATE
        SET
            entries = s.entries + excluded.entries,
            numbers = s.numbers + excluded.numbers,
            total = s.total + excluded.total,
            lowest = least(s.lowest, excluded.lowest),
            highest = greatest(s.highest, excluded.highest)
),

folded_by_guild AS (
    INSERT INTO slimy.guild_stat_totals AS s (
        guild_id, grain, bucket_start, type, entries, numbers, total, lowest, highest
    )
    SELECT
        t.guild_id,
        g.grain,
        date_trunc(g.grain, t.bucket_start, 'UTC') AS bucket_start,
        t.type,
        sum(t.entries) AS entries,
        sum(t.numbers) AS numbers,
        sum(t.total) AS total,
        min(t.lowest) AS lowest,
        max(t.highest) AS highest
    FROM taken AS t
    CROSS JOIN (VALUES ('hour'), ('day')) AS g (grain)
    WHERE t.guild_id IS NOT NULL
    GROUP BY t.guild_id, g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ORDER BY t.guild_id, g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ON CONFLICT (guild_id, grain, bucket_start, type) DO UPDATE
        SET
            entries = s.entries + excluded.entries,
            numbers = s.numbers + excluded.numbers,
            total = s.total + excluded.total,
            lowest = least(s.lowest, excluded.lowest),
            highest = greatest(s.highest, excluded.highest)
)

SELECT count(*) AS folded_count
FROM taken;

-- name: list_newest :many
-- One page of statistics of a period.
-- returns: Stat
-- filter: s.user_id = :user_id
-- filter: s.guild_id = :guild_id
-- filter: s.type = :type
-- sort: newest: s.recorded_at DESC, s.id DESC
-- sort: oldest: s.recorded_at, s.id
-- allow: partitions: months are read one by one until the page is full: a year is twelve looks
-- replica: yes
SELECT
    s.id,
    s.recorded_at AS timestamp,
    s.user_id,
    s.guild_id,
    s.type,
    s.value
FROM slimy.stats AS s
WHERE s.recorded_at >= :since AND s.recorded_at < :until
ORDER BY s.recorded_at DESC, s.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads statistics in bulk, as they are, keys included.
-- role: slimy_owner
INSERT INTO slimy.stats (
    id,
    recorded_at,
    user_id,
    guild_id,
    type,
    value
)
VALUES (
    :id,
    :recorded_at,
    :user_id,
    :guild_id,
    :type,
    :value
);

-- name: record :one
-- Records one statistic, now when no time is given.
-- returns: Stat
INSERT INTO slimy.stats AS s (recorded_at, user_id, guild_id, type, value)
VALUES (coalesce(:recorded_at, now()), :user_id, :guild_id, :type, :value)
RETURNING s.id, s.recorded_at AS timestamp, s.user_id, s.guild_id, s.type, s.value;

-- name: record_many :execrows
-- Records many in one statement; a time that is NULL is now. The values come as one JSON array: an
-- array of jsonb could not tell a value that is an array from a further dimension.
INSERT INTO slimy.stats (recorded_at, user_id, guild_id, type, value)
SELECT
    coalesce(e.recorded_at, now()) AS recorded_at,
    e.user_id,
    e.guild_id,
    e.type,
    v.value
FROM
    unnest(
        :recorded_ats::timestamptz[], :user_ids::uuid[], :guild_ids::bigint[], :types::text[]
    ) WITH ORDINALITY AS e (recorded_at, user_id, guild_id, type, place)
INNER JOIN
    jsonb_array_elements(:stat_values::jsonb) WITH ORDINALITY AS v (value, place)
    ON e.place = v.place;

-- name: total_by_time :many
-- What all guilds recorded of one type in a period, in buckets of an hour, day, week or month
-- (UTC): the totals and what is not yet in them. `grain` is hour when a bucket or an end of the
-- period is no whole day, else day.
-- returns: TimeBucket
-- page: 10000
-- allow: filter: a minute's 60,000 deltas of all guilds are read, until the next fold takes them
-- replica: yes
SELECT
    date_trunc(:bucket, t.bucket_start, 'UTC') AS bucket_start,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.bucket_start,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.stat_totals AS s
    WHERE
        s.grain = :grain
        AND s.bucket_start >= :since
        AND s.bucket_start < :until
        AND s.type = :type
    UNION ALL
    SELECT
        d.bucket_start,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE
        d.guild_id IS NULL
        AND d.bucket_start >= :since
        AND d.bucket_start < :until
        AND d.type = :type
) AS t
GROUP BY date_trunc(:bucket, t.bucket_start, 'UTC')
ORDER BY date_trunc(:bucket, t.bucket_start, 'UTC');

-- name: total_by_type :many
-- What all guilds recorded in a period, by type: the totals of its whole days, those of the hours
-- before and behind them, and what is not yet in any.
-- returns: TypeTotal
-- page: 1000
-- replica: yes
SELECT
    t.type,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.stat_totals AS s
    WHERE
        (
            s.grain = 'day'
            AND s.bucket_start
            >= date_trunc('day', :since::timestamptz + interval '23 hours', 'UTC')
            AND s.bucket_start < date_trunc('day', :until::timestamptz, 'UTC')
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= :since
            AND s.bucket_start < least(
                :until, date_trunc('day', :since + interval '23 hours', 'UTC')
            )
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= greatest(
                date_trunc('day', :since + interval '23 hours', 'UTC'),
                date_trunc('day', :until, 'UTC')
            )
            AND s.bucket_start < :until
        )
    UNION ALL
    SELECT
        d.type,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE d.guild_id IS NULL AND d.bucket_start >= :since AND d.bucket_start < :until
) AS t
GROUP BY t.type
ORDER BY t.type;

-- name: total_guild_by_time :many
-- What a guild recorded of one type in a period, in buckets, as total_by_time.
-- returns: TimeBucket
-- page: 10000
-- replica: yes
SELECT
    date_trunc(:bucket, t.bucket_start, 'UTC') AS bucket_start,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.bucket_start,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = :guild_id
        AND s.grain = :grain
        AND s.bucket_start >= :since
        AND s.bucket_start < :until
        AND s.type = :type
    UNION ALL
    SELECT
        d.bucket_start,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE
        d.guild_id = :guild_id
        AND d.bucket_start >= :since
        AND d.bucket_start < :until
        AND d.type = :type
) AS t
GROUP BY date_trunc(:bucket, t.bucket_start, 'UTC')
ORDER BY date_trunc(:bucket, t.bucket_start, 'UTC');

-- name: total_guild_by_type :many
-- What a guild recorded in a period, by type, as total_by_type.
-- returns: TypeTotal
-- page: 1000
-- replica: yes
SELECT
    t.type,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = :guild_id
        AND s.grain = 'day'
        AND s.bucket_start
        >= date_trunc('day', :since::timestamptz + interval '23 hours', 'UTC')
        AND s.bucket_start < date_trunc('day', :until::timestamptz, 'UTC')
    UNION ALL
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = :guild_id
        AND s.grain = 'hour'
        AND s.bucket_start >= :since
        AND s.bucket_start < least(
            :until, date_trunc('day', :since + interval '23 hours', 'UTC')
        )
    UNION ALL
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = :guild_id
        AND s.grain = 'hour'
        AND s.bucket_start >= greatest(
            date_trunc('day', :since + interval '23 hours', 'UTC'),
            date_trunc('day', :until, 'UTC')
        )
        AND s.bucket_start < :until
    UNION ALL
    SELECT
        d.type,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE d.guild_id = :guild_id AND d.bucket_start >= :since AND d.bucket_start < :until
) AS t
GROUP BY t.type
ORDER BY t.type;

-- name: total_user_by_time :many
-- What a person recorded of one type in a period, in buckets. Counted from the rows: nobody has so
-- many that totals of everybody would pay.
-- returns: TimeBucket
-- page: 10000
-- allow: partitions: a year is twelve looks into an index, for some 40 rows of a person
-- replica: yes
SELECT
    date_trunc(:bucket, t.recorded_at, 'UTC') AS bucket_start,
    count(*) AS entries,
    count(t.number) AS numbers,
    coalesce(sum(t.number), 0) AS total,
    avg(t.number) AS average,
    min(t.number) AS lowest,
    max(t.number) AS highest
FROM (
    SELECT
        s.recorded_at,
        CASE WHEN jsonb_typeof(s.value) = 'number' THEN s.value::numeric END AS number
    FROM slimy.stats AS s
    WHERE
        s.user_id = :user_id
        AND s.recorded_at >= :since
        AND s.recorded_at < :until
        AND s.type = :type
) AS t
GROUP BY date_trunc(:bucket, t.recorded_at, 'UTC')
ORDER BY date_trunc(:bucket, t.recorded_at, 'UTC');

-- name: total_user_by_type :many
-- What a person recorded in a period, by type, counted from the rows.
-- returns: TypeTotal
-- page: 1000
-- allow: partitions: a year is twelve looks into an index, for some 40 rows of a person
-- replica: yes
SELECT
    t.type,
    count(*) AS entries,
    count(t.number) AS numbers,
    coalesce(sum(t.number), 0) AS total,
    avg(t.number) AS average,
    min(t.number) AS lowest,
    max(t.number) AS highest
FROM (
    SELECT
        s.type,
        CASE WHEN jsonb_typeof(s.value) = 'number' THEN s.value::numeric END AS number
    FROM slimy.stats AS s
    WHERE s.user_id = :user_id AND s.recorded_at >= :since AND s.recorded_at < :until
) AS t
GROUP BY t.type
ORDER BY t.type;
