-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users
ADD COLUMN length bigint GENERATED ALWAYS AS (char_length(name)) STORED; -- bad
