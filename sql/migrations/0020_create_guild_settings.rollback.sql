-- Forgets every guild's settings.

DROP TABLE slimy.guild_settings;
