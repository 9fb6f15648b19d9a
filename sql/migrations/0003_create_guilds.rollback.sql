-- Forgets every guild, and where users were last active.
--
-- data: lost, every guild, and where users were last active

ALTER TABLE slimy.users DROP COLUMN last_active_guild_id;
DROP TABLE slimy.guilds;
