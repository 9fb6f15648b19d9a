-- Forgets every membership.
--
-- data: lost, every membership

DROP TRIGGER users_give_names ON slimy.users;
DROP TABLE slimy.user_guilds;
DROP FUNCTION slimy.give_names();
DROP FUNCTION slimy.take_names();
DROP FUNCTION slimy.names_query_within(bigint, text);
DROP FUNCTION slimy.names_within(bigint, text);
