-- name: clear_last_active :execrows
-- Forgets one batch of users' last visits to a guild whose purge has begun. Users whom somebody
-- holds are skipped: a guild never waits for a user, because erasing a user waits for guilds.
UPDATE slimy.users
SET last_active_guild_id = NULL
WHERE id = ANY(
    ARRAY(
        SELECT u.id
        FROM slimy.users AS u
        WHERE
            u.last_active_guild_id = :id
            AND EXISTS (
                SELECT g.id
                FROM slimy.guilds AS g
                WHERE g.id = :id AND g.purge_started_at IS NOT NULL
            )
        ORDER BY u.id
        LIMIT :batch_size
        FOR NO KEY UPDATE SKIP LOCKED
    )
);

-- name: count :one
-- How many guilds there are, deleted ones aside: counted up to a bound and no further, and by the
-- statistics of the index that has just these, which say -1 until they are gathered.
-- returns: GuildCount
-- replica: yes
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.deleted_at IS NULL
            ORDER BY g.created_at DESC, g.id DESC
            LIMIT :at_most
        ) AS counted
    ) AS counted,
    i.reltuples::bigint AS estimated
FROM pg_catalog.pg_class AS i
INNER JOIN pg_catalog.pg_namespace AS n ON i.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND i.relname = 'guilds_newest_idx';

-- name: create :one
-- A new guild; one that is known already, deleted or not, is refused by guilds_pkey.
-- returns: Guild
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id, settings)
VALUES (:id, :name, :icon, :owner_id, :settings)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at;

-- name: delete :execrows
-- Removes a guild whose purge has begun, with what is left of its data. Users who were last active
-- in it are locked first, as everywhere: users, then guilds, then memberships.
WITH visitors AS MATERIALIZED (
    SELECT u.id
    FROM slimy.users AS u
    WHERE u.last_active_guild_id = :id
    ORDER BY u.id
    LIMIT 1000
    FOR NO KEY UPDATE
)

DELETE FROM slimy.guilds
WHERE
    id = :id
    AND purge_started_at IS NOT NULL
    AND (SELECT count(*) FROM visitors) IS NOT NULL;

-- name: get :opt
-- A guild by its Discord id, with the numbers of its members and of its messages, these counted up
-- to 1000; none when it is deleted. The count asks for an order so that no planner reads the table
-- for a guild that has a large share of it.
-- returns: Guild
-- replica: yes
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
WHERE g.id = :id AND g.deleted_at IS NULL;

-- name: get_with_members :opt
-- A guild with both numbers, counted up to 1000, and its newest members with their users; none when
-- it is deleted.
-- replica: yes
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'roles', p.roles,
                        'joinedAt', p.joined_at,
                        'user', jsonb_build_object(
                            'id', p.user_id,
                            'discordId', p.discord_id,
                            'username', p.username,
                            'globalName', p.global_name,
                            'avatar', p.avatar
                        )
                    )
                    ORDER BY p.joined_at DESC, p.user_id DESC
                ),
                '[]'
            )
        FROM (
            SELECT
                m.roles,
                m.joined_at,
                m.user_id,
                u.discord_id,
                u.username,
                u.global_name,
                u.avatar
            FROM slimy.user_guilds AS m
            INNER JOIN slimy.users AS u ON m.user_id = u.id
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT :member_limit
        ) AS p
    ) AS members
FROM slimy.guilds AS g
WHERE g.id = :id AND g.deleted_at IS NULL;

-- name: list_deleted :many
-- One page of deleted guilds, the latest deleted first, with when their purge began.
-- returns: DeletedGuild
-- sort: latest: g.deleted_at DESC, g.id DESC
-- replica: yes
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.deleted_at,
    g.purge_started_at
FROM slimy.guilds AS g
WHERE g.deleted_at IS NOT NULL
ORDER BY g.deleted_at DESC, g.id DESC
LIMIT :row_limit;

