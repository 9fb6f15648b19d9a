-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.events ATTACH PARTITION club.events_2025
FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
