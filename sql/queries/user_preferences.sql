-- name: get :opt
-- A user's preferences; nothing stored means the defaults. No row when there is no such user.
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
    WHERE user_id = :user_id
)

SELECT u.id AS user_id
FROM slimy.users AS u
WHERE u.id = :user_id;

-- name: update :one
-- Changes the preferences that are given, on top of the defaults at the first time. One statement,
-- so that changes of different fields at the same time all last.
INSERT INTO slimy.user_preferences AS p (user_id, theme, language, notifications, chat_personality)
VALUES (
    :user_id,
    coalesce(:theme, 'auto'),
    coalesce(:language, 'en'),
    coalesce(:notifications, TRUE),
    :chat_personality
)
ON CONFLICT (user_id) DO UPDATE
    SET
        theme = coalesce(:theme, p.theme),
        language = coalesce(:language, p.language),
        notifications = coalesce(:notifications, p.notifications),
        chat_personality = CASE
            WHEN :set_chat_personality THEN excluded.chat_personality ELSE p.chat_personality
        END
RETURNING p.theme, p.language, p.notifications, p.chat_personality, p.updated_at;