-- name: list_newest :many
-- One page of guilds, newest first, each with the numbers of its members and of its messages, these
-- counted up to 1000, for the page only.
-- returns: GuildSummary
-- sort: newest: g.created_at DESC, g.id DESC
-- replica: yes
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
WHERE g.deleted_at IS NULL
ORDER BY g.created_at DESC, g.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads guilds in bulk, as they are, deleted ones too.
-- role: slimy_owner
INSERT INTO slimy.guilds (
    id,
    name,
    icon,
    owner_id,
    settings,
    deleted_at,
    purge_started_at,
    created_at,
    updated_at
)
VALUES (
    :id,
    :name,
    :icon,
    :owner_id,
    :settings,
    :deleted_at,
    :purge_started_at,
    :created_at,
    :updated_at
);

-- name: merge_settings :opt
-- Changes top-level keys of a guild's settings; a null in the patch removes its key. One statement,
-- so that two merges at the same time both last.
-- returns: Guild
UPDATE slimy.guilds AS g
SET
    settings = (g.settings || :patch::jsonb)
    - ARRAY(SELECT e.key FROM jsonb_each(:patch::jsonb) AS e WHERE jsonb_typeof(e.value) = 'null')
WHERE g.id = :id AND g.deleted_at IS NULL AND g.updated_at = coalesce(:version, g.updated_at)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at;

-- name: purge_analyses :execrows
-- Removes one batch of the analyses of a guild whose purge has begun, with images and metrics.
WITH batch AS MATERIALIZED (
    SELECT a.id
    FROM slimy.club_analyses AS a
    WHERE
        a.guild_id = :id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :id AND g.purge_started_at IS NOT NULL
        )
    ORDER BY a.created_at DESC, a.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.club_analyses
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_conversations :execrows
-- Removes one batch of the conversations held in a guild whose purge has begun.
WITH batch AS MATERIALIZED (
    SELECT c.id
    FROM slimy.conversations AS c
    WHERE
        c.guild_id = :id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :id AND g.purge_started_at IS NOT NULL
        )
    ORDER BY c.user_id ASC, c.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.conversations
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_members :execrows
-- Removes one batch of the memberships of a guild whose purge has begun. Joined and not "= ANY": of
-- an array the planner would ask the roster, and read all of it.
WITH batch AS MATERIALIZED (
    SELECT m.user_id
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = :id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :id AND g.purge_started_at IS NOT NULL
        )
    ORDER BY m.joined_at DESC, m.user_id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.user_guilds AS m
USING batch AS b
WHERE m.guild_id = :id AND m.user_id = b.user_id;

-- name: purge_messages :execrows
-- Removes one batch of the messages of a guild whose purge has begun. Rows that another purge holds
-- are skipped, so that two of them share the work.
WITH batch AS MATERIALIZED (
    SELECT m.id
    FROM slimy.chat_messages AS m
    WHERE
        m.guild_id = :id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :id AND g.purge_started_at IS NOT NULL
        )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.chat_messages
WHERE id = ANY(ARRAY(SELECT b.id FROM batch AS b));

-- name: purge_observations :execrows
-- Removes one batch of what was observed of a club's members, of a guild whose purge has begun.
WITH batch AS MATERIALIZED (
    SELECT
        o.member_key,
        o.observed_at
    FROM slimy.club_member_metrics AS o
    WHERE
        o.guild_id = :id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :id AND g.purge_started_at IS NOT NULL
        )
    ORDER BY o.member_key, o.observed_at
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.club_member_metrics AS o
USING batch AS b
WHERE o.guild_id = :id AND o.member_key = b.member_key AND o.observed_at = b.observed_at;

-- name: purge_totals :execrows
-- Removes one batch of the totals of statistics of a guild whose purge has begun.
WITH batch AS MATERIALIZED (
    SELECT
        t.grain,
        t.bucket_start,
        t.type
    FROM slimy.guild_stat_totals AS t
    WHERE
        t.guild_id = :id
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = :id AND g.purge_started_at IS NOT NULL
        )
    ORDER BY t.grain, t.bucket_start, t.type
    LIMIT :batch_size
    FOR UPDATE SKIP LOCKED
)

DELETE FROM slimy.guild_stat_totals AS t
USING batch AS b
WHERE
    t.guild_id = :id
    AND t.grain = b.grain
    AND t.bucket_start = b.bucket_start
    AND t.type = b.type;

