-- Forgets which languages were chosen.
-- data: lost, the languages

DROP INDEX club.users_locale_idx;
ALTER TABLE club.users DROP CONSTRAINT users_locale_known_check;
ALTER TABLE club.users DROP COLUMN locale;
