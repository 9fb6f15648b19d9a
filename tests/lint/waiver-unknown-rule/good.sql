-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

-- allow: json-column: the log of the old system is kept letter for letter
ALTER TABLE club.users ADD COLUMN log json;
