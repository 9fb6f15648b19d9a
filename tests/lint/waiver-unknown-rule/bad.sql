-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

-- allow: json-colum: a slip of the pen
ALTER TABLE club.users ADD COLUMN log jsonb;
