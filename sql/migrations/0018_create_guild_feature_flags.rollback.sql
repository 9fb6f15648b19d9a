-- Forgets what every guild has switched on.

DROP TABLE slimy.guild_feature_flags;