-- name: replace_settings :opt
-- Puts other settings in the place of a guild's.
-- returns: Guild
UPDATE slimy.guilds AS g
SET settings = :settings
WHERE g.id = :id AND g.deleted_at IS NULL AND g.updated_at = coalesce(:version, g.updated_at)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at;

-- name: restore :opt
-- Takes a guild out of the bin with all its data, unless its purge has begun.
-- returns: Guild
UPDATE slimy.guilds AS g
SET deleted_at = NULL
WHERE g.id = :id AND g.deleted_at IS NOT NULL AND g.purge_started_at IS NULL
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at;

-- name: search :many
-- One page of guilds whose name has all the words, each by its beginning, newest first. Ten
-- thousand finds are put in order, not more. The words are looked up apart from the order: walking
-- guilds_newest_idx in search of a rare word would read all of it.
-- returns: GuildSummary
-- sort: newest: f.created_at DESC, f.id DESC
-- allow: sort: ten thousand finds at most, in memory
-- replica: yes
WITH found AS MATERIALIZED (
    SELECT
        g.id,
        g.name,
        g.icon,
        g.owner_id,
        g.created_at,
        g.updated_at
    FROM slimy.guilds AS g
    WHERE
        g.deleted_at IS NULL
        AND slimy.to_tsvector(g.name) @@ slimy.words_query(:words)
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.name,
    f.icon,
    f.owner_id,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = f.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = f.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    f.created_at,
    f.updated_at
FROM found AS f
ORDER BY f.created_at DESC, f.id DESC
LIMIT :row_limit;

-- name: soft_delete :execrows
-- Puts a guild into the bin: nobody sees it, until it is restored or purged.
UPDATE slimy.guilds
SET deleted_at = now()
WHERE id = :id AND deleted_at IS NULL AND updated_at = coalesce(:version, updated_at);

-- name: start_delete :execrows
-- Hides a guild and begins its purge at once: it cannot be restored.
UPDATE slimy.guilds
SET
    deleted_at = coalesce(deleted_at, now()),
    purge_started_at = coalesce(purge_started_at, now())
WHERE id = :id AND updated_at = coalesce(:version, updated_at);

-- name: start_purge :many
-- Marks one batch of guilds that were deleted longer than the grace period ago; from here on they
-- cannot be restored. One whose removal began before is taken up again.
-- returns: PurgedGuild
-- allow: filter: only the bin is read, which a purge empties of what is older than a month
UPDATE slimy.guilds AS g
SET purge_started_at = coalesce(g.purge_started_at, now())
WHERE
    g.id = ANY(
        ARRAY(
            SELECT d.id
            FROM slimy.guilds AS d
            WHERE
                d.deleted_at IS NOT NULL
                AND (
                    d.deleted_at <= now() - :grace::interval
                    OR d.purge_started_at IS NOT NULL
                )
            ORDER BY d.deleted_at
            LIMIT :batch_size
            FOR UPDATE SKIP LOCKED
        )
    )
RETURNING g.id;

-- name: update :opt
-- Changes the fields that are given.
-- returns: Guild
-- patch: name, icon, owner_id
UPDATE slimy.guilds AS g
SET
    name = :name,
    icon = :icon,
    owner_id = :owner_id
WHERE g.id = :id AND g.deleted_at IS NULL AND g.updated_at = coalesce(:version, g.updated_at)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at;

-- name: upsert :opt
-- The guild of a Discord server, made at the first call; a field whose flag is off keeps what is
-- known. An owner that is given by Discord id and is not one of our users leaves the guild without
-- one. No row when the guild is deleted: what is in the bin is restored on purpose, not by the way.
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
    WHERE g.deleted_at IS NULL
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (
        SELECT count(*)
        FROM (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE m.guild_id = g.id
            ORDER BY m.joined_at DESC, m.user_id DESC
            LIMIT 1000
        ) AS counted
    ) AS member_count,
    (
        SELECT count(*)
        FROM (
            SELECT t.id
            FROM slimy.chat_messages AS t
            WHERE t.guild_id = g.id
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT 1000
        ) AS counted
    ) AS message_count,
    g.created_at,
    g.updated_at;
