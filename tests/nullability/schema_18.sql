CREATE TABLE virtual (
    id int PRIMARY KEY,
    x int NOT NULL,
    y int,
    s int GENERATED ALWAYS AS (x + 1) VIRTUAL,
    z int GENERATED ALWAYS AS (y + 1) VIRTUAL
);
CREATE TABLE late (id int, x int, y int);
INSERT INTO late VALUES (NULL, NULL, NULL);
ALTER TABLE late ADD CONSTRAINT late_x_not_null NOT NULL x NOT VALID;
CREATE TABLE booking (
    room int4range,
    during daterange,
    who text,
    PRIMARY KEY (room, during WITHOUT OVERLAPS)
);
CREATE TABLE split (x int, g int GENERATED ALWAYS AS (nullif(x, 1)) VIRTUAL) PARTITION BY LIST (x);
CREATE TABLE split_one PARTITION OF split (g GENERATED ALWAYS AS (coalesce(x, 0)) VIRTUAL) FOR VALUES IN (1, 2);
INSERT INTO split (x) VALUES (1), (2);
CREATE TABLE stem (x int, g int GENERATED ALWAYS AS (nullif(x, 1)) VIRTUAL NOT NULL, h int GENERATED ALWAYS AS (coalesce(x, 0)) VIRTUAL, CHECK (g IS NOT NULL));
CREATE TABLE twig (x int, g int GENERATED ALWAYS AS (coalesce(x, 0)) VIRTUAL, h int GENERATED ALWAYS AS (nullif(x, 1)) VIRTUAL) INHERITS (stem);
INSERT INTO twig (x) VALUES (1);
