-- How a user wants to be served. A user without a row has the defaults: nothing is written for the
-- many who never change anything.
--
-- depends: 0002_create_users
-- phase: expand

CREATE TABLE slimy.user_preferences (
    user_id uuid NOT NULL,
    theme text NOT NULL DEFAULT 'auto',
    language text NOT NULL DEFAULT 'en',
    notifications boolean NOT NULL DEFAULT TRUE,
    chat_personality text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT user_preferences_pkey PRIMARY KEY (user_id),
    -- CASCADE: preferences of nobody are of no use, and erasing a user must leave nothing behind.
    CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    CONSTRAINT user_preferences_theme_known_check CHECK (theme IN ('light', 'dark', 'auto')),
    -- The shape of a BCP 47 tag; which languages there are is the client's to know.
    CONSTRAINT user_preferences_language_shape_check CHECK (
        char_length(language) <= 35 AND language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$'
    ),
    CONSTRAINT user_preferences_chat_personality_length_check CHECK (
        char_length(chat_personality) BETWEEN 1 AND 64
    )
);

CREATE TRIGGER user_preferences_set_updated_at
BEFORE UPDATE ON slimy.user_preferences
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.user_preferences IS
'At most one row per user, made at the first change; it goes with its user.';
COMMENT ON COLUMN slimy.user_preferences.theme IS 'auto follows the device.';
COMMENT ON COLUMN slimy.user_preferences.language IS 'BCP 47 tag, such as en or pt-BR.';
COMMENT ON COLUMN slimy.user_preferences.notifications IS
'Whether the user wants to be told of news at all.';
COMMENT ON COLUMN slimy.user_preferences.chat_personality IS
'Mode the bot speaks in with this user; NULL for the one of the guild.';
COMMENT ON INDEX slimy.user_preferences_pkey IS
'serves user_preferences.get, user_preferences.update, user_preferences.reset, users.delete';
COMMENT ON TRIGGER user_preferences_set_updated_at ON slimy.user_preferences IS
'Dates real changes only: an update to equal values is none.';
