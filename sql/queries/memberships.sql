-- name: add :opt
-- A new membership; one that exists already is refused by user_guilds_pkey. No row when there is no
-- such guild or it is deleted.
-- returns: Membership
INSERT INTO slimy.user_guilds AS m (user_id, guild_id, roles)
SELECT
    :user_id,
    g.id,
    :roles
FROM slimy.guilds AS g
WHERE g.id = :guild_id AND g.deleted_at IS NULL
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at;

-- name: add_many :many
-- Adds members, each on its own: the outcome says who was added, who was one already, and whom we
-- do not know. Users are locked in key order, so that two such calls never wait for each other in a
-- circle. No rows when there is no such guild or it is deleted.
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
    WHERE
        u.id = ANY(:user_ids::uuid[])
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    ORDER BY u.id
    FOR NO KEY UPDATE
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
-- How many members a guild has, counted up to a bound and no further; 0 when it is deleted.
-- replica: yes
SELECT count(*) AS member_count
FROM (
    SELECT m.user_id
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = :guild_id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    ORDER BY m.joined_at DESC, m.user_id DESC
    LIMIT :at_most
) AS counted;

-- name: find :opt
-- A membership; none in a deleted guild.
-- returns: Membership
-- replica: yes
SELECT
    m.user_id,
    m.guild_id,
    m.roles,
    m.joined_at,
    m.updated_at
FROM slimy.user_guilds AS m
WHERE
    m.user_id = :user_id
    AND m.guild_id = :guild_id
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    );

-- name: find_authority :opt
-- What a user is in a guild: its owner, a member with roles, or neither. No row when there is no
-- such guild or it is deleted.
SELECT
    coalesce(g.owner_id = :user_id, FALSE) AS is_owner,
    m.roles
FROM slimy.guilds AS g
LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id AND m.user_id = :user_id
WHERE g.id = :guild_id AND g.deleted_at IS NULL;

-- name: has_other_owner :scalar
-- Whether a guild has an owner beside a member, who may then leave it.
SELECT
    (
        EXISTS (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE
                m.guild_id = :guild_id
                AND m.roles @> ARRAY['owner']::text[]
                AND m.user_id != :user_id
        )
    ) AS is_kept;

-- name: list_guilds :many
-- One page of a user's guilds with the guild's details, in order of the guilds' ids; deleted guilds
-- are not among them.
-- sort: guild: m.guild_id
-- replica: yes
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
WHERE m.user_id = :user_id AND g.deleted_at IS NULL
ORDER BY m.guild_id
LIMIT :row_limit;

-- name: list_members :many
-- One page of a guild's members, newest or oldest first. Staff have an index of their own: among
-- the millions of a large guild they are a handful. None when the guild is deleted.
-- returns: Member
-- filter: m.roles && '{owner,admin,moderator}' AND :staff_role = ANY(m.roles)
-- filter: plain_members: m.roles = '{member}'
-- sort: newest: m.joined_at DESC, m.user_id DESC
-- sort: oldest: m.joined_at, m.user_id
-- allow: filter: owners among the staff: of the largest guild some 40,000 are passed for a page
-- replica: yes
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
WHERE
    m.guild_id = :guild_id
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
ORDER BY m.joined_at DESC, m.user_id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads memberships in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.user_guilds (user_id, guild_id, roles, joined_at, updated_at)
VALUES (:user_id, :guild_id, :roles, :joined_at, :updated_at);

-- name: put :opt
-- A membership with these roles, whether it existed or not; the day of joining is kept once known.
-- Taking the role owner from the guild's last one is refused by user_guilds_last_owner_check. The
-- user is locked first, then the guild where roles are given. No row when there is no such user or
-- guild, or the guild is deleted.
-- returns: Membership
WITH known AS MATERIALIZED (
    SELECT u.id
    FROM slimy.users AS u
    WHERE
        u.id = :user_id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    FOR NO KEY UPDATE
)

INSERT INTO slimy.user_guilds AS m (user_id, guild_id, roles, joined_at)
SELECT
    k.id,
    :guild_id,
    :roles,
    coalesce(:joined_at, now()) AS joined_at
FROM known AS k
WHERE
    CASE
        WHEN :set_roles THEN slimy.has_other_owner(:guild_id, ARRAY[k.id]) IS NOT NULL ELSE TRUE
    END
ON CONFLICT (user_id, guild_id) DO UPDATE
    SET
        roles = CASE WHEN :set_roles THEN excluded.roles ELSE m.roles END,
        joined_at = coalesce(:joined_at, m.joined_at)
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at;

-- name: remove :execrows
-- Ends a membership; the guild's last owner is refused by user_guilds_last_owner_check. The
-- guild is locked before the membership, as everywhere, so that nobody waits in a circle. None ends
-- in a deleted guild, which is restored as it was.
DELETE FROM slimy.user_guilds AS m
USING slimy.has_other_owner(:guild_id, ARRAY[:user_id]::uuid[]) AS o (is_kept)
WHERE
    m.user_id = :user_id
    AND m.guild_id = :guild_id
    AND m.updated_at = coalesce(:version, m.updated_at)
    AND o.is_kept IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    );

