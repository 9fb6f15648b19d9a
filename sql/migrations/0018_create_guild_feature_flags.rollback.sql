-- Forgets what every guild has switched on.
--
-- data: lost, every feature flag

DROP TABLE slimy.guild_feature_flags;
