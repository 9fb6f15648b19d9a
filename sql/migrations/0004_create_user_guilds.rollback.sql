-- Forgets every membership.

DROP TABLE slimy.user_guilds;
