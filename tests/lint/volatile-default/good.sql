-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.users ADD COLUMN token uuid;
ALTER TABLE club.users ALTER COLUMN token SET DEFAULT gen_random_uuid();
ALTER TABLE club.users ADD COLUMN seen_at timestamptz DEFAULT now();
