-- case: CASE with ELSE
-- expect: !?
SELECT CASE WHEN flag THEN 1 ELSE 2 END, CASE WHEN flag THEN 1 ELSE n END FROM a
-- case: CASE without ELSE
-- expect: ?
SELECT CASE WHEN flag THEN 1 END FROM a
-- case: CASE narrows by IS NOT NULL
-- expect: !
SELECT CASE WHEN n IS NOT NULL THEN n + 1 ELSE 0 END FROM a
-- case: CASE narrows by IS NULL
-- expect: !
SELECT CASE WHEN n IS NULL THEN 0 ELSE n END FROM a
-- case: CASE narrows by comparison
-- expect: !
SELECT CASE WHEN n > 0 THEN n WHEN n IS NULL THEN 0 ELSE -n END FROM a
-- case: CASE does not narrow by a failed comparison
-- expect: ?
SELECT CASE WHEN n > 0 THEN 1 ELSE n END FROM a
-- case: CASE with an operand
-- expect: !?
SELECT CASE n WHEN 1 THEN n WHEN 2 THEN n + 1 ELSE 0 END, CASE n WHEN 1 THEN 1 ELSE n END FROM a
-- case: CASE with OR of IS NULL
-- expect: !
SELECT CASE WHEN n IS NULL OR t IS NULL THEN 'none' ELSE n || t END FROM a
-- case: CASE with AND of IS NULL does not narrow
-- expect: ?
SELECT CASE WHEN n IS NULL AND t IS NULL THEN 'none' ELSE n || t END FROM a
-- case: CASE under a subquery keeps its branch's knowledge
-- expect: !
SELECT CASE WHEN n IS NOT NULL THEN (SELECT a.n + 1) ELSE 0 END FROM a
-- case: COALESCE
-- expect: !?!
SELECT coalesce(n, 0), coalesce(n, weak), coalesce(n, weak, id) FROM a
-- case: NULLIF
-- expect: ??
SELECT nullif(id, 1), nullif(kind, 'x') FROM a
-- case: GREATEST and LEAST
-- expect: !?!
SELECT greatest(n, id), least(n, weak), least(NULL, 3) FROM a
-- case: arithmetic
-- expect: !?!
SELECT id + 1, n + 1, -id FROM a
-- case: comparison
-- expect: !?!?
SELECT id = 1, n = 1, id IN (1, 2), n IN (1, 2) FROM a
-- case: IN with NULL in the list
-- expect: ??
SELECT id IN (1, NULL), id NOT IN (1, n) FROM a
-- case: ANY of a column
-- expect: ?
SELECT kind = ANY (tags) FROM a
-- case: IS DISTINCT FROM
-- expect: !!
SELECT n IS DISTINCT FROM 1, n IS NOT DISTINCT FROM NULL FROM a
-- case: IS tests
-- expect: !!!
SELECT n IS NULL, (n > 1) IS TRUE, (n > 1) IS UNKNOWN FROM a
-- case: AND and OR
-- expect: !???
SELECT flag AND id > 1, flag AND n > 1, flag OR n > 1, NOT n > 1 FROM a
-- case: AND guarded by IS NOT NULL
-- expect: !!
SELECT n IS NOT NULL AND n > 1, n IS NULL OR n > 1 FROM a
-- case: AND guarded by another column
-- expect: ?
SELECT t IS NOT NULL AND n > 1 FROM a
-- case: BETWEEN
-- expect: !?
SELECT id BETWEEN 1 AND 2, id BETWEEN 1 AND n FROM a
-- case: LIKE
-- expect: !?!
SELECT kind LIKE 'x%', t LIKE 'x%', kind SIMILAR TO 'x|y' FROM a
-- case: array constructors
-- expect: !!
SELECT ARRAY[n, weak], ARRAY[]::int[] FROM a
-- case: array subscripts
-- expect: ??
SELECT tags[1], (ARRAY[1, 2])[3] FROM a
-- case: array slices
-- expect: !?!?
SELECT tags[1:1], extra[1:2], tags[5:], tags[1:n] FROM a
-- case: array comparison
-- expect: !?
SELECT tags && ARRAY['p'], extra @> ARRAY['p'] FROM a
-- case: row constructors
-- expect: !!
SELECT ROW(n, t), ROW(id, flag) FROM a
-- case: row comparison
-- expect: !?
SELECT (id, kind) = (1, 'x'), (id, n) < (1, 2) FROM a
-- case: whole rows
-- expect: !??
SELECT b, c, c.t FROM b LEFT JOIN c ON b.c_id = c.id
-- case: whole rows of subqueries
-- expect: !?
SELECT s, r FROM (SELECT id, n FROM b) AS s LEFT JOIN (SELECT id, n FROM c) AS r ON s.id = r.id
-- case: fields of whole rows
-- expect: !?
SELECT (c).t, (c).n FROM c
-- case: fields of a composite column
-- expect: ???
SELECT p, (p).x, (p).y FROM a
-- case: fields of a row constructor
-- expect: ?!
SELECT (ROW(n, id)::pair).x, (ROW(id, kind)::pair).y FROM a
-- case: row to JSON of a nulled table
-- expect: ??
SELECT to_jsonb(c), row_to_json(c) FROM b LEFT JOIN c ON b.c_id = c.id
-- case: casts
-- expect: !!!?!
SELECT id::text, id::bigint, kind::varchar(3), n::text, m::text FROM a
-- case: casts of literals
-- expect: !!?
SELECT '1'::int, CAST('{}' AS jsonb), NULL::int
-- case: casts between JSON null and scalars
-- expect: ?
-- since: 18
SELECT (jsonb_build_object('k', NULL) -> 'k')::int
-- case: user cast
-- expect: ?
SELECT m::boolean FROM a
-- case: cast to a composite
-- expect: !
SELECT ROW(1, 'a')::pair FROM a
-- case: cast to a required domain
-- expect: !!
SELECT 'x'::required_text, kind::nested_required FROM a
-- case: cast to a domain that allows NULL
-- expect: ?!
SELECT n::small, id::small FROM a
-- case: COLLATE
-- expect: !?
SELECT kind COLLATE "C", t COLLATE "C" FROM a
-- case: AT TIME ZONE
-- expect: !?
SELECT at AT TIME ZONE 'UTC', maybe_at AT TIME ZONE 'UTC' FROM a
-- case: session values
-- expect: !!!!
SELECT current_date, current_timestamp, localtime, session_user
-- case: XML
-- needs: xml
-- expect: !?
SELECT xmlelement(name x, n), xmlforest(n) FROM a
-- case: XMLTABLE
-- needs: xml
-- expect: !?!
SELECT x.ord, x.v, x.w FROM XMLTABLE('/r/e' PASSING '<r><e/></r>' COLUMNS ord FOR ORDINALITY, v int PATH '@v', w int PATH '@v' DEFAULT 1 NOT NULL) AS x
-- case: deep AND chain
-- expect: !
SELECT id = 1 AND id = 2 AND id = 3 AND id = 4 AND (id = 5 OR id = 6) AND NOT id = 7 FROM a
-- case: bit and byte strings
-- expect: !!
SELECT '\x00'::bytea || '\x01'::bytea, B'101' & B'001'
-- case: parameters
-- expect: !?!
SELECT $1::int, $2::int, coalesce($2::int, 0) FROM a WHERE $2::int IS NULL OR n = $2
-- case: nullable parameter written and returned
-- expect: !?!
INSERT INTO c (id, n, t) VALUES ($1, $2, $3) RETURNING id, n, t
-- case: parameter arrays may hold NULL
-- expect: ?
SELECT u FROM unnest($1::int[]) AS u
-- case: membership in a parameter array
-- expect: !?
SELECT id, id = ANY ($1::int[]) FROM a
-- case: equality and order that are a user's
-- expect: ???!
SELECT w IS DISTINCT FROM v, w IS NOT DISTINCT FROM v, CASE WHEN w IS DISTINCT FROM v THEN 1 ELSE (w IS DISTINCT FROM v)::int END, w IS NULL FROM (VALUES (ROW(1)::weight, ROW(2)::weight)) AS x (w, v)
-- case: a comparison of rows by a user's order
-- expect: ?!
SELECT (w, 1) < (v, 2), (1, w IS NULL) < (2, v IS NULL) FROM (VALUES (ROW(1)::weight, ROW(2)::weight)) AS x (w, v)
-- case: final functions of aggregates called by hand
-- expect: ????
SELECT float8_avg('{0,0,0}'), float8_var_samp('{0,0,0}'), float8_corr('{0,0,0,0,0,0}'), float8_regr_intercept('{0,0,0,0,0,0}')
