-- case: UNION of non-null with nullable
-- expect: ?!
SELECT id, t FROM c UNION SELECT n, t FROM c
-- case: UNION ALL of literals
-- expect: !?
SELECT 1, 'a'::text UNION ALL SELECT 2, NULL
-- case: INTERSECT is non-null where one side is
-- expect: !
SELECT n FROM c INTERSECT SELECT id FROM b
-- case: INTERSECT of nullable sides
-- expect: ?
SELECT n FROM c INTERSECT ALL SELECT v FROM e
-- case: EXCEPT follows the left
-- expect: !
SELECT id FROM c EXCEPT SELECT n FROM a
-- case: EXCEPT of a nullable left
-- expect: ?
SELECT n FROM c EXCEPT ALL SELECT id FROM b
-- case: nested set operations
-- expect: ?
SELECT id FROM b UNION (SELECT n FROM c EXCEPT SELECT id FROM b)
-- case: nested INTERSECT inside UNION
-- expect: !
SELECT id FROM b UNION ALL (SELECT n FROM c INTERSECT SELECT id FROM c)
-- case: set operation with ORDER BY and LIMIT
-- expect: !?
(SELECT id, n FROM c ORDER BY id LIMIT 2) UNION ALL (SELECT id, n FROM b ORDER BY id LIMIT 2) ORDER BY 1 LIMIT 3
-- case: set operation in a subquery under a left join
-- expect: !?
SELECT b.id, s.id FROM b LEFT JOIN (SELECT id FROM c UNION SELECT id FROM g) AS s ON b.n = s.id
-- case: a condition over a set operation
-- expect: !!
SELECT s.n, s.id FROM (SELECT n, id FROM c UNION ALL SELECT n, id FROM b) AS s WHERE s.n > 0
-- case: a condition over a set operation does not reach inside
-- expect: !?
SELECT s.n, s.m FROM (SELECT n, n + 1 AS m FROM c UNION ALL SELECT n, NULL FROM b) AS s WHERE s.n > 0
-- case: WITH over a set operation
-- expect: !?
WITH s AS (SELECT id, n FROM c UNION ALL SELECT id, n FROM b) SELECT id, n FROM s
-- case: type coercion between branches
-- expect: !?
SELECT id, n FROM c UNION ALL SELECT 2.5, NULL
-- case: UNION with VALUES
-- expect: !?
VALUES (1, 'a') UNION ALL SELECT id, t FROM b
-- case: three branches
-- expect: ?
SELECT id FROM b UNION ALL SELECT id FROM c UNION ALL SELECT parent FROM tree
-- case: outer join in one branch
-- expect: ?
SELECT id FROM b UNION ALL SELECT c.id FROM b LEFT JOIN c ON b.c_id = c.id
-- case: branches that a user's cast brings to one type
-- expect: ?
SELECT m FROM (VALUES (ROW(2)::mass)) AS x (m) UNION ALL SELECT w FROM (VALUES (ROW(1)::weight)) AS y (w)
-- case: EXCEPT and a user's cast
-- expect: ?
SELECT w FROM (VALUES (ROW(1)::weight)) AS y (w) EXCEPT SELECT m FROM (VALUES (ROW(2)::mass)) AS x (m)
-- case: branches that the server's own casts bring to one type
-- expect: !!!
SELECT id, kind::varchar, d FROM a UNION ALL SELECT price, t, now() FROM a WHERE t > '' UNION SELECT 1::bigint, 'x'::name, at FROM a
