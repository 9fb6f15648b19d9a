-- What was said: in a conversation, in a guild's chat, or in both.
--
-- depends: 0007_create_conversations
-- phase: expand

CREATE TABLE slimy.chat_messages (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    conversation_id uuid,
    user_id uuid NOT NULL,
    guild_id bigint,
    guild_scope bigint NOT NULL GENERATED ALWAYS AS (coalesce(guild_id, 0)) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    admin_only boolean NOT NULL DEFAULT FALSE,
    role text NOT NULL DEFAULT 'user',
    text text NOT NULL,

    CONSTRAINT chat_messages_pkey PRIMARY KEY (id),
    -- CASCADE: an erased person's words go, and so do the answers, which quote them.
    CONSTRAINT chat_messages_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    -- CASCADE: deleting a guild removes its chat history.
    CONSTRAINT chat_messages_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    -- CASCADE: messages are kept as long as their conversation. With its person and its guild, so
    -- that a message cannot stand in somebody else's conversation or leak into another guild.
    CONSTRAINT chat_messages_conversation_owner_fkey
    FOREIGN KEY (conversation_id, user_id, guild_scope)
    REFERENCES slimy.conversations (id, user_id, guild_scope) ON DELETE CASCADE,
    CONSTRAINT chat_messages_role_known_check CHECK (role IN ('user', 'assistant', 'system')),
    -- Discord's longest message has 4,000; answers of models run longer.
    CONSTRAINT chat_messages_text_length_check CHECK (char_length(text) BETWEEN 1 AND 32000),
    -- Discord opened in 2015. The upper end keeps out infinity, which clients cannot read.
    CONSTRAINT chat_messages_created_at_range_check CHECK (
        created_at >= '2015-01-01 00:00:00+00' AND created_at < '2100-01-01 00:00:00+00'
    ),
    -- Only a guild has admins.
    CONSTRAINT chat_messages_admin_only_guild_check CHECK (NOT admin_only OR guild_id IS NOT NULL)
);

-- A guild's messages for all its members; partial, so that talk among admins is not passed over,
-- however long it is. By time and not by id alone: id alone is what the primary key has in order
-- too, and for a guild with a large share of the table the planner would walk that, through
-- everything that others have said since.
CREATE INDEX chat_messages_open_idx ON slimy.chat_messages (guild_id, created_at DESC, id DESC)
WHERE guild_id IS NOT NULL AND NOT admin_only;

-- What is for a guild's admins only: one message in a hundred, and only these have an entry.
CREATE INDEX chat_messages_admin_idx ON slimy.chat_messages (guild_id, created_at DESC, id DESC)
WHERE admin_only;
-- Both kinds in one order: for admins, for the counts and the batches of a guild's messages, and
-- for what goes with a guild. Refused: merging the two kinds from indexes of their own, which no
-- page can go on from without reading and sorting all of both.
CREATE INDEX chat_messages_guild_time_idx
ON slimy.chat_messages (guild_id, created_at DESC, id DESC)
WHERE guild_id IS NOT NULL;

-- A conversation's timeline, forwards and backwards, and the cascade from conversations: person and
-- guild are the same throughout a conversation, an index on them would find no less.
CREATE INDEX chat_messages_conversation_idx ON slimy.chat_messages (conversation_id, id)
WHERE conversation_id IS NOT NULL;

-- A person's messages, newest first, and the cascade from users.
-- No other (…, created_at) indexes: keys are in order of creation, also those of imported messages,
-- which are made for the time they were written at. No (admin_only, created_at): nobody reads the
-- admins' messages of all guilds at once.
CREATE INDEX chat_messages_user_idx ON slimy.chat_messages (user_id, id DESC);

-- Columns by name: PostgreSQL lets no trigger look at a generated one before it is made.
CREATE TRIGGER chat_messages_set_updated_at
BEFORE UPDATE ON slimy.chat_messages
FOR EACH ROW WHEN (
    (old.text, old.admin_only, old.role) IS DISTINCT FROM (new.text, new.admin_only, new.role)
)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.chat_messages IS
'One row per message; it goes with its person, its guild and its conversation.';
COMMENT ON COLUMN slimy.chat_messages.id IS
'Version 7 of the moment the message was written: newest first is this key backwards.';
COMMENT ON COLUMN slimy.chat_messages.conversation_id IS
'NULL for a message of a guild''s chat that belongs to no conversation.';
COMMENT ON COLUMN slimy.chat_messages.user_id IS
'Who wrote it, or, for the roles assistant and system, for whom it was written.';
COMMENT ON COLUMN slimy.chat_messages.guild_id IS 'NULL for a message in private.';
COMMENT ON COLUMN slimy.chat_messages.guild_scope IS
'guild_id, or 0 for none: what a foreign key can compare, because it lets NULL pass unseen.';
COMMENT ON COLUMN slimy.chat_messages.admin_only IS 'Shown to the guild''s admins only.';
COMMENT ON INDEX slimy.chat_messages_pkey IS
'serves chat_messages.find_authority, chat_messages.get, chat_messages.update, '
'chat_messages.delete';
COMMENT ON INDEX slimy.chat_messages_admin_idx IS 'serves chat_messages.list_admin_only';
COMMENT ON INDEX slimy.chat_messages_open_idx IS 'serves chat_messages.list_of_guild';
COMMENT ON INDEX slimy.chat_messages_guild_time_idx IS
'serves chat_messages.list_of_guild_for_admins, chat_messages.count_of_guild, guilds.get, '
'guilds.list_newest, guilds.search, guilds.purge_messages, guilds.delete';
COMMENT ON INDEX slimy.chat_messages_conversation_idx IS
'serves chat_messages.list_of_conversation, conversations.list_of_user, conversations.get, '
'conversations.delete, conversations.purge_deleted';
COMMENT ON INDEX slimy.chat_messages_user_idx IS
'serves chat_messages.list_of_user, users.purge_messages, users.delete';
COMMENT ON TRIGGER chat_messages_set_updated_at ON slimy.chat_messages IS
'Dates real changes only.';
