-- name: get :opt
-- A user's preferences; nothing stored means the defaults. No row when there is no such user.
-- replica: yes
SELECT
    u.id AS user_id,
    p.theme AS "stored.theme",
    p.language AS "stored.language",
    p.notifications AS "stored.notifications",
    p.chat_personality AS "stored.chat_personality",
    p.updated_at AS "stored.updated_at"
FROM slimy.users AS u
LEFT JOIN slimy.user_preferences AS p ON u.id = p.user_id
WHERE u.id = :user_id;

-- name: load :copyfrom
-- Loads preferences in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.user_preferences (
    user_id, theme, language, notifications, chat_personality, created_at, updated_at
)
VALUES (
    :user_id, :theme, :language, :notifications, :chat_personality, :created_at, :updated_at
);

-- name: reset :opt
-- Puts a user's preferences back to the defaults. No row when there is no such user.
WITH removed AS (
    DELETE FROM slimy.user_preferences
    WHERE user_id = :user_id AND updated_at = coalesce(:version, updated_at)
    RETURNING user_id
)

SELECT (SELECT count(*) FROM removed) AS removed
FROM slimy.users AS u
WHERE u.id = :user_id;

-- name: update :opt
-- Changes the preferences that are given, on top of the defaults at the first time. One statement,
-- so that changes of different fields at the same time all last. No row when they are not, or not
-- any more, in the version that is given.
WITH held AS (
    SELECT h.user_id
    FROM slimy.user_preferences AS h
    WHERE h.user_id = :user_id AND h.updated_at = :version
    FOR UPDATE
)

INSERT INTO slimy.user_preferences AS p (user_id, theme, language, notifications, chat_personality)
SELECT
    :user_id,
    coalesce(:theme, 'auto') AS theme,
    coalesce(:language, 'en') AS language,
    coalesce(:notifications, TRUE) AS notifications,
    :chat_personality
WHERE
    coalesce(:version, 'epoch') = 'epoch'
    OR EXISTS (SELECT h.user_id FROM held AS h)
ON CONFLICT (user_id) DO UPDATE
    SET
        theme = coalesce(:theme, p.theme),
        language = coalesce(:language, p.language),
        notifications = coalesce(:notifications, p.notifications),
        chat_personality = CASE
            WHEN :set_chat_personality THEN excluded.chat_personality ELSE p.chat_personality
        END
    WHERE p.updated_at = coalesce(:version, p.updated_at)
RETURNING p.theme, p.language, p.notifications, p.chat_personality, p.updated_at;
