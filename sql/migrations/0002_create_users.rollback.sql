-- Forgets every user.
--
-- data: lost, every user

DROP TABLE slimy.users;
