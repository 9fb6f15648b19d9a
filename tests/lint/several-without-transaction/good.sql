-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false

ANALYZE club.users, club.orders;
