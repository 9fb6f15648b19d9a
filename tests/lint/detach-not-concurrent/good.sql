-- What this example is about.
--
-- depends: 0001_club
-- phase: contract
-- transactional: false

ALTER TABLE club.events DETACH PARTITION club.events_2026 CONCURRENTLY;
