-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.events ATTACH PARTITION club.events_2024 -- bad
FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
