-- A club: its users and what they ordered.
--
-- phase: expand

CREATE SCHEMA club;

COMMENT ON SCHEMA club IS 'A club and its orders.';

CREATE TABLE club.users (
    id bigint NOT NULL,
    name text NOT NULL,

    CONSTRAINT users_pkey PRIMARY KEY (id)
);

CREATE TABLE club.orders (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    total numeric(10, 2) NOT NULL,

    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES club.users (id)
);

CREATE INDEX orders_user_id_idx ON club.orders (user_id);

COMMENT ON TABLE club.users IS 'Who may order.';
COMMENT ON TABLE club.orders IS 'What was ordered.';
COMMENT ON INDEX club.orders_user_id_idx IS 'serves orders.list';
