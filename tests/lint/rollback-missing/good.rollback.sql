-- Forgets the look.

ALTER TABLE club.users DROP COLUMN look;
