-- Forgets it.

DROP TABLE club.drafts;
ALTER TABLE club.users DROP COLUMN look;
