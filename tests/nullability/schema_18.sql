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
