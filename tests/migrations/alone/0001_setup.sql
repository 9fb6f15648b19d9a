-- What the others change.
-- phase: expand

CREATE SCHEMA shop;

CREATE TYPE shop.colour AS ENUM ('red', 'green');

CREATE TABLE shop.item (id bigint PRIMARY KEY, name text NOT NULL, colour shop.colour);

INSERT INTO shop.item (id, name)
SELECT
    n AS id,
    'item ' || n AS name
FROM generate_series(1, 2000) AS g (n);

CREATE INDEX item_colour_idx ON shop.item (colour);

CREATE TABLE shop.sale (id bigint NOT NULL, sold_on date NOT NULL) PARTITION BY RANGE (sold_on);

CREATE TABLE shop.sale_2024 PARTITION OF shop.sale
FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

CREATE TABLE shop.sale_2025 PARTITION OF shop.sale
FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

CREATE MATERIALIZED VIEW shop.names AS
SELECT i.name FROM shop.item AS i;

CREATE UNIQUE INDEX names_name_idx ON shop.names (name);
