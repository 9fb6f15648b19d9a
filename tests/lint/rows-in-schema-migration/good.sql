-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

INSERT INTO club.colors (id, name) VALUES (101, 'mauve');
