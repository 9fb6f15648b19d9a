-- Lets guilds lose their last owner again.
--
-- data: kept

DROP TRIGGER user_guilds_keep_last_owner_on_delete ON slimy.user_guilds;
DROP TRIGGER user_guilds_keep_last_owner_on_update ON slimy.user_guilds;
DROP FUNCTION slimy.keep_last_owner();
DROP FUNCTION slimy.has_other_owner(bigint, uuid[]);
DROP FUNCTION slimy.meet_at_guild(bigint);
DROP INDEX slimy.user_guilds_owners_idx;