-- name: remove_many :many
-- Ends memberships, each on its own; who was no member is not in the answer. Owners stay where the
-- guild would have none without them. The guild is locked first, then the rows in key order, so
-- that two such calls never wait for each other in a circle. Nobody is in the answer when the guild
-- is deleted.
-- returns: Outcome
WITH owners AS MATERIALIZED (
    SELECT slimy.has_other_owner(:guild_id, :user_ids::uuid[]) AS is_kept
),

locked AS (
    SELECT
        m.user_id,
        m.roles
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = :guild_id
        AND m.user_id = ANY(:user_ids::uuid[])
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
        AND (SELECT o.is_kept FROM owners AS o) IS NOT NULL
    ORDER BY m.user_id
    FOR UPDATE
),

removed AS (
    DELETE FROM slimy.user_guilds AS m
    USING locked AS l, owners AS o
    WHERE
        m.guild_id = :guild_id
        AND m.user_id = l.user_id
        AND (o.is_kept OR NOT l.roles @> ARRAY['owner']::text[])
    RETURNING m.user_id
)

SELECT
    l.user_id,
    (r.user_id IS NOT NULL) AS is_done
FROM locked AS l
LEFT JOIN removed AS r ON l.user_id = r.user_id;

-- name: search_members :many
-- One page of a guild's members with all the words in their names, each by its beginning, newest
-- or oldest first; of more than ten thousand any ten thousand. The words are looked up before the
-- page is cut: walking the guild's roster in search of a rare word would read all of it. Members
-- have one of the roles wanted and none that are not within; a filter behind the ten thousand would
-- miss the only owner of a large guild. The users of the page only are looked up, one by one: a
-- join would look up all the finds. None when the guild is deleted.
-- notnull: user.discord_id
-- sort: newest: f.joined_at DESC, f.user_id DESC
-- sort: oldest: f.joined_at, f.user_id
-- allow: filter: a name's finds in one guild, 120,000 in the largest; the planner guesses far more
-- replica: yes
WITH found AS MATERIALIZED (
    SELECT
        m.guild_id,
        m.user_id,
        m.roles,
        m.joined_at
    FROM slimy.user_guilds AS m
    WHERE
        slimy.names_within(m.guild_id, m.names)
        @@ slimy.names_query_within(:guild_id, :words)
        AND m.roles && :wanted::text[]
        AND m.roles <@ :within::text[]
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.roles,
    f.joined_at,
    f.user_id AS "user.id",
    (SELECT u.discord_id FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.discord_id",
    (SELECT u.username FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.username",
    (SELECT u.global_name FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.global_name",
    (SELECT u.avatar FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.avatar"
FROM found AS f
WHERE f.guild_id = :guild_id
ORDER BY f.joined_at DESC, f.user_id DESC
LIMIT :row_limit;

-- name: set_roles :opt
-- Gives a member other roles; taking the role owner from the guild's last one is refused by
-- user_guilds_last_owner_check. The guild is locked before the membership. No row when it is
-- deleted.
-- returns: Membership
UPDATE slimy.user_guilds AS m
SET roles = :roles
FROM slimy.has_other_owner(:guild_id, ARRAY[:user_id]::uuid[]) AS o (is_kept)
WHERE
    m.user_id = :user_id
    AND m.guild_id = :guild_id
    AND m.updated_at = coalesce(:version, m.updated_at)
    AND o.is_kept IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = :guild_id AND g.deleted_at IS NULL
    )
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at;

-- name: set_roles_many :many
-- Gives members other roles, each on its own; who is no member is not in the answer. Owners keep
-- their roles where the guild would have no owner otherwise. The guild is locked first, then the
-- rows in key order, so that two such calls never wait for each other in a circle. Nobody is in the
-- answer when the guild is deleted.
-- returns: Outcome
WITH entries AS (
    SELECT
        e.user_id,
        string_to_array(e.roles, ',') AS roles
    FROM unnest(:user_ids::uuid[], :roles::text[]) AS e (user_id, roles)
),

owners AS MATERIALIZED (
    SELECT
        slimy.has_other_owner(
            :guild_id,
            ARRAY(SELECT e.user_id FROM entries AS e WHERE NOT e.roles @> ARRAY['owner']::text[])
        )
        OR EXISTS (
            SELECT
            FROM entries AS e
            INNER JOIN slimy.user_guilds AS m ON e.user_id = m.user_id
            WHERE m.guild_id = :guild_id AND e.roles @> ARRAY['owner']::text[]
        ) AS is_kept
),

locked AS (
    SELECT
        m.user_id,
        m.roles
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = :guild_id
        AND m.user_id = ANY(:user_ids::uuid[])
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :guild_id AND g.deleted_at IS NULL
        )
        AND (SELECT o.is_kept FROM owners AS o) IS NOT NULL
    ORDER BY m.user_id
    FOR UPDATE
),

changed AS (
    UPDATE slimy.user_guilds AS m
    SET roles = e.roles
    FROM entries AS e
    INNER JOIN locked AS l ON e.user_id = l.user_id
    CROSS JOIN owners AS o
    WHERE
        m.guild_id = :guild_id
        AND m.user_id = l.user_id
        AND (
            o.is_kept
            OR e.roles @> ARRAY['owner']::text[]
            OR NOT l.roles @> ARRAY['owner']::text[]
        )
    RETURNING m.user_id
)

SELECT
    l.user_id,
    (c.user_id IS NOT NULL) AS is_done
FROM locked AS l
LEFT JOIN changed AS c ON l.user_id = c.user_id;
