-- name: create :one
-- A new guild; one that is known already is refused by guilds_pkey.
-- returns: Guild
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id, settings)
VALUES (:id, :name, :icon, :owner_id, :settings)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at;

-- name: delete :execrows
-- Removes a guild with its memberships.
DELETE FROM slimy.guilds
WHERE id = :id;

-- name: get :opt
-- A guild by its Discord id, with the number of its members.
-- returns: Guild
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
WHERE g.id = :id;

-- name: list_newest :many
-- One page of guilds, newest first, each with the number of its members, counted for the page only.
-- returns: GuildSummary
-- sort: newest: g.created_at DESC, g.id DESC
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
ORDER BY g.created_at DESC, g.id DESC
LIMIT :row_limit;

-- name: merge_settings :opt
-- Changes top-level keys of a guild's settings; a null in the patch removes its key. One statement,
-- so that two merges at the same time both last.
-- returns: Guild
UPDATE slimy.guilds AS g
SET
    settings = (g.settings || :patch::jsonb)
    - ARRAY(SELECT e.key FROM jsonb_each(:patch::jsonb) AS e WHERE jsonb_typeof(e.value) = 'null')
WHERE g.id = :id
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at;

-- name: replace_settings :opt
-- Puts other settings in the place of a guild's.
-- returns: Guild
UPDATE slimy.guilds AS g
SET settings = :settings
WHERE g.id = :id
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at;

-- name: search :many
-- One page of guilds whose name has all the words, each by its beginning, newest first. Ten
-- thousand finds are put in order, not more. The words are looked up apart from the order: walking
-- guilds_newest_idx in search of a rare word would read all of it.
-- returns: GuildSummary
-- sort: newest: f.created_at DESC, f.id DESC
-- allow: sort: ten thousand finds at most, in memory
WITH found AS MATERIALIZED (
    SELECT
        g.id,
        g.name,
        g.icon,
        g.owner_id,
        g.created_at,
        g.updated_at
    FROM slimy.guilds AS g
    WHERE to_tsvector('simple', g.name) @@ slimy.words_query(:words)
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.name,
    f.icon,
    f.owner_id,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = f.id) AS member_count,
    f.created_at,
    f.updated_at
FROM found AS f
ORDER BY f.created_at DESC, f.id DESC
LIMIT :row_limit;

-- name: update :opt
-- Changes the fields that are given.
-- returns: Guild
-- patch: name, icon, owner_id
UPDATE slimy.guilds AS g
SET
    name = :name,
    icon = :icon,
    owner_id = :owner_id
WHERE g.id = :id
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at;

-- name: upsert :one
-- The guild of a Discord server, made at the first call; a field whose flag is off keeps what is
-- known. An owner that is given by Discord id and is not one of our users leaves the guild without
-- one.
-- returns: Guild
-- nullable: :owner_discord_id
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id)
VALUES (
    :id,
    :name,
    :icon,
    coalesce(
        :owner_id,
        (SELECT u.id FROM slimy.users AS u WHERE u.discord_id = :owner_discord_id)
    )
)
ON CONFLICT (id) DO UPDATE
    SET
        name = excluded.name,
        icon = CASE WHEN :set_icon THEN excluded.icon ELSE g.icon END,
        owner_id = CASE WHEN :set_owner THEN excluded.owner_id ELSE g.owner_id END
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at;
