-- From now on no other language is there: the rows of before are read, and nobody waits for it.
--
-- depends: 0002_add_locale
-- phase: contract

ALTER TABLE club.users VALIDATE CONSTRAINT users_locale_known_check;
