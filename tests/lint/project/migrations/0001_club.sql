-- The schema that the examples change: big tables, small ones, and what hangs on them.
--
-- phase: expand

CREATE SCHEMA club;

CREATE TYPE club.mood AS ENUM ('happy', 'sad');

CREATE TABLE club.users (
    id bigint NOT NULL,
    name varchar(20) NOT NULL,
    email text,
    visits bigint NOT NULL DEFAULT 0,
    mood club.mood,
    theme text,

    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_present_check CHECK (email IS NOT NULL)
);

-- Added the long way: the index first, the rule unproven first.
CREATE INDEX users_name_idx ON club.users (name);
CREATE UNIQUE INDEX users_email_key ON club.users (email);
ALTER TABLE club.users
ADD CONSTRAINT users_visits_known_check CHECK (visits < 1000000) NOT VALID;

CREATE TABLE club.orders (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    seller_id bigint,
    total numeric(10, 2) NOT NULL,

    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES club.users (id) ON DELETE CASCADE
);

CREATE INDEX orders_user_id_idx ON club.orders (user_id);
CREATE INDEX orders_seller_id_idx ON club.orders (seller_id);

CREATE TABLE club.events (
    id bigint NOT NULL,
    happened_at timestamptz NOT NULL
) PARTITION BY RANGE (happened_at);

CREATE TABLE club.events_2026 PARTITION OF club.events
FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

CREATE TABLE club.events_2025 (
    id bigint NOT NULL,
    happened_at timestamptz NOT NULL,

    CONSTRAINT events_2025_range_check CHECK (
        happened_at >= '2025-01-01' AND happened_at < '2026-01-01'
    )
);

CREATE TABLE club.events_2024 (
    id bigint NOT NULL,
    happened_at timestamptz NOT NULL
);

-- A hundred rows, says scale.toml.
CREATE TABLE club.colors (
    id bigint NOT NULL,
    name text NOT NULL,

    CONSTRAINT colors_pkey PRIMARY KEY (id)
);

CREATE MATERIALIZED VIEW club.best AS
SELECT o.user_id, sum(o.total) AS total
FROM club.orders AS o
GROUP BY o.user_id;

CREATE UNIQUE INDEX best_user_id_key ON club.best (user_id);

CREATE FUNCTION club.note_change() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    NEW.visits := NEW.visits + 1;
    RETURN NEW;
END
$body$;

CREATE TRIGGER users_note_change
BEFORE UPDATE ON club.users
FOR EACH ROW
EXECUTE FUNCTION club.note_change();
