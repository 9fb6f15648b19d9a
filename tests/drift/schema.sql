-- A schema with one of everything that can drift.
CREATE SCHEMA club;
COMMENT ON SCHEMA club IS 'The club.';
CREATE TYPE club.mood AS ENUM ('glad', 'so so', 'sad');
CREATE DOMAIN club.code AS text DEFAULT 'x' CONSTRAINT code_shape_check CHECK (VALUE ~ '^[a-z]+$');
CREATE TYPE club.pair AS (a integer, b text);
CREATE SEQUENCE club.tickets AS integer INCREMENT BY 5;

CREATE FUNCTION club.shout(said text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS 'SELECT upper(said)';
COMMENT ON FUNCTION club.shout(text) IS 'Says it louder.';
CREATE FUNCTION club.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
CREATE PROCEDURE club.nothing() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE club.total (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');

CREATE TABLE club.people (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    email text,
    mood club.mood NOT NULL DEFAULT 'glad',
    code club.code,
    points integer NOT NULL DEFAULT 0,
    loud text GENERATED ALWAYS AS (club.shout(name)) STORED,
    "Odd Name" text,
    CONSTRAINT people_pkey PRIMARY KEY (id),
    CONSTRAINT people_email_key UNIQUE (email),
    CONSTRAINT people_points_check CHECK (points >= 0)
) WITH (fillfactor = 80);
COMMENT ON TABLE club.people IS 'Who is in.';
COMMENT ON COLUMN club.people.email IS 'NULL when nobody asked.';
COMMENT ON CONSTRAINT people_points_check ON club.people IS 'No debts.';
ALTER TABLE club.people ALTER COLUMN name SET STATISTICS 500;
ALTER TABLE club.people ENABLE ROW LEVEL SECURITY;
CREATE INDEX people_name_idx ON club.people (name) WHERE points > 0;
COMMENT ON INDEX club.people_name_idx IS 'serves people.search';
CREATE POLICY people_all ON club.people FOR SELECT USING (points > 10);
COMMENT ON POLICY people_all ON club.people IS 'Those with points.';
CREATE TRIGGER people_touch BEFORE UPDATE ON club.people
FOR EACH ROW EXECUTE FUNCTION club.touch();
COMMENT ON TRIGGER people_touch ON club.people IS 'Touches.';
CREATE RULE people_stay AS ON DELETE TO club.people DO INSTEAD NOTHING;
CREATE STATISTICS club.people_together ON name, points FROM club.people;

CREATE TABLE club.visits (
    id serial,
    person_id bigint NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT visits_pkey PRIMARY KEY (id),
    CONSTRAINT visits_person_id_fkey FOREIGN KEY (person_id)
    REFERENCES club.people (id) ON DELETE CASCADE,
    CONSTRAINT visits_once_excl EXCLUDE USING btree (person_id WITH =, at WITH =)
);
CREATE UNLOGGED TABLE club.cache (key text, value text);
CREATE TABLE club.log (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE INDEX log_what_idx ON club.log (what);
CREATE TABLE club.log_2024 PARTITION OF club.log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE club.parts (key integer) PARTITION BY LIST (key);
CREATE TABLE club.parts_1 PARTITION OF club.parts FOR VALUES IN (1);

CREATE VIEW club.rich AS SELECT p.id, p.name FROM club.people AS p WHERE p.points > 100;
COMMENT ON VIEW club.rich IS 'With points.';
CREATE VIEW club.richest AS SELECT r.name FROM club.rich AS r;
CREATE VIEW club.mails AS SELECT p.email FROM club.people AS p;
COMMENT ON VIEW club.mails IS 'Addresses.';
CREATE MATERIALIZED VIEW club.counted AS SELECT count(*) AS people FROM club.people;
CREATE UNIQUE INDEX counted_people_idx ON club.counted (people);

GRANT USAGE ON SCHEMA club TO drift_reader;
GRANT SELECT ON club.people TO drift_reader;
GRANT UPDATE (name) ON club.people TO drift_reader;
GRANT SELECT ON club.rich TO drift_reader;
REVOKE EXECUTE ON FUNCTION club.shout(text) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA club GRANT SELECT ON TABLES TO drift_reader;
CREATE PUBLICATION club_out FOR TABLE club.people (id, name) WHERE (points > 0);
CREATE TEXT SEARCH CONFIGURATION club.plain (COPY = simple);
CREATE COLLATION club.c (LOCALE = 'C');
