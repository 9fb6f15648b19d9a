-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false

REFRESH MATERIALIZED VIEW CONCURRENTLY club.best;
