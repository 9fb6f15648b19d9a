-- name: add :one
-- A new membership; one that exists already is refused by user_guilds_pkey.
-- returns: Membership
INSERT INTO slimy.user_guilds AS m (user_id, guild_id, roles)
VALUES (:user_id, :guild_id, :roles)
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at;

-- name: add_many :many
-- Adds members, each on its own: the outcome says who was added, who was one already, and whom we
-- do not know. Users are locked in key order, so that two such calls never wait for each other in a
-- circle.
-- returns: Outcome
WITH entries AS (
    SELECT
        e.user_id,
        string_to_array(e.roles, ',') AS roles
    FROM unnest(:user_ids::uuid[], :roles::text[]) AS e (user_id, roles)
),

known AS (
    SELECT u.id
    FROM slimy.users AS u
    WHERE u.id = ANY(:user_ids::uuid[])
    ORDER BY u.id
    FOR KEY SHARE
),

added AS (
    INSERT INTO slimy.user_guilds (user_id, guild_id, roles)
    SELECT
        e.user_id,
        :guild_id,
        e.roles
    FROM entries AS e
    INNER JOIN known AS k ON e.user_id = k.id
    ORDER BY e.user_id
    ON CONFLICT (user_id, guild_id) DO NOTHING
    RETURNING user_id
)

SELECT
    k.id AS user_id,
    (a.user_id IS NOT NULL) AS is_done
FROM known AS k
LEFT JOIN added AS a ON k.id = a.user_id;

-- name: count_members :scalar
-- How many members a guild has.
SELECT count(*) AS member_count
FROM slimy.user_guilds AS m
WHERE m.guild_id = :guild_id;

-- name: find :opt
-- A membership.
-- returns: Membership
SELECT
    m.user_id,
    m.guild_id,
    m.roles,
    m.joined_at,
    m.updated_at
FROM slimy.user_guilds AS m
WHERE m.user_id = :user_id AND m.guild_id = :guild_id;

-- name: find_authority :opt
-- What a user is in a guild: its owner, a member with roles, or neither. No row when there is no
-- such guild.
SELECT
    coalesce(g.owner_id = :user_id, FALSE) AS is_owner,
    m.roles
FROM slimy.guilds AS g
LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id AND m.user_id = :user_id
WHERE g.id = :guild_id;

-- name: list_guilds :many
-- One page of a user's guilds with the guild's details, in order of the guilds' ids.
-- sort: guild: m.guild_id
SELECT
    m.roles,
    m.joined_at,
    m.guild_id AS "guild.id",
    g.name AS "guild.name",
    g.icon AS "guild.icon",
    g.owner_id AS "guild.owner_id",
    g.created_at AS "guild.created_at",
    g.updated_at AS "guild.updated_at"
FROM slimy.user_guilds AS m
INNER JOIN slimy.guilds AS g ON m.guild_id = g.id
WHERE m.user_id = :user_id
ORDER BY m.guild_id
LIMIT :row_limit;

-- name: list_members :many
-- One page of a guild's members, newest or oldest first. Staff have an index of their own: among
-- the millions of a large guild they are a handful.
-- returns: Member
-- filter: m.roles && '{owner,admin,moderator}' AND :staff_role = ANY(m.roles)
-- filter: plain_members: m.roles = '{member}'
-- sort: newest: m.joined_at DESC, m.user_id DESC
-- sort: oldest: m.joined_at, m.user_id
SELECT
    m.roles,
    m.joined_at,
    m.user_id AS "user.id",
    u.discord_id AS "user.discord_id",
    u.username AS "user.username",
    u.global_name AS "user.global_name",
    u.avatar AS "user.avatar"
FROM slimy.user_guilds AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE m.guild_id = :guild_id
ORDER BY m.joined_at DESC, m.user_id DESC
LIMIT :row_limit;

