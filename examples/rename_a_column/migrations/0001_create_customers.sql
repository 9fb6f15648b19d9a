-- The shop's customers, as release 1 knows them.
--
-- phase: expand

CREATE SCHEMA shop;

CREATE TABLE shop.customers (
    id bigint GENERATED ALWAYS AS IDENTITY,
    full_name text NOT NULL,
    visits bigint NOT NULL DEFAULT 0,

    CONSTRAINT customers_pkey PRIMARY KEY (id)
);

COMMENT ON SCHEMA shop IS 'A shop whose column is renamed while it is open.';
COMMENT ON TABLE shop.customers IS 'Who buys here.';
