-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

REFRESH MATERIALIZED VIEW club.best; -- bad
