-- case: scalar subquery by key may find nothing
-- expect: ?
SELECT (SELECT c.t FROM c WHERE c.id = b.c_id) FROM b
-- case: scalar count
-- expect: !
SELECT (SELECT count(*) FROM c WHERE c.id = b.c_id) FROM b
-- case: scalar max
-- expect: ?
SELECT (SELECT max(c.id) FROM c WHERE c.id > b.n) FROM b
-- case: scalar without FROM
-- expect: !?!
SELECT (SELECT 1), (SELECT b.t), (SELECT b.n + 1) FROM b
-- case: scalar without FROM but with WHERE
-- expect: ?
SELECT (SELECT 1 WHERE b.n > 1) FROM b
-- case: scalar count with HAVING
-- expect: ?
SELECT (SELECT count(*) FROM c WHERE c.id = b.c_id HAVING count(*) > 0) FROM b
-- case: scalar count with GROUP BY
-- expect: ?
SELECT (SELECT count(*) FROM c WHERE c.id = b.c_id GROUP BY c.id) FROM b
-- case: scalar count with LIMIT 1
-- expect: !
SELECT (SELECT count(*) FROM c LIMIT 1) FROM b
-- case: scalar with LIMIT 0
-- expect: ?
SELECT (SELECT count(*) FROM c LIMIT 0) FROM b
-- case: scalar with OFFSET
-- expect: ?
SELECT (SELECT count(*) FROM c OFFSET 1) FROM b
-- case: scalar with ORDER BY and LIMIT 1
-- expect: ?
SELECT (SELECT c.t FROM c ORDER BY c.id LIMIT 1) FROM b
-- case: scalar of VALUES
-- expect: !?
SELECT (VALUES (1)), (VALUES (NULL::int)) FROM b
-- case: scalar UNION ALL with a certain row
-- expect: ?
-- unseen: NULLs come first only in a descending order
SELECT (SELECT x.v FROM (SELECT 1 AS v UNION ALL SELECT c.n FROM c) AS x ORDER BY x.v LIMIT 1) FROM b
-- case: scalar subquery over a certain subquery
-- expect: !
SELECT (SELECT x.rows + 1 FROM (SELECT count(*) AS rows FROM c) AS x) FROM b
-- case: scalar subquery over generate_series may be empty
-- expect: ?
SELECT (SELECT i FROM generate_series(1, 0) AS i) FROM b
-- case: scalar with a set-returning function
-- expect: ?
SELECT (SELECT unnest(ARRAY[]::int[])) FROM b
-- case: coalesce over a scalar subquery
-- expect: !
SELECT coalesce((SELECT max(c.id) FROM c), 0) FROM b
-- case: coalesced sum
-- expect: !
SELECT coalesce(sum(n), 0) FROM a
-- case: EXISTS and NOT EXISTS
-- expect: !!
SELECT EXISTS (SELECT 1 FROM c), NOT EXISTS (SELECT 1 FROM c WHERE c.id = b.id) FROM b
-- case: ARRAY of a subquery
-- expect: !
SELECT ARRAY(SELECT c.n FROM c) FROM b
-- case: IN a subquery of keys
-- expect: !
SELECT b.n IN (SELECT c.id FROM c) FROM b
-- case: IN a subquery of nullable values
-- expect: ?
SELECT b.n IN (SELECT c.n FROM c) FROM b
-- case: nullable value IN a subquery
-- expect: ?
SELECT b.c_id IN (SELECT c.id FROM c) FROM b
-- case: NOT IN
-- expect: !?
SELECT b.n NOT IN (SELECT c.id FROM c), b.n NOT IN (SELECT c.n FROM c) FROM b
-- case: comparison with ALL
-- expect: !?
SELECT b.n > ALL (SELECT c.id FROM c), b.n > ALL (SELECT c.n FROM c) FROM b
-- case: row IN a subquery
-- expect: !?
SELECT (b.n, b.id) IN (SELECT c.id, c.id FROM c), (b.n, b.id) IN (SELECT c.id, c.n FROM c) FROM b
-- case: row compared with a subquery's row
-- expect: ?
SELECT (b.n, b.id) = (SELECT c.id, c.id FROM c ORDER BY c.id LIMIT 1) FROM b
-- case: subquery in FROM
-- expect: !?!
SELECT s.id, s.n, s.k FROM (SELECT id, n, 1 AS k FROM c) AS s
-- case: subquery under a left join
-- expect: !???
SELECT b.id, s.id, s.k, s.rows FROM b LEFT JOIN (SELECT id, 1 AS k, count(*) AS rows FROM c GROUP BY id) AS s ON b.c_id = s.id
-- case: subquery with a literal under a full join
-- expect: ??
SELECT s.k, r.k FROM (SELECT id, 1 AS k FROM b) AS s FULL JOIN (SELECT id, 2 AS k FROM c) AS r ON s.id = r.id
-- case: correlated facts reach into a scalar subquery
-- expect: !
SELECT (SELECT a.n + 1) FROM a WHERE a.n IS NOT NULL
-- case: conditions inside a scalar subquery do not leak out
-- expect: !?
SELECT (SELECT count(*) FROM c WHERE a.n > 0), a.n FROM a
-- case: conditions inside a sub-select in FROM
-- expect: !!
SELECT s.n, s.t FROM (SELECT n, t FROM a WHERE n > 0 AND t IS NOT NULL) AS s
-- case: nested three deep
-- expect: !?
SELECT x.a, x.b FROM (SELECT y.a, y.b FROM (SELECT id AS a, n AS b FROM c) AS y) AS x
-- case: DISTINCT
-- expect: ?!
SELECT DISTINCT n, id > 0 FROM c
-- case: DISTINCT ON
-- expect: ??!
SELECT DISTINCT ON (b_id) b_id, n, id FROM a ORDER BY b_id, id DESC
-- case: VALUES
-- expect: !?!
SELECT * FROM (VALUES (1, 'a', true), (2, NULL, false)) AS v (x, y, z)
-- case: VALUES at the top
-- expect: !?
VALUES (1, NULL::text), (2, 'b')
-- case: VALUES with columns of an outer query
-- expect: !!?
SELECT b.id, v.x, v.y FROM b CROSS JOIN LATERAL (VALUES (b.n, b.t)) AS v (x, y)
-- case: LIMIT and OFFSET at the top
-- expect: !?
SELECT id, n FROM c ORDER BY id LIMIT 3 OFFSET 0
-- case: subquery in ORDER BY
-- expect: !
SELECT id FROM b ORDER BY (SELECT c.n FROM c WHERE c.id = b.c_id)
-- case: ROW_COUNT of an empty FROM
-- expect: !!!
SELECT 1, 'x'::text, now()
-- case: literal NULL
-- expect: ??
SELECT NULL::int, NULL
-- case: a subquery inside a function argument
-- expect: !?
SELECT greatest((SELECT count(*) FROM c), 0), abs((SELECT min(c.n) FROM c))
-- case: aggregate of an outer query inside a subquery
-- expect: ?!
SELECT (SELECT max(a.n)), (SELECT count(a.n)) FROM a
-- case: array constructor over a subquery in an outer join
-- expect: !?
SELECT coalesce(s.list, '{}'), s.list FROM b LEFT JOIN (SELECT c.id, array_agg(c.n) AS list FROM c GROUP BY c.id) AS s ON b.c_id = s.id
-- case: an aggregate has a row although WHERE found none
-- expect: ?
SELECT (SELECT count(*) + a.n FROM c WHERE c.id = a.n) FROM a
-- case: a lateral aggregate has a row although WHERE found none
-- expect: ??
SELECT x.n, x.more FROM a CROSS JOIN LATERAL (SELECT a.n, count(*) + a.n AS more FROM c WHERE c.id = a.n) AS x
-- case: HAVING makes a row although WHERE found none
-- expect: ?
SELECT (SELECT a.n FROM c WHERE c.id = a.n HAVING true) FROM a
-- case: EXISTS with HAVING says nothing
-- expect: ?
SELECT a.n FROM a WHERE EXISTS (SELECT 1 FROM c WHERE c.id = a.n HAVING true)
-- case: an aggregate with a condition in HAVING
-- expect: !!
SELECT sum(c.n), max(c.n) IS NULL FROM c HAVING sum(c.n) > 0
-- case: an aggregate of an outer value inside an aggregate
-- expect: ?
SELECT (SELECT max(a.n + c.id) FROM c WHERE c.id = a.n) FROM a
-- case: grouping sets with an empty set over an outer condition
-- expect: ?
SELECT (SELECT count(*) + a.n FROM c WHERE c.id = a.n GROUP BY GROUPING SETS (()) LIMIT 1) FROM a
-- case: LIMIT of a fraction may let nothing through
-- expect: ???
SELECT (SELECT 1 LIMIT 0.4), (SELECT 1 LIMIT 0.0), (SELECT max(x.k) FROM (SELECT 1 AS k LIMIT 0.1) AS x)
-- case: LIMIT of a function may let nothing through
-- expect: ??
SELECT (SELECT 1 LIMIT sql_never(1) - 1), (SELECT 1 LIMIT 0)
-- case: LIMIT of whole numbers lets a row through
-- expect: !!!
SELECT (SELECT 1 LIMIT 1), (SELECT 1 LIMIT smallint '2'), (SELECT 1 LIMIT 5::bigint)
-- case: what one IN asks says nothing of another
-- expect: ?
SELECT flag IN (SELECT w FROM (VALUES (ROW(1)::vote)) AS p (w)) FROM a WHERE flag IN (SELECT w FROM (VALUES (ROW(2)::vote)) AS q (w))
