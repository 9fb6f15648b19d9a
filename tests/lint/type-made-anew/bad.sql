-- What this example is about.
--
-- depends: 0001_club
-- phase: contract

DROP TYPE club.mood;
CREATE TYPE club.mood AS ENUM ('happy'); -- bad

COMMENT ON TYPE club.mood IS 'How somebody feels.';
