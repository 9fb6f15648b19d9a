-- Forgets every user's preferences.
--
-- data: lost, every preference

DROP TABLE slimy.user_preferences;
