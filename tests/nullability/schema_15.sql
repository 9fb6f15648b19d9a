CREATE TABLE source (id int, x int);
CREATE TABLE derived (id int, x int GENERATED ALWAYS AS (nullif(id, 1)) STORED) INHERITS (source);
INSERT INTO derived (id) VALUES (1), (2);
