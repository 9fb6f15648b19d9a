-- case: plain WITH
-- expect: !?
WITH x AS (SELECT id, n FROM c) SELECT x.id, x.n FROM x
-- case: WITH materialized
-- expect: !?
WITH x AS MATERIALIZED (SELECT id, n FROM c) SELECT x.id, x.n FROM x
-- case: WITH not materialized under a left join
-- expect: !??
WITH x AS NOT MATERIALIZED (SELECT id, t FROM c) SELECT b.id, x.id, x.t FROM b LEFT JOIN x ON b.c_id = x.id
-- case: WITH referenced twice
-- expect: !??
WITH x AS (SELECT id, n, t FROM c) SELECT p.id, q.id, q.t FROM x AS p LEFT JOIN x AS q ON p.n = q.id
-- case: WITH of WITH
-- expect: !?
WITH x AS (SELECT id, n FROM c), y AS (SELECT id, n + 1 AS m FROM x) SELECT y.id, y.m FROM y
-- case: nested WITH shadows the outer one
-- expect: ?!
WITH x AS (SELECT 1 AS k) SELECT s.k, x.k FROM (WITH x AS (SELECT n AS k FROM c) SELECT k FROM x) AS s CROSS JOIN x
-- case: WITH in a correlated subquery
-- expect: !?
SELECT b.id, (WITH x AS (SELECT c.t FROM c WHERE c.id = b.c_id) SELECT x.t FROM x) FROM b
-- case: WITH with column names
-- expect: !?
WITH x (p, q) AS (SELECT id, n FROM c) SELECT x.p, x.q FROM x
-- case: conditions on WITH columns
-- expect: !!
WITH x AS (SELECT id, n FROM c) SELECT x.id, x.n FROM x WHERE x.n > 0
-- case: a condition on a WITH column reduces the join inside it
-- expect: !!
WITH x AS (SELECT a.id, b.n AS p, b.id AS q FROM a LEFT JOIN b ON a.b_id = b.id) SELECT x.id, x.q FROM x WHERE x.p >= 0
-- case: two readers of WITH with different conditions
-- expect: !??
WITH x AS (SELECT a.id, b.n AS p, b.id AS q FROM a LEFT JOIN b ON a.b_id = b.id) SELECT r.q, s.q, s.p FROM x AS r CROSS JOIN x AS s WHERE r.p >= 0
-- case: INSERT in WITH
-- expect: !!?
WITH x AS (INSERT INTO c (id, n, t) VALUES (50, NULL, 'new') RETURNING id, n, t) SELECT x.id, x.t, x.n FROM x
-- case: UPDATE in WITH
-- expect: !?!
WITH x AS (UPDATE c SET t = t || 'u' RETURNING id, n, t) SELECT x.id, x.n, x.t FROM x
-- case: DELETE in WITH joined with the table
-- expect: !??
WITH x AS (DELETE FROM e RETURNING k, v) SELECT c.id, x.k, x.v FROM c LEFT JOIN x ON c.id = x.k
-- case: UPDATE in WITH sets a nullable column to a value
-- expect: !!
WITH x AS (UPDATE c SET n = 5 RETURNING id, n) SELECT x.id, x.n FROM x
-- case: recursive numbers
-- expect: !
WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 4) SELECT i FROM r
-- case: recursive tree
-- expect: !?!!
WITH RECURSIVE r AS (
    SELECT id, parent, name, 0 AS depth FROM tree WHERE parent IS NULL
    UNION ALL
    SELECT t.id, t.parent, t.name, r.depth + 1 FROM tree AS t INNER JOIN r ON t.parent = r.id WHERE r.depth < 5
) SELECT id, parent, name, depth FROM r
-- case: recursive column that becomes null in the recursion
-- expect: !?
WITH RECURSIVE r (i, j) AS (SELECT 1, 1 UNION ALL SELECT i + 1, nullif(i, 2) FROM r WHERE i < 5) SELECT i, j FROM r
-- case: recursive column that becomes null two steps later
-- expect: !???
WITH RECURSIVE r (i, j, k, l) AS (SELECT 1, 1, 1, 1 UNION ALL SELECT i + 1, k, l, nullif(i, 1) FROM r WHERE i < 6) SELECT i, j, k, l FROM r
-- case: recursive with an outer join
-- expect: !?
WITH RECURSIVE r (i, x) AS (SELECT 0, 0 UNION ALL SELECT r.i + 1, c.id FROM r LEFT JOIN c ON r.i = c.n WHERE r.i < 3) SELECT i, x FROM r
-- case: recursive union distinct
-- expect: ?
WITH RECURSIVE r (n) AS (SELECT n FROM c UNION SELECT n - 1 FROM r WHERE n > 0) SELECT n FROM r
-- case: recursive path as an array
-- expect: !!
WITH RECURSIVE r (id, path) AS (
    SELECT id, ARRAY[name] FROM tree WHERE parent IS NULL
    UNION ALL
    SELECT t.id, r.path || t.name FROM tree AS t INNER JOIN r ON t.parent = r.id WHERE cardinality(r.path) < 5
) SELECT id, path FROM r
-- case: recursive SEARCH DEPTH FIRST
-- expect: !!
WITH RECURSIVE r (id, parent) AS (
    SELECT id, parent FROM tree WHERE parent IS NULL
    UNION ALL
    SELECT t.id, t.parent FROM tree AS t INNER JOIN r ON t.parent = r.id
) SEARCH DEPTH FIRST BY id SET ord CYCLE id SET looped USING path SELECT id, ord FROM r WHERE NOT looped
-- case: recursive CYCLE
-- expect: !?!!
WITH RECURSIVE r (id, parent) AS (
    SELECT id, parent FROM tree
    UNION ALL
    SELECT t.id, t.parent FROM tree AS t INNER JOIN r ON t.parent = r.id
) CYCLE id SET looped USING path SELECT id, parent, looped, path FROM r
-- case: recursive CYCLE with a mark of NULL
-- expect: !?
WITH RECURSIVE r (id, parent) AS (
    SELECT id, parent FROM tree
    UNION ALL
    SELECT t.id, t.parent FROM tree AS t INNER JOIN r ON t.parent = r.id
) CYCLE id SET looped TO 'y' DEFAULT NULL USING path SELECT id, looped FROM r
-- case: recursive SEARCH BREADTH FIRST
-- expect: !!
WITH RECURSIVE r (id, parent) AS (
    SELECT id, parent FROM tree WHERE parent IS NULL
    UNION ALL
    SELECT t.id, t.parent FROM tree AS t INNER JOIN r ON t.parent = r.id WHERE t.id <> t.parent
) SEARCH BREADTH FIRST BY id SET ord SELECT id, ord FROM r
-- case: WITH ORDER inside and a scalar outside
-- expect: !?
WITH x AS (SELECT count(*) AS rows, max(n) AS top FROM c) SELECT (SELECT rows FROM x), (SELECT top FROM x) FROM b
-- case: WITH in INSERT
-- expect: !?
WITH x AS (SELECT 70 AS id, NULL::int AS n) INSERT INTO c (id, n, t) SELECT x.id, x.n, 'w' FROM x RETURNING id, n
-- case: mutual use of modifying WITH
-- expect: !?!
WITH gone AS (DELETE FROM e RETURNING k, v), rows AS (SELECT count(*) AS n FROM gone) SELECT gone.k IS NULL, gone.v, rows.n FROM gone CROSS JOIN rows
