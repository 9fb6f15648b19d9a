-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false

VACUUM FULL club.users; -- bad