-- name: put :one
-- A membership with these roles, whether it existed or not; the day of joining is kept once known.
-- returns: Membership
INSERT INTO slimy.user_guilds AS m (user_id, guild_id, roles, joined_at)
VALUES (:user_id, :guild_id, :roles, coalesce(:joined_at, now()))
ON CONFLICT (user_id, guild_id) DO UPDATE
    SET
        roles = CASE WHEN :set_roles THEN excluded.roles ELSE m.roles END,
        joined_at = coalesce(:joined_at, m.joined_at)
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at;

-- name: remove :execrows
-- Ends a membership.
DELETE FROM slimy.user_guilds
WHERE user_id = :user_id AND guild_id = :guild_id;

-- name: remove_many :many
-- Ends memberships, each on its own; who was no member is not in the answer.
-- returns: Outcome
WITH locked AS (
    SELECT m.user_id
    FROM slimy.user_guilds AS m
    WHERE m.guild_id = :guild_id AND m.user_id = ANY(:user_ids::uuid[])
    ORDER BY m.user_id
    FOR UPDATE
),

removed AS (
    DELETE FROM slimy.user_guilds AS m
    USING locked AS l
    WHERE m.guild_id = :guild_id AND m.user_id = l.user_id
    RETURNING m.user_id
)

SELECT
    r.user_id,
    TRUE AS is_done
FROM removed AS r;

-- name: search_members :many
-- One page of a guild's members with all the words in their names, each by its beginning, newest
-- or oldest first. Ten thousand finds are put in order, not more.
-- returns: Member
-- filter: :staff_role = ANY(f.roles)
-- filter: plain_members: f.roles = '{member}'
-- sort: newest: f.joined_at DESC, f.user_id DESC
-- sort: oldest: f.joined_at, f.user_id
-- allow: nested-loop: words are looked for among the guild's members, each looked up by key
-- allow: sort: ten thousand finds at most, in memory
WITH found AS MATERIALIZED (
    SELECT
        m.user_id,
        m.roles,
        m.joined_at,
        u.discord_id,
        u.username,
        u.global_name,
        u.avatar
    FROM slimy.users AS u
    INNER JOIN slimy.user_guilds AS m ON u.id = m.user_id
    WHERE
        to_tsvector('simple', coalesce(u.username, '') || ' ' || coalesce(u.global_name, ''))
        @@ slimy.words_query(:words)
        AND m.guild_id = :guild_id
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.roles,
    f.joined_at,
    f.user_id AS "user.id",
    f.discord_id AS "user.discord_id",
    f.username AS "user.username",
    f.global_name AS "user.global_name",
    f.avatar AS "user.avatar"
FROM found AS f
ORDER BY f.joined_at DESC, f.user_id DESC
LIMIT :row_limit;

-- name: set_roles :opt
-- Gives a member other roles.
-- returns: Membership
UPDATE slimy.user_guilds AS m
SET roles = :roles
WHERE m.user_id = :user_id AND m.guild_id = :guild_id
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at;

-- name: set_roles_many :many
-- Gives members other roles, each on its own; who is no member is not in the answer. Rows are
-- locked in key order, so that two such calls never wait for each other in a circle.
-- returns: Outcome
WITH entries AS (
    SELECT
        e.user_id,
        string_to_array(e.roles, ',') AS roles
    FROM unnest(:user_ids::uuid[], :roles::text[]) AS e (user_id, roles)
),

locked AS (
    SELECT m.user_id
    FROM slimy.user_guilds AS m
    WHERE m.guild_id = :guild_id AND m.user_id = ANY(:user_ids::uuid[])
    ORDER BY m.user_id
    FOR UPDATE
),

changed AS (
    UPDATE slimy.user_guilds AS m
    SET roles = e.roles
    FROM entries AS e
    INNER JOIN locked AS l ON e.user_id = l.user_id
    WHERE m.guild_id = :guild_id AND m.user_id = l.user_id
    RETURNING m.user_id
)

SELECT
    c.user_id,
    TRUE AS is_done
FROM changed AS c;
