-- Forgets every user's preferences.

DROP TABLE slimy.user_preferences;
