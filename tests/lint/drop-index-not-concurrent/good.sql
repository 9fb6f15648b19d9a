-- What this example is about.
--
-- depends: 0001_club
-- phase: contract
-- transactional: false

DROP INDEX CONCURRENTLY club.users_name_idx;
