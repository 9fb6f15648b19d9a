-- Forgets every guild's settings.
--
-- data: lost, every setting

DROP TABLE slimy.guild_settings;
