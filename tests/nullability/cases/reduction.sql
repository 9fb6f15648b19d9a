-- case: WHERE with a strict operator reduces a left join
-- expect: !!!?
SELECT a.id, b.id, b.n, b.t FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n > 0
-- case: the ON condition holds once the join is reduced
-- expect: !!
SELECT a.b_id, b.id FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n > 0
-- case: IS NOT NULL reduces
-- expect: !!!
SELECT a.id, b.id, b.t FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.t IS NOT NULL
-- case: OR of both sides does not reduce
-- expect: !?
SELECT a.id, b.id FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n > 0 OR a.flag
-- case: OR within one table reduces
-- expect: !!?
SELECT a.id, b.id, b.t FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n > 0 OR b.t = 'p'
-- case: NOT of a comparison reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE NOT b.n = 1
-- case: NOT of IS NULL reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE NOT (b.id IS NULL)
-- case: NOT of OR
-- expect: !!!
SELECT a.id, b.n, a.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE NOT (b.id IS NULL OR a.n IS NULL)
-- case: COALESCE does not reduce
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE coalesce(b.n, 0) >= 0
-- case: COALESCE of a condition with false reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE coalesce(b.n > 0, false)
-- case: COALESCE of a condition with true does not
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE coalesce(b.n > 0, true)
-- case: IS DISTINCT FROM does not reduce
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n IS DISTINCT FROM 1
-- case: IS TRUE reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE (b.n > 0) IS TRUE
-- case: IS NOT TRUE does not
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE (b.n > 1) IS NOT TRUE
-- case: IS NOT UNKNOWN reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE (b.n > 1) IS NOT UNKNOWN
-- case: IN a list reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n IN (0, 1, 2)
-- case: NOT IN a list reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n NOT IN (7, 8)
-- case: ANY of an array that may be empty reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n = ANY (ARRAY[0, 1])
-- case: ALL of an array that may be empty does not
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n <> ALL (ARRAY[]::int[])
-- case: IN a subquery reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n IN (SELECT c.id FROM c)
-- case: NOT IN a subquery does not
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n NOT IN (SELECT c.n FROM c WHERE c.n > 90)
-- case: EXISTS reduces by its condition
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE EXISTS (SELECT 1 FROM c WHERE c.id = b.n)
-- case: EXISTS of an aggregate does not
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE EXISTS (SELECT max(c.id) FROM c WHERE c.id = b.n)
-- case: NOT EXISTS does not
-- expect: !?
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.id = b.n)
-- case: BETWEEN reduces
-- expect: !!
SELECT a.id, b.n FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.n BETWEEN -5 AND 5
-- case: LIKE reduces
-- expect: !!!
SELECT a.id, b.n, b.t FROM a LEFT JOIN b ON a.b_id = b.id WHERE b.t LIKE '%'
-- case: strict function in WHERE
-- expect: !!
SELECT id, t FROM a WHERE length(t) > 0
-- case: function that is not strict in WHERE
-- expect: !?
SELECT id, t FROM a WHERE concat(t, 'x') <> ''
-- case: user function that is strict
-- expect: !!
SELECT id, n FROM a WHERE sql_strict(n) >= 0
-- case: user function that is not strict
-- expect: !?
SELECT id, n FROM a WHERE sql_never(n) = 1
-- case: full join reduced to a left join
-- expect: !?
SELECT a.id, b.id FROM a FULL JOIN b ON a.b_id = b.id WHERE a.id >= 0
-- case: full join reduced to a right join
-- expect: ?!
SELECT a.id, b.id FROM a FULL JOIN b ON a.b_id = b.id WHERE b.id >= 0
-- case: full join reduced to an inner join
-- expect: !!!
SELECT a.id, b.id, a.b_id FROM a FULL JOIN b ON a.b_id = b.id WHERE b.id >= 0 AND a.flag
-- case: full join by a merged column keeps both
-- expect: !??
SELECT id, b.n, c.t FROM b FULL JOIN c USING (id) WHERE id >= 0
-- case: reduction cascades through nested joins
-- expect: !!!
SELECT a.id, b.id, c.id FROM a LEFT JOIN b ON a.b_id = b.id LEFT JOIN c ON b.c_id = c.id WHERE c.t <> ''
-- case: reduction of the upper join only
-- expect: !!??
SELECT a.id, b.id, c.id, c.t FROM a LEFT JOIN (b LEFT JOIN c ON b.c_id = c.id) ON a.b_id = b.id WHERE b.n >= 0
-- case: the sum of two sides reduces both
-- expect: !!
SELECT a.id, b.id FROM a FULL JOIN b ON a.b_id = b.id WHERE a.n + b.n > -10
-- case: row comparison with IS NOT NULL
-- expect: !!
SELECT n, t FROM a WHERE (n, t) IS NOT NULL
-- case: row comparison by equality
-- expect: !!
SELECT n, t FROM a WHERE (n, t) = (1, 'p')
-- case: row comparison by order knows the first only
-- expect: !?
SELECT n, t FROM a WHERE (n, t) > (0, 'p')
-- case: whole row IS NOT NULL
-- expect: !!!
SELECT c.id, c.n, c.t FROM c WHERE c IS NOT NULL
-- case: whole row of a nulled table IS NOT NULL
-- expect: !!!
SELECT b.id, c.n, c.t FROM b LEFT JOIN c ON b.c_id = c.id WHERE c IS NOT NULL
-- case: NOT of a whole row IS NULL
-- expect: !?!
SELECT b.id, c.n, c.t FROM b LEFT JOIN c ON b.c_id = c.id WHERE NOT (c IS NULL)
-- case: a whole row IS DISTINCT FROM NULL
-- expect: !?!
SELECT b.id, c.n, c.t FROM b LEFT JOIN c ON b.c_id = c.id WHERE c IS DISTINCT FROM NULL
-- case: CASE in WHERE says nothing
-- expect: !?
SELECT id, n FROM a WHERE CASE WHEN n IS NULL THEN true ELSE n > 0 END
-- case: a condition on a subquery's column
-- expect: !!
SELECT s.id, s.n FROM (SELECT id, n FROM a) AS s WHERE s.n > 0
-- case: a condition on a subquery's column reduces the join inside
-- expect: !!!
SELECT s.id, s.b_n, s.b_id FROM (SELECT a.id, b.n AS b_n, b.id AS b_id FROM a LEFT JOIN b ON a.b_id = b.id) AS s WHERE s.b_n > 0
-- case: a condition on an expression of a subquery
-- expect: !!
SELECT s.n, s.more FROM (SELECT n, n + 1 AS more FROM a) AS s WHERE s.more > 0
-- case: a condition does not reach through an aggregate
-- expect: ?!?
SELECT s.b_id, s.top, s.low FROM (SELECT b_id, max(n) AS top, min(weak) AS low FROM a GROUP BY b_id) AS s WHERE s.top > 0
-- case: a condition does not reach into window arguments
-- expect: !?
SELECT s.n, s.total FROM (SELECT n, sum(n) FILTER (WHERE n > 1) OVER () AS total FROM a) AS s WHERE s.n >= 0
-- case: a condition on an expression proves the same expression
-- expect: !!?
SELECT opt ->> 'k', lower(opt ->> 'k'), opt ->> 'j' FROM a WHERE opt ->> 'k' IS NOT NULL
-- case: a condition on one array element
-- expect: !?
SELECT tags[1], tags[2] FROM a WHERE tags[1] <> ''
-- case: a condition on a volatile expression proves nothing
-- expect: ?
SELECT nullif((random() * 3)::int, 1) FROM a WHERE nullif((random() * 3)::int, 1) IS NOT NULL
-- case: HAVING on a grouped column
-- expect: !!
SELECT n, count(*) FROM a GROUP BY n HAVING n > 0
-- case: HAVING on an aggregate
-- expect: ?!
SELECT b_id, sum(n) FROM a GROUP BY b_id HAVING sum(n) > 0
-- case: HAVING reduces a join through a grouped column
-- expect: !!
SELECT b.n, count(a.id) FROM a LEFT JOIN b ON a.b_id = b.id GROUP BY b.n HAVING b.n >= 0
-- case: WHERE false
-- expect: !?
-- unseen: there is no row
SELECT c.id, c.n FROM c WHERE false
-- case: equality with a constant
-- expect: !
SELECT n FROM c WHERE n = 1
-- case: a nullable boolean column as condition
-- expect: !
SELECT x.f FROM (SELECT CASE WHEN n > 1 THEN NULL ELSE n > 0 END AS f FROM a) AS x WHERE x.f
-- case: the row of a joined pair that is missing is a row of NULLs
-- expect: ?
-- until: 15
SELECT j.flag FROM c LEFT JOIN (a INNER JOIN b ON a.b_id = b.id) AS j ON false WHERE j::text IS NOT NULL
-- case: the row of a joined pair equals itself
-- expect: ?
-- until: 15
SELECT j.flag FROM c LEFT JOIN (a INNER JOIN b ON a.b_id = b.id) AS j ON false WHERE j = j
-- case: a joined pair whose row is not NULL is there
-- expect: !
SELECT j.flag FROM c LEFT JOIN (a CROSS JOIN (VALUES (1)) AS v (z)) AS j ON j.b_id = c.id WHERE NOT (j IS NULL)
