-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

-- allow: json-column
ALTER TABLE club.users ADD COLUMN log json;
