-- What this example is about.
--
-- depends: 0001_club
-- phase: contract

DROP MATERIALIZED VIEW club.best;
