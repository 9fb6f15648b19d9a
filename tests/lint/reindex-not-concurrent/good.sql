-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false

REINDEX TABLE CONCURRENTLY club.users;
