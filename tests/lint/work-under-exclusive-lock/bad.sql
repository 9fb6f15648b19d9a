-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- allow: rows-in-schema-migration: the example is about the other rule

ALTER TABLE club.users ADD COLUMN look text;

UPDATE club.orders SET total = 0 -- bad
WHERE total < 0;
