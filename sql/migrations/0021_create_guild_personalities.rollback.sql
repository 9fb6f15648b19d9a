-- Forgets how the bot speaks in every guild.
--
-- data: lost, every personality

DROP FUNCTION slimy.personality_presets();
DROP TABLE slimy.guild_personalities;
