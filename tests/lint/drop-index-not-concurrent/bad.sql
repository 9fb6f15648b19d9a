-- What this example is about.
--
-- depends: 0001_club
-- phase: contract

DROP INDEX club.users_name_idx; -- bad
