-- A guild that has an owner among its members keeps at least one: the last one can neither be
-- removed nor demoted. Deleting the guild takes them all, and erasing a user works always: nobody
-- can be made to stay for the sake of a guild. A guild whose last owner is erased has none until
-- somebody is given the role; its admins keep it running, and nobody is promoted unasked.
--
-- depends: 0004_create_user_guilds 0009_soft_delete_guilds
-- phase: expand

-- Without it the question "is there another one?" would read the whole roster.
CREATE INDEX user_guilds_owners_idx ON slimy.user_guilds (guild_id, user_id)
WHERE roles @> ARRAY['owner']::text[];

-- Two owners who leave at the same time each see the other one still there, so they must meet: at
-- the guild's row. An UPDATE and not a lock: in REPEATABLE READ a lock lets the second one go on
-- with its old picture, a new version of the row stops it with a serialization failure.
CREATE FUNCTION slimy.meet_at_guild(guild_id bigint) RETURNS boolean
LANGUAGE plpgsql
AS $body$
BEGIN
    PERFORM FROM slimy.guilds AS g
    WHERE g.id = meet_at_guild.guild_id AND g.purge_started_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    -- Once in a transaction: a row that is updated a second time has its foreign keys checked anew,
    -- which locks the guild's owner among the users, and that is a lock taken out of order.
    UPDATE slimy.guilds AS g
    SET name = g.name
    WHERE g.id = meet_at_guild.guild_id AND g.xmin <> pg_current_xact_id()::xid;
    RETURN TRUE;
END
$body$;

COMMENT ON FUNCTION slimy.meet_at_guild(bigint) IS
'Lets one transaction at a time decide about a guild''s owners; false for a guild that is gone or '
'being purged, which needs none.';

-- Asked before memberships are touched: everyone locks the user first, then the guild, then its
-- memberships, as erasing a user and deleting a guild do, so that nobody waits in a circle. The
-- guild is locked even where no owner seems to leave: a member may become one while we wait for the
-- row, and that is too late to lock the guild.
CREATE FUNCTION slimy.has_other_owner(guild_id bigint, leaving uuid[]) RETURNS boolean
LANGUAGE plpgsql
AS $body$
BEGIN
    PERFORM FROM slimy.guilds AS g WHERE g.id = has_other_owner.guild_id FOR NO KEY UPDATE;
    RETURN NOT EXISTS (
        SELECT FROM slimy.user_guilds AS m
        WHERE
            m.guild_id = has_other_owner.guild_id
            AND m.roles @> ARRAY['owner']::text[]
            AND m.user_id = ANY(leaving)
    ) OR EXISTS (
        SELECT FROM slimy.user_guilds AS m
        WHERE
            m.guild_id = has_other_owner.guild_id
            AND m.roles @> ARRAY['owner']::text[]
            AND m.user_id <> ALL(leaving)
    );
END
$body$;

COMMENT ON FUNCTION slimy.has_other_owner(bigint, uuid[]) IS
'Whether a guild keeps an owner, if it has one, without these members. Who asks holds the guild''s '
'row until the end of the transaction, so that the answer stays true.';

CREATE FUNCTION slimy.keep_last_owner() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM slimy.users AS u WHERE u.id = OLD.user_id) THEN
        RETURN NULL;
    END IF;
    IF NOT slimy.meet_at_guild(OLD.guild_id) THEN
        RETURN NULL;
    END IF;
    -- A statement of its own: only a snapshot taken after the meeting shows who left before us.
    IF NOT EXISTS (
        SELECT FROM slimy.user_guilds AS m
        WHERE m.guild_id = OLD.guild_id AND m.roles @> ARRAY['owner']::text[]
    ) THEN
        RAISE EXCEPTION 'guild % would be left without an owner', OLD.guild_id
        USING
            ERRCODE = 'check_violation',
            SCHEMA = TG_TABLE_SCHEMA,
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'user_guilds_last_owner_check',
            HINT = 'Give another member the role owner first.';
    END IF;
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION slimy.keep_last_owner() IS
'Refuses what would leave a guild without an owner; lets through what erasing a user brings along.';

-- After the statement, so that one statement may hand the role over. WHEN keeps the function away
-- from all other changes: they cost nothing.
CREATE TRIGGER user_guilds_keep_last_owner_on_update
AFTER UPDATE ON slimy.user_guilds
FOR EACH ROW WHEN (
    old.roles @> ARRAY['owner']::text[]
    AND (NOT new.roles @> ARRAY['owner']::text[] OR new.guild_id != old.guild_id)
)
EXECUTE FUNCTION slimy.keep_last_owner();

CREATE TRIGGER user_guilds_keep_last_owner_on_delete
AFTER DELETE ON slimy.user_guilds
FOR EACH ROW WHEN (old.roles @> ARRAY['owner']::text[])
EXECUTE FUNCTION slimy.keep_last_owner();

COMMENT ON INDEX slimy.user_guilds_owners_idx IS 'serves memberships.has_other_owner';
COMMENT ON TRIGGER user_guilds_keep_last_owner_on_update ON slimy.user_guilds IS
'The last owner of a guild cannot be demoted.';
COMMENT ON TRIGGER user_guilds_keep_last_owner_on_delete ON slimy.user_guilds IS
'The last owner of a guild cannot be removed.';
