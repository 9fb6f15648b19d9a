-- Forgets how the bot speaks in every guild.

DROP FUNCTION slimy.personality_presets();
DROP TABLE slimy.guild_personalities;
