-- Forgets the club.
-- data: lost, all of it

DROP TABLE club.orders;
DROP TABLE club.users;
DROP SCHEMA club;
