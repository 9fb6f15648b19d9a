-- case: inner join
-- expect: !!??
SELECT a.id, b.n, a.n, b.t FROM a INNER JOIN b ON a.b_id = b.id
-- case: left join nulls the right side
-- expect: !???
SELECT a.id, b.id, b.n, b.t FROM a LEFT JOIN b ON a.b_id = b.id
-- case: right join nulls the left side
-- expect: ??!
SELECT a.id, a.flag, b.id FROM a RIGHT JOIN b ON a.b_id = b.id
-- case: full join nulls both
-- expect: ????
SELECT a.id, a.flag, b.id, b.n FROM a FULL JOIN b ON a.b_id = b.id
-- case: cross join
-- expect: !!
SELECT a.id, b.id FROM a CROSS JOIN b
-- case: comma join
-- expect: !!?
SELECT a.id, c.t, c.n FROM a, c
-- case: USING of an inner join
-- expect: !!?
SELECT id, b.n, c.n FROM b JOIN c USING (id)
-- case: USING of a left join takes the left column
-- expect: !!??
SELECT id, b.id, c.id, c.t FROM b LEFT JOIN c USING (id)
-- case: USING of a right join takes the right column
-- expect: !?!
SELECT id, b.id, c.id FROM b RIGHT JOIN c USING (id)
-- case: USING of a full join merges
-- expect: !????
SELECT id, b.id, c.id, b.n, c.t FROM b FULL JOIN c USING (id)
-- case: USING of a full join over nullable columns
-- expect: ??
SELECT n, e.v FROM c FULL JOIN (SELECT v AS n, v FROM e) AS e USING (n)
-- case: USING of a full join with one nullable side
-- expect: ??
SELECT id, x.w FROM c FULL JOIN (SELECT k AS id, w FROM e) AS x USING (id)
-- case: chained full joins keep the merged column
-- expect: !???
SELECT id, b.n, c.t, g.x FROM b FULL JOIN c USING (id) FULL JOIN g USING (id)
-- case: full join under a left join
-- expect: !?
SELECT tree.id, m.id FROM tree LEFT JOIN (b FULL JOIN c USING (id)) AS m ON tree.parent = m.id
-- case: merged column with different types
-- expect: !?!
SELECT id, x.z, c.t FROM c LEFT JOIN (SELECT id::bigint AS id, y AS z FROM g) AS x USING (id)
-- case: merged column with different types in a full join
-- expect: !?
SELECT id, c.t FROM c FULL JOIN (SELECT id::bigint AS id FROM g) AS x USING (id)
-- case: natural join
-- expect: !!?
SELECT id, b.n, b.t FROM b NATURAL JOIN (SELECT id FROM c) AS c
-- case: natural left join
-- expect: !?
SELECT id, x.ct FROM b NATURAL LEFT JOIN (SELECT id, t AS ct FROM c) AS x
-- case: natural full join
-- expect: !??
SELECT id, b.n, x.ct FROM b NATURAL FULL JOIN (SELECT id, t AS ct FROM c) AS x
-- case: two left joins in a row
-- expect: !???
SELECT a.id, b.id, c.id, c.t FROM a LEFT JOIN b ON a.b_id = b.id LEFT JOIN c ON b.c_id = c.id
-- case: inner join after a left join reduces it
-- expect: !!!
SELECT a.id, b.id, c.t FROM a LEFT JOIN b ON a.b_id = b.id INNER JOIN c ON b.c_id = c.id
-- case: inner join on the left table keeps the left join
-- expect: !?!
SELECT a.id, b.id, c.t FROM a LEFT JOIN b ON a.b_id = b.id INNER JOIN c ON a.n = c.id
-- case: inner join on the right table keeps both above
-- expect: !!!
SELECT a.id, b.id, c.t FROM a INNER JOIN (b LEFT JOIN c ON b.c_id = c.id) ON a.b_id = c.id
-- case: nested join in parentheses
-- expect: !???
SELECT a.id, b.id, c.id, c.t FROM a LEFT JOIN (b INNER JOIN c ON b.c_id = c.id) ON a.b_id = b.id
-- case: nested left join in parentheses
-- expect: !???
SELECT a.id, b.id, b.n, c.t FROM a LEFT JOIN (b LEFT JOIN c ON b.c_id = c.id) ON a.b_id = b.id
-- case: right join of a left join
-- expect: ??!
SELECT a.id, b.id, c.id FROM a LEFT JOIN b ON a.b_id = b.id RIGHT JOIN c ON b.c_id = c.id
-- case: left join after a right join
-- expect: ?!?
SELECT a.id, b.id, c.t FROM a RIGHT JOIN b ON a.b_id = b.id LEFT JOIN c ON b.c_id = c.id
-- case: full join after a left join
-- expect: ???
SELECT a.id, b.id, c.id FROM a LEFT JOIN b ON a.b_id = b.id FULL JOIN c ON b.c_id = c.id
-- case: left join on true
-- expect: !?
SELECT a.id, b.id FROM a LEFT JOIN b ON true
-- case: left join on a constant row
-- expect: !!?
SELECT a.id, x.n, x.n + a.n FROM a LEFT JOIN (VALUES (1)) AS x (n) ON true
-- case: self join
-- expect: !!??
SELECT t.id, t.name, p.name, p.note FROM tree AS t LEFT JOIN tree AS p ON t.parent = p.id
-- case: aliased join
-- expect: ???
SELECT j.id, j.t, j.n FROM (b LEFT JOIN (SELECT id AS cid FROM c) AS c ON b.c_id = c.cid) AS j (id, c_id, n, t) FULL JOIN e ON j.id = e.k
-- case: join using alias
-- expect: !?
SELECT u.id, c.t FROM b LEFT JOIN c USING (id) AS u
-- case: lateral left join
-- expect: !??
SELECT a.id, x.n, x.t FROM a LEFT JOIN LATERAL (SELECT b.n, b.t FROM b WHERE b.id = a.b_id LIMIT 1) AS x ON true
-- case: lateral cross join
-- expect: !!!
SELECT a.id, x.n, x.twice FROM a CROSS JOIN LATERAL (SELECT b.n, a.id * 2 AS twice FROM b WHERE b.id = a.b_id) AS x
-- case: lateral aggregate always has a row
-- expect: !!?
SELECT a.id, x.rows, x.top FROM a LEFT JOIN LATERAL (SELECT count(*) AS rows, max(b.n) AS top FROM b WHERE b.id = a.b_id) AS x ON true
-- case: lateral aggregate cross joined
-- expect: !!?
SELECT a.id, x.rows, x.top FROM a CROSS JOIN LATERAL (SELECT count(*) AS rows, max(b.n) AS top FROM b WHERE b.id = a.b_id) AS x
-- case: tablesample
-- expect: !!
SELECT id, flag FROM a TABLESAMPLE BERNOULLI (60) REPEATABLE (1)
-- case: for update
-- expect: !?
SELECT c.id, c.n FROM c ORDER BY c.id FOR UPDATE SKIP LOCKED
-- case: expressions over a nulled table
-- expect: !??!
SELECT b.n + 1, c.n + 1, c.t || 'x', coalesce(c.t, 'none') FROM b LEFT JOIN c ON b.c_id = c.id
-- case: star over an outer join
-- expect: !?!????
SELECT * FROM b LEFT JOIN c ON b.c_id = c.id
-- case: anti join
-- expect: !??
SELECT b.id, c.id, c.t FROM b LEFT JOIN c ON b.c_id = c.id WHERE c.id IS NULL
-- case: semi join by EXISTS
-- expect: !!
SELECT b.id, b.c_id FROM b WHERE EXISTS (SELECT 1 FROM c WHERE c.id = b.c_id)
-- case: three way full join with reduction
-- expect: !??
SELECT a.id, b.id, c.id FROM a FULL JOIN b ON a.b_id = b.id FULL JOIN c ON b.c_id = c.id WHERE a.flag
-- case: on condition of a left join says nothing about the left
-- expect: !??
SELECT a.id, a.n, b.id FROM a LEFT JOIN b ON a.n = b.id AND a.n IS NOT NULL
-- case: on condition of a right join says something about the matched side only
-- expect: ??!
SELECT a.id, a.n, b.id FROM a RIGHT JOIN b ON a.n = b.id
-- case: left join on true of a query that may be empty
-- expect: !?
SELECT a.id, x.n FROM a LEFT JOIN (SELECT n FROM c LIMIT 1) AS x ON true
-- case: left join of a certain row on a condition
-- expect: !?
SELECT a.id, x.n FROM a LEFT JOIN (SELECT count(*) AS n FROM c) AS x ON x.n > 2
-- case: right join of a certain row on true
-- expect: !!
SELECT x.n, a.id FROM (SELECT count(*) AS n FROM c) AS x RIGHT JOIN a ON true
-- case: full join on true of a certain row
-- expect: !?
SELECT x.n, c.id FROM (SELECT count(*) AS n FROM b) AS x FULL JOIN c ON true
-- case: a certain row inside a left join that may find nothing
-- expect: !?
SELECT b.id, x.n FROM b LEFT JOIN (c LEFT JOIN LATERAL (SELECT count(*) AS n FROM a WHERE a.b_id = c.id) AS x ON true) ON b.c_id = c.id
