-- case: aggregates without GROUP BY
-- expect: !!??????
SELECT count(*), count(n), sum(n), max(id), array_agg(id), json_agg(id), string_agg(t, ','), bool_and(flag) FROM a
-- case: aggregates with GROUP BY over known values
-- expect: !!!!!!!!!!
SELECT b_id IS NULL, count(*), sum(id), avg(id), min(id), max(id), array_agg(n), jsonb_agg(n), bool_or(flag), string_agg(kind, NULL) FROM a GROUP BY b_id
-- case: aggregates with GROUP BY over nullable values
-- expect: ?????
SELECT b_id, sum(n), min(t), string_agg(t, ','), bool_and(n > 0) FROM a GROUP BY b_id
-- case: aggregates with FILTER
-- expect: !??
SELECT count(*) FILTER (WHERE n > 1), sum(id) FILTER (WHERE n > 1), array_agg(id) FILTER (WHERE n > 1) FROM a GROUP BY b_id
-- case: standard deviation of one row is NULL
-- expect: ??!!
SELECT stddev(id), variance(id), stddev_pop(id), var_pop(id) FROM a GROUP BY b_id
-- case: ordered set aggregates
-- expect: !!!?
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id), percentile_disc(0.5) WITHIN GROUP (ORDER BY id), mode() WITHIN GROUP (ORDER BY flag), percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM a GROUP BY b_id
-- case: hypothetical set aggregate
-- expect: !
SELECT rank(3) WITHIN GROUP (ORDER BY n) FROM a
-- case: regression aggregates
-- expect: !??
SELECT regr_count(n, id), corr(n, id), regr_slope(id, n) FROM a GROUP BY b_id
-- case: aggregate of an expression
-- expect: !?
SELECT sum(id + 1), sum(id + n) FROM a GROUP BY b_id
-- case: sum with coalesce inside
-- expect: !
SELECT sum(coalesce(n, 0)) FROM a GROUP BY b_id
-- case: object aggregates
-- expect: !!
SELECT json_object_agg(id, n), jsonb_object_agg(id, t) FROM a GROUP BY b_id
-- case: user aggregate
-- expect: ?
SELECT odd_sum(id) FROM a GROUP BY b_id
-- case: GROUP BY primary key keeps the other columns
-- expect: !!?!
SELECT c.id, c.t, c.n, count(b.id) FROM c LEFT JOIN b ON b.c_id = c.id GROUP BY c.id
-- case: array_agg over an outer join keeps NULLs inside
-- expect: !!?
SELECT c.id, array_agg(b.id), max(b.id) FROM c LEFT JOIN b ON b.c_id = c.id GROUP BY c.id
-- case: ROLLUP nulls grouped columns
-- expect: ??!!
SELECT id, flag, count(*), grouping(id) FROM a GROUP BY ROLLUP (id, flag)
-- case: ROLLUP aggregates of an empty table
-- expect: ??
SELECT flag, sum(id) FROM a GROUP BY ROLLUP (flag)
-- case: CUBE
-- expect: ??!
SELECT flag, kind, count(*) FROM a GROUP BY CUBE (flag, kind)
-- case: GROUPING SETS without the empty set
-- expect: ??!
SELECT flag, kind, sum(id) FROM a GROUP BY GROUPING SETS ((flag), (kind))
-- case: GROUPING SETS with the empty set
-- expect: ??
SELECT flag, sum(id) FROM a GROUP BY GROUPING SETS ((flag), ())
-- case: a column in every grouping set
-- expect: !?!
SELECT flag, kind, sum(id) FROM a GROUP BY GROUPING SETS ((flag, kind), (flag))
-- case: GROUP BY of a column and a ROLLUP
-- expect: !?!
SELECT flag, kind, max(id) FROM a GROUP BY flag, ROLLUP (kind)
-- case: grouped expression under ROLLUP
-- expect: ?!
SELECT id + 1, count(*) FROM a GROUP BY ROLLUP (id + 1)
-- case: expression over a grouped column under ROLLUP
-- expect: ?!
SELECT id + 1, coalesce(id, 0) FROM a GROUP BY ROLLUP (id)
-- case: WHERE does not survive grouping sets
-- expect: ?!
SELECT n, count(*) FROM a WHERE n > 0 GROUP BY ROLLUP (n)
-- case: WHERE holds inside aggregates of grouping sets
-- expect: ?!
SELECT kind, sum(n) FROM a WHERE n > 0 GROUP BY GROUPING SETS ((kind), (flag))
-- case: HAVING after grouping sets
-- expect: !!
SELECT n, count(*) FROM a GROUP BY ROLLUP (n) HAVING n IS NOT NULL
-- case: volatile grouped expression under ROLLUP
-- expect: ?
SELECT (random() * 0)::int FROM a GROUP BY ROLLUP ((random() * 0)::int)
-- case: CASE on a grouped column under ROLLUP
-- expect: !
SELECT CASE WHEN grouping(kind) = 1 THEN 'all' WHEN kind IS NULL THEN 'none' ELSE kind END FROM a GROUP BY ROLLUP (kind)
-- case: CASE on GROUPING alone proves nothing
-- expect: ~
-- loose: GROUPING is not linked with the column it speaks of
SELECT CASE WHEN grouping(kind) = 1 THEN 'all' ELSE kind END FROM a GROUP BY ROLLUP (kind)
-- case: subquery over ROLLUP under a condition
-- expect: !
SELECT s.n FROM (SELECT n, count(*) AS rows FROM a GROUP BY ROLLUP (n)) AS s WHERE s.n > 0
-- case: correlated subquery under ROLLUP
-- expect: ?
SELECT (SELECT a.id + 1) FROM a GROUP BY ROLLUP (id)
-- case: GROUP BY nothing
-- expect: !?
SELECT count(*), max(id) FROM a GROUP BY ()
-- case: HAVING without GROUP BY
-- expect: !?
-- unseen: HAVING asks for rows
SELECT count(*), max(id) FROM a HAVING count(*) > 0
-- case: DISTINCT aggregate
-- expect: !!
SELECT count(DISTINCT n), array_agg(DISTINCT id) FROM a GROUP BY flag
-- case: aggregate over VALUES always has a row
-- expect: !!?
SELECT max(v.x), sum(v.x), max(v.y) FROM (VALUES (1, NULL::int), (2, NULL)) AS v (x, y)
-- case: aggregate over an aggregate
-- expect: ?!
SELECT max(s.n), count(s.n) FROM (SELECT count(*) AS n FROM a GROUP BY b_id) AS s
-- case: aggregate over a certain aggregate
-- expect: !
SELECT max(s.n) FROM (SELECT count(*) AS n FROM a) AS s
-- case: row_to_json aggregate
-- expect: !?
SELECT coalesce(json_agg(row_to_json(c)), '[]'), json_agg(c) FROM c
-- case: coalesce of json_agg with FILTER
-- expect: !!
SELECT c.id, coalesce(jsonb_agg(b.t) FILTER (WHERE b.id IS NOT NULL), '[]') FROM c LEFT JOIN b ON b.c_id = c.id GROUP BY c.id
-- case: any_value
-- expect: !?
-- since: 16
SELECT any_value(id), any_value(n) FROM a GROUP BY flag
-- case: range aggregates
-- expect: !
SELECT range_intersect_agg(span) FROM a GROUP BY flag
-- case: aggregate inside a sublink of another table
-- expect: !?
SELECT c.id, (SELECT sum(b.n) FROM b WHERE b.c_id = c.id) FROM c
-- case: WHERE on an expression does not survive grouping sets
-- expect: ?!
SELECT n + 1, count(*) FROM a WHERE n + 1 > 0 GROUP BY ROLLUP (n)
-- case: WHERE on a grouped expression does not survive grouping sets
-- expect: ?!
SELECT n + 1, count(*) FROM a WHERE n + 1 > 0 GROUP BY ROLLUP (n + 1)
-- case: WHERE on an expression survives GROUP BY
-- expect: !!
SELECT n + 1, count(*) FROM a WHERE n + 1 > 0 GROUP BY n
-- case: a merged column is what a grouping set leaves out
-- expect: ?
SELECT id FROM c FULL JOIN b USING (id) GROUP BY ROLLUP (coalesce(c.id, b.id))
-- case: what a grouping set leaves out is a merged column
-- expect: ??
SELECT coalesce(c.id, b.id), id FROM c FULL JOIN b USING (id) GROUP BY ROLLUP (id)
-- case: a subquery with tables of its own under grouping sets
-- expect: !?
SELECT (SELECT count(*) FROM c AS p INNER JOIN b AS q ON p.id = q.id INNER JOIN e AS r ON r.k = q.id), a.n FROM a GROUP BY ROLLUP (a.n)
