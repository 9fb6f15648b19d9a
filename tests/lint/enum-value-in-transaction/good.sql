-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TYPE club.mood ADD VALUE 'tired' AFTER 'sad';
