-- Forgets every user.

DROP TABLE slimy.users;
