-- Collations under which different strings are equal. Not every server is built with such ones, so
-- this one only says that it is: nothing may be sorted or compared by it.
CREATE COLLATION deck.ci (PROVIDER = libc, LOCALE = 'C');
CREATE TABLE deck.strict (s text COLLATE "C" UNIQUE, w int);
CREATE TABLE deck.loose (s text COLLATE deck.ci UNIQUE, w int);
UPDATE pg_catalog.pg_collation SET collisdeterministic = false WHERE collname = 'ci';
