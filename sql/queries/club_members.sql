-- name: find :opt
-- The newest observation of a member; none of a deleted guild.
-- returns: ClubMember
-- replica: yes
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = :guild_id
    AND l.member_key = :member_key
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    );

-- name: ingest :scalar
-- Keeps what was observed of a club's members at one moment, and says how many observations are new
-- or changed; the same again changes nothing. A trigger brings the latest of each member up to
-- date. In order of the keys, so that two ingests never wait for each other in a circle. No row
-- when the guild is deleted.
-- page: 1000
WITH kept AS (
    INSERT INTO slimy.club_member_metrics AS m (
        guild_id, member_key, observed_at, name, sim_power, total_power
    )
    SELECT
        :guild_id,
        e.member_key,
        :observed_at,
        e.name,
        e.sim_power,
        e.total_power
    FROM
        unnest(
            :member_keys::text[], :names::text[], :sim_powers::bigint[], :total_powers::bigint[]
        ) AS e (member_key, name, sim_power, total_power)
    WHERE
        NOT EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NOT NULL
        )
    ORDER BY e.member_key
    ON CONFLICT (guild_id, member_key, observed_at) DO UPDATE
        SET
            name = excluded.name,
            sim_power = excluded.sim_power,
            total_power = excluded.total_power
        WHERE
        (m.name, m.sim_power, m.total_power)
        IS DISTINCT FROM (excluded.name, excluded.sim_power, excluded.total_power)
    RETURNING m.member_key
)

SELECT count(k.member_key) AS kept_count
FROM kept AS k
HAVING
    NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NOT NULL
    );

-- name: list_by_sim_power :many
-- One page of a club's leaderboard by sim power, strongest first; members without one stand aside.
-- None when the guild is deleted.
-- returns: RankedBySimPower
-- sort: strongest: l.sim_power DESC, l.member_key DESC
-- sort: weakest: l.sim_power, l.member_key
-- replica: yes
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = :guild_id
    AND l.sim_power IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY l.sim_power DESC, l.member_key DESC
LIMIT :row_limit;

-- name: list_by_total_power :many
-- One page of a club's leaderboard by total power, strongest first; members without one stand
-- aside. None when the guild is deleted.
-- returns: RankedByTotalPower
-- sort: strongest: l.total_power DESC, l.member_key DESC
-- sort: weakest: l.total_power, l.member_key
-- replica: yes
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = :guild_id
    AND l.total_power IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY l.total_power DESC, l.member_key DESC
LIMIT :row_limit;

-- name: list_history :many
-- One page of a member's observations, each with the change in percent since the one before. That
-- one is looked up for each row of the page: a window function would see the page alone, or read
-- the member's whole history for every page. None when the guild is deleted.
-- returns: Observation
-- filter: m.observed_at >= :since
-- filter: m.observed_at < :until
-- sort: newest: m.observed_at DESC
-- sort: oldest: m.observed_at
-- replica: yes
SELECT
    m.observed_at,
    m.name,
    m.sim_power,
    m.total_power,
    round(100.0 * (m.sim_power - b.sim_power) / nullif(b.sim_power, 0), 2)::double precision
        AS sim_power_change_percent,
    round(100.0 * (m.total_power - b.total_power) / nullif(b.total_power, 0), 2)::double precision
        AS total_power_change_percent
FROM slimy.club_member_metrics AS m
LEFT JOIN LATERAL (
    SELECT
        p.sim_power,
        p.total_power
    FROM slimy.club_member_metrics AS p
    WHERE
        p.guild_id = m.guild_id
        AND p.member_key = m.member_key
        AND p.observed_at < m.observed_at
    ORDER BY p.observed_at DESC
    LIMIT 1
) AS b ON TRUE
WHERE
    m.guild_id = :guild_id
    AND m.member_key = :member_key
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY m.observed_at DESC
LIMIT :row_limit;

-- name: list_members :many
-- One page of a club's members by their keys, each with its newest observation; none when the guild
-- is deleted.
-- returns: ClubMember
-- sort: key: l.member_key
-- replica: yes
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = :guild_id
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY l.member_key
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads observations in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.club_member_metrics (
    guild_id,
    member_key,
    observed_at,
    name,
    sim_power,
    total_power
)
VALUES (
    :guild_id,
    :member_key,
    :observed_at,
    :name,
    :sim_power,
    :total_power
);

-- name: load_latest :copyfrom
-- Loads the latest of members in bulk, as they are; observations loaded after them change only what
-- differs.
-- role: slimy_owner
INSERT INTO slimy.club_member_latest (
    guild_id,
    member_key,
    name,
    sim_power,
    total_power,
    last_seen_at,
    updated_at
)
VALUES (
    :guild_id,
    :member_key,
    :name,
    :sim_power,
    :total_power,
    :last_seen_at,
    :updated_at
);
