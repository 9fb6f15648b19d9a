CREATE DOMAIN required_text AS text NOT NULL;
CREATE DOMAIN checked_text AS text CHECK (value IS NOT NULL AND value <> 'zzz');
CREATE DOMAIN small AS int CHECK (value BETWEEN -100 AND 100);
CREATE DOMAIN nested_required AS required_text CHECK (length(value) < 100);
CREATE TYPE mood AS ENUM ('bad', 'good');
CREATE TYPE pair AS (x int, y text);

CREATE TABLE c (
    id int PRIMARY KEY,
    n int,
    t text NOT NULL UNIQUE
);
CREATE TABLE b (
    id int PRIMARY KEY,
    c_id int REFERENCES c,
    n int NOT NULL,
    t text
);
CREATE TABLE a (
    id int PRIMARY KEY,
    b_id int REFERENCES b,
    n int,
    t text,
    flag boolean NOT NULL,
    tags text[] NOT NULL,
    extra text[],
    doc jsonb NOT NULL,
    opt jsonb,
    at timestamptz NOT NULL,
    maybe_at timestamptz,
    d date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('x', 'y')),
    checked int CHECK (checked IS NOT NULL AND checked >= 0),
    weak int CHECK (weak >= 0),
    either int CHECK (either IS NOT NULL OR either > 5),
    dom required_text,
    chk checked_text,
    deep nested_required,
    low small,
    p pair,
    m mood NOT NULL,
    price numeric NOT NULL,
    span int4range NOT NULL,
    ratio double precision
);
CREATE TABLE e (
    k int,
    v int,
    w text
);
CREATE TABLE g (
    id int PRIMARY KEY,
    x int NOT NULL,
    y int,
    s int GENERATED ALWAYS AS (x * 2) STORED,
    z int GENERATED ALWAYS AS (y + 1) STORED,
    o text GENERATED ALWAYS AS (coalesce(y::text, 'none')) STORED
);
CREATE TABLE tree (
    id int PRIMARY KEY,
    parent int REFERENCES tree,
    name text NOT NULL,
    note text
);
CREATE TABLE auto (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    n int DEFAULT 7,
    t text NOT NULL DEFAULT 'd',
    u int UNIQUE
);
CREATE TABLE part (
    id int NOT NULL,
    region text NOT NULL,
    v int
) PARTITION BY LIST (region);
CREATE TABLE part_one PARTITION OF part FOR VALUES IN ('p');
CREATE TABLE part_two PARTITION OF part FOR VALUES IN ('q');
ALTER TABLE part_two ALTER COLUMN v SET NOT NULL;
CREATE TABLE parent (id int NOT NULL, v int NOT NULL, w int);
CREATE TABLE child (own int) INHERITS (parent);
CREATE TABLE doubtful (id int, x int, y int);
INSERT INTO doubtful VALUES (NULL, NULL, NULL);
ALTER TABLE doubtful ADD CONSTRAINT doubtful_x_check CHECK (x IS NOT NULL) NOT VALID;
CREATE TABLE trig (id int PRIMARY KEY, v int, w int NOT NULL);
CREATE FUNCTION trig_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.v := CASE WHEN new.id % 2 = 0 THEN NULL ELSE new.v END;
    RETURN new;
END $$;
CREATE TRIGGER trig_change BEFORE INSERT OR UPDATE ON trig FOR EACH ROW EXECUTE FUNCTION trig_change();
CREATE TABLE guarded (id int PRIMARY KEY, v int, w int NOT NULL);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY guarded_all ON guarded USING (id % 2 = 0) WITH CHECK (true);
CREATE TABLE period (room int4range NOT NULL, during daterange NOT NULL, who text);

