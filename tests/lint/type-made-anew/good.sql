-- What this example is about.
--
-- depends: 0001_club
-- phase: contract

ALTER TYPE club.mood ADD VALUE 'tired' AFTER 'sad';
