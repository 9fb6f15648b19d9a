-- Talks between one person and the assistant, alone or in the setting of a guild. A deleted one is
-- kept for a grace period, in which it can be restored.
--
-- depends: 0003_create_guilds
-- phase: expand

CREATE TABLE slimy.conversations (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    user_id uuid NOT NULL,
    guild_id bigint,
    guild_scope bigint NOT NULL GENERATED ALWAYS AS (coalesce(guild_id, 0)) STORED,
    title text,
    personality_mode text,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT conversations_pkey PRIMARY KEY (id),
    -- What chat_messages points at, so that a message cannot stand in somebody else's conversation.
    CONSTRAINT conversations_owner_key UNIQUE (id, user_id, guild_scope),
    -- CASCADE: a conversation is its person's; nobody may read it when the person is erased.
    CONSTRAINT conversations_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES slimy.users (id) ON DELETE CASCADE,
    -- CASCADE: deleting a guild removes its chat history. SET NULL would leave talk about the guild
    -- behind, under nobody's rules.
    CONSTRAINT conversations_guild_id_fkey FOREIGN KEY (guild_id)
    REFERENCES slimy.guilds (id) ON DELETE CASCADE,
    CONSTRAINT conversations_title_length_check CHECK (char_length(title) BETWEEN 1 AND 200),
    -- A word and not a list: presets come and go with guild_personalities, without a migration.
    CONSTRAINT conversations_personality_mode_shape_check CHECK (
        personality_mode ~ '^[a-z][a-z0-9_-]{0,49}$'
    ),
    -- These keep out infinity, which clients cannot read.
    CONSTRAINT conversations_deleted_at_range_check CHECK (
        deleted_at >= '2015-01-01 00:00:00+00' AND deleted_at < '2100-01-01 00:00:00+00'
    ),
    CONSTRAINT conversations_created_at_range_check CHECK (
        created_at >= '2015-01-01 00:00:00+00' AND created_at < '2100-01-01 00:00:00+00'
    )
);

-- A person's list, newest first. Deleted ones are not in it, so that a page costs the same after
-- somebody has thrown thousands away.
-- No index on created_at: the key is in order of creation.
CREATE INDEX conversations_live_idx ON slimy.conversations (user_id, id DESC)
WHERE deleted_at IS NULL;

-- The bin of a person, the latest deleted first. Not partial, because the cascade from users has to
-- find live rows too, and no second index on user_id is wanted for it.
CREATE INDEX conversations_bin_idx ON slimy.conversations (user_id, deleted_at DESC, id DESC);

-- A person's conversations in one guild; led by guild_id for the cascade from guilds, which has to
-- find deleted ones too: a page passes over those that the person threw away there this month.
CREATE INDEX conversations_guild_idx ON slimy.conversations (guild_id, user_id, id DESC)
WHERE guild_id IS NOT NULL;

-- The purge walks it from the oldest end; live rows have no entry.
CREATE INDEX conversations_deleted_at_idx ON slimy.conversations (deleted_at)
WHERE deleted_at IS NOT NULL;

-- Columns by name: PostgreSQL lets no trigger look at a generated one before it is made.
CREATE TRIGGER conversations_set_updated_at
BEFORE UPDATE ON slimy.conversations
FOR EACH ROW WHEN (
    (old.user_id, old.guild_id, old.title, old.personality_mode, old.deleted_at)
    IS DISTINCT FROM (new.user_id, new.guild_id, new.title, new.personality_mode, new.deleted_at)
)
EXECUTE FUNCTION slimy.set_updated_at();

COMMENT ON TABLE slimy.conversations IS
'One row per talk of a person with the assistant; it goes with its person and with its guild, and '
'takes its messages along.';
COMMENT ON COLUMN slimy.conversations.user_id IS
'Whose it is; everything said in it is said by or to this person.';
COMMENT ON COLUMN slimy.conversations.guild_id IS
'The guild it was held in; NULL for a talk in private.';
COMMENT ON COLUMN slimy.conversations.guild_scope IS
'guild_id, or 0 for none: what a foreign key can compare, because it lets NULL pass unseen.';
COMMENT ON COLUMN slimy.conversations.title IS 'NULL until somebody or something named it.';
COMMENT ON COLUMN slimy.conversations.personality_mode IS
'How the assistant talks here; NULL leaves it to the guild''s and the person''s preferences.';
COMMENT ON COLUMN slimy.conversations.deleted_at IS
'When it was deleted; NULL while it is not. Purged after a grace period.';
COMMENT ON INDEX slimy.conversations_pkey IS
'serves chat_messages.list_of_user, conversations.purge_deleted';
COMMENT ON INDEX slimy.conversations_live_idx IS 'serves conversations.list_of_user';
COMMENT ON INDEX slimy.conversations_bin_idx IS
'serves conversations.list_deleted, users.purge_conversations, users.delete';
COMMENT ON INDEX slimy.conversations_guild_idx IS
'serves conversations.list_of_user, guilds.delete';
COMMENT ON INDEX slimy.conversations_deleted_at_idx IS 'serves conversations.purge_deleted';
COMMENT ON INDEX slimy.conversations_owner_key IS
'serves chat_messages.create, chat_messages.create_many, chat_messages.load';
COMMENT ON TRIGGER conversations_set_updated_at ON slimy.conversations IS
'Dates real changes only.';