CREATE FUNCTION sql_null(int) RETURNS int LANGUAGE sql AS 'SELECT nullif($1, 1)';
CREATE FUNCTION sql_strict(int) RETURNS int LANGUAGE sql STRICT AS 'SELECT nullif($1, 1)';
CREATE FUNCTION sql_never(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION pl_null(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN nullif($1, 2); END';
CREATE FUNCTION pl_domain(int) RETURNS small LANGUAGE plpgsql STRICT AS 'BEGIN RETURN nullif($1, 1); END';
CREATE FUNCTION strict_required(text) RETURNS required_text LANGUAGE plpgsql STRICT AS 'BEGIN RETURN $1; END';
CREATE FUNCTION many_ints(int) RETURNS SETOF int LANGUAGE sql AS 'SELECT nullif(i, 1) FROM generate_series(0, $1) AS i';
CREATE FUNCTION some_rows() RETURNS TABLE (p int, q text) LANGUAGE sql AS 'SELECT n, t FROM c';
CREATE FUNCTION one_pair(int) RETURNS pair LANGUAGE sql AS 'SELECT ROW($1, NULL)::pair';
CREATE FUNCTION rows_of_c() RETURNS SETOF c LANGUAGE sql AS 'SELECT NULL::int, NULL::int, NULL::text';
CREATE FUNCTION out_values(OUT x int, OUT y int) LANGUAGE sql AS 'SELECT 1, NULL::int';
CREATE FUNCTION is_good(mood) RETURNS boolean LANGUAGE sql AS $$SELECT nullif($1, 'bad') = 'good'$$;
CREATE CAST (mood AS boolean) WITH FUNCTION is_good (mood);
CREATE FUNCTION odd_plus(int, text) RETURNS int LANGUAGE sql AS 'SELECT nullif($1, 0)';
CREATE OPERATOR @+@ (FUNCTION = odd_plus, LEFTARG = int, RIGHTARG = text);
CREATE FUNCTION sum_step(int, int) RETURNS int LANGUAGE sql AS 'SELECT nullif($1 + $2, 3)';
CREATE AGGREGATE odd_sum (int) (SFUNC = sum_step, STYPE = int, INITCOND = '0');

CREATE VIEW v_c AS SELECT id, n, t FROM c;
CREATE VIEW v_ab AS SELECT a.id, a.n, b.id AS b_id, b.n AS b_n, b.t AS b_t FROM a LEFT JOIN b ON a.b_id = b.id;
CREATE VIEW v_nested AS SELECT v.id, v.b_n, c.t AS c_t, c.n AS c_n FROM v_ab AS v LEFT JOIN c ON v.b_id = c.id;
CREATE VIEW v_filtered AS SELECT id, n, t FROM c WHERE n IS NOT NULL;
CREATE VIEW v_barrier WITH (security_barrier) AS SELECT k, v FROM e WHERE v > 0;
CREATE VIEW v_totals AS SELECT b_id, count(*) AS rows, sum(n) AS total, max(id) AS top FROM a GROUP BY b_id;
CREATE VIEW v_union AS SELECT id, t FROM c UNION ALL SELECT n, t FROM b;
CREATE VIEW v_checked WITH (check_option = local) AS SELECT id, n FROM c WHERE n > 0;
CREATE VIEW v_instead AS SELECT id, t FROM c;
CREATE FUNCTION v_instead_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN (NULL::int, NULL::text);
END $$;
CREATE TRIGGER v_instead_insert INSTEAD OF INSERT ON v_instead FOR EACH ROW EXECUTE FUNCTION v_instead_insert();
CREATE MATERIALIZED VIEW mv AS SELECT id, t, n, count(*) OVER () AS total FROM c;

CREATE TYPE single AS (x int);
CREATE TYPE weight AS (v int);
CREATE TYPE mass AS (v int);
CREATE FUNCTION to_mass(weight) RETURNS mass LANGUAGE sql IMMUTABLE AS $$SELECT CASE WHEN ($1).v > 1 THEN ROW(($1).v)::mass END$$;
CREATE CAST (weight AS mass) WITH FUNCTION to_mass (weight) AS IMPLICIT;
CREATE TYPE vote AS (v int);
CREATE FUNCTION is_yes(vote) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN ($1).v > 1 THEN true END';
CREATE CAST (vote AS boolean) WITH FUNCTION is_yes (vote) AS IMPLICIT;
CREATE FUNCTION weight_null(weight, weight) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT NULL::boolean';
CREATE FUNCTION weight_order(weight, weight) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN NULL; END';
CREATE OPERATOR = (FUNCTION = weight_null, LEFTARG = weight, RIGHTARG = weight);
CREATE OPERATOR < (FUNCTION = weight_null, LEFTARG = weight, RIGHTARG = weight);
CREATE OPERATOR <= (FUNCTION = weight_null, LEFTARG = weight, RIGHTARG = weight);
CREATE OPERATOR >= (FUNCTION = weight_null, LEFTARG = weight, RIGHTARG = weight);
CREATE OPERATOR > (FUNCTION = weight_null, LEFTARG = weight, RIGHTARG = weight);
CREATE TABLE base (id int, x int);
INSERT INTO base VALUES (1, 1);
CREATE VIEW v_later AS SELECT nullif(x, 1) AS x FROM base;
CREATE DOMAIN later AS int;
CREATE MATERIALIZED VIEW mv_old AS SELECT x, (x::later)::int AS y FROM v_later;
CREATE OR REPLACE VIEW v_later AS SELECT coalesce(x, 0) AS x FROM base;
ALTER DOMAIN later SET NOT NULL;
CREATE DOMAIN strict_later AS int;
CREATE TABLE cast_once (id int PRIMARY KEY, x int, y int GENERATED ALWAYS AS ((x::strict_later)::int) STORED);
INSERT INTO cast_once (id) VALUES (1);
ALTER DOMAIN strict_later SET NOT NULL;
