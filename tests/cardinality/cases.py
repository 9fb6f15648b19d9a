"""Statements whose number of rows is known by thought: those of at most one row, and those of more."""

ONE = """
SELECT 1 AS n
SELECT a.id FROM a WHERE a.id = :i
SELECT a.id FROM a WHERE :i = a.id AND a.k > 0
SELECT a.id FROM a WHERE a.k = 1 AND a.v = :i
SELECT a.id FROM a WHERE (a.k, a.v) = (1, :i)
SELECT a.id FROM a WHERE a.id IN (:i)
SELECT a.id FROM a WHERE a.id = ANY(ARRAY[:i]::int[])
SELECT a.id FROM a WHERE a.id = (SELECT max(b.x) FROM b)
SELECT a.id FROM a WHERE a.id = (SELECT b.x FROM b ORDER BY b.y LIMIT 1 FOR UPDATE SKIP LOCKED)
SELECT a.id FROM a WHERE a.id = :i FOR UPDATE SKIP LOCKED
SELECT a.id FROM a WHERE a.id = 1::bigint
SELECT a.id FROM a ORDER BY a.id LIMIT 1
SELECT a.id FROM a LIMIT 0
SELECT a.id FROM a FETCH FIRST ROW ONLY
SELECT count(*) AS n FROM a
SELECT max(a.k) AS n FROM a HAVING count(*) > 1
SELECT a.k FROM a WHERE a.k = 1 GROUP BY a.k
SELECT a.id, count(*) AS n FROM a JOIN b ON a.id = b.x WHERE a.id = :i GROUP BY a.id
SELECT DISTINCT a.k FROM a WHERE a.k = :i
SELECT DISTINCT ON (a.k) a.id FROM a WHERE a.k = :i ORDER BY a.k, a.id
SELECT a.id, b.y FROM a JOIN b ON a.id = b.x WHERE a.id = 1 AND b.y = 2
SELECT a.id FROM a JOIN b ON a.id = b.x AND a.k = b.y WHERE b.x = 1 AND b.y = 2
SELECT a.id FROM a JOIN b ON b.x = a.id WHERE b.x = :i AND b.y = 1
SELECT a.id FROM a, b WHERE a.id = b.z AND b.x = 1 AND b.y = 1
SELECT a.id, b.z FROM a LEFT JOIN b ON b.x = a.id AND b.y = a.k WHERE a.id = 1
SELECT a.id, b.z FROM b RIGHT JOIN a ON b.x = a.id AND b.y = 1 WHERE a.id = 1
SELECT a.id FROM a LEFT JOIN (b JOIN c ON c.n = b.z) ON b.x = a.id AND b.y = 0 WHERE a.id = 1
SELECT l.z FROM a LEFT JOIN LATERAL (SELECT b.z FROM b WHERE b.x = a.id LIMIT 1) AS l ON true WHERE a.id = 1
SELECT a.id FROM a FULL JOIN b ON a.id = b.x WHERE a.id = 1 AND b.y = 1 AND b.x = 1
SELECT id FROM a JOIN d USING (id) WHERE id = 1 AND d.big = 1
SELECT c.o FROM c WHERE c.n = :i
SELECT c.o FROM c WHERE c.m = :i AND c.live
SELECT c.n FROM c WHERE c.o = :i
SELECT d.id FROM d WHERE lower(d.email) = lower(:t)
SELECT d.id FROM d WHERE d.big = :i::int
SELECT p.id FROM parts AS p WHERE p.id = :i AND p.r = 1
SELECT p.id FROM ONLY parent AS p WHERE p.id = :i
SELECT n.w FROM nulls AS n WHERE n.u = :i
SELECT f.w FROM floats AS f WHERE f.f = :i::float8
SELECT f.w FROM floats AS f WHERE f.n = 1
SELECT p.w FROM pattern AS p WHERE p.s = :t
SELECT c.w FROM cities AS c WHERE c.c = :t
SELECT w.w FROM words AS w JOIN cities AS c ON w.s = c.c WHERE c.c = 'x'
SELECT k.w FROM kept AS k WHERE k.id = :i
SELECT s.id FROM seen AS s WHERE s.id = :i AND s.y = 1
SELECT o.z FROM once AS o WHERE o.z = :i
WITH one AS (SELECT a.id FROM a WHERE a.id = :i) SELECT one.id FROM one
WITH one AS (SELECT a.id, a.k FROM a) SELECT one.k FROM one WHERE one.id = 2
SELECT s.x FROM (SELECT b.x, count(*) AS n FROM b GROUP BY b.x) AS s WHERE s.x = 1
SELECT s.x FROM (SELECT b.x FROM b UNION SELECT a.id FROM a) AS s WHERE s.x = 1
SELECT v.n FROM (VALUES (1)) AS v (n)
SELECT a.id FROM a WHERE a.id = 1 INTERSECT SELECT b.x FROM b
SELECT a.id FROM a WHERE a.id = 1 EXCEPT ALL SELECT b.x FROM b
SELECT a.id FROM a WHERE a.id = (SELECT 1) OFFSET 0
SELECT l.id FROM later AS l, a WHERE a.id = 1 AND l.id = a.id LIMIT 1
INSERT INTO heap (id) VALUES (:i) RETURNING id
INSERT INTO a (id) VALUES (:i) ON CONFLICT DO NOTHING RETURNING id
INSERT INTO a (id) VALUES (:i) ON CONFLICT (id) DO UPDATE SET k = 1 RETURNING id
INSERT INTO heap (id) SELECT a.id FROM a WHERE a.id = 1 RETURNING id
UPDATE a SET t = 'x' WHERE id = :i RETURNING id
UPDATE a SET t = 'x' FROM b WHERE a.id = 1 AND b.x = a.id RETURNING a.id
DELETE FROM a WHERE id = :i RETURNING id
DELETE FROM b USING a WHERE b.x = a.id AND b.y = 1 AND a.id = 2 RETURNING b.x
WITH gone AS (DELETE FROM a WHERE id = 1 RETURNING id) SELECT g.id FROM gone AS g
WITH gone AS (DELETE FROM a RETURNING id, k) SELECT g.k FROM gone AS g WHERE g.id = 1
"""

MORE = """
SELECT a.id FROM a
SELECT a.id FROM a WHERE a.k = 1
SELECT a.id FROM a WHERE a.id = a.id
SELECT a.id FROM a WHERE a.id > 1
SELECT a.id FROM a WHERE a.id = 1 OR a.id = 2
SELECT a.id FROM a WHERE a.id = ANY(:ints)
SELECT a.id FROM a WHERE a.id IN (1, 2)
SELECT a.id FROM a WHERE NOT a.id = 1
SELECT a.id FROM a WHERE a.k = 1 AND a.v IS NULL
SELECT a.id FROM a WHERE a.k = 1 AND a.v IS NOT DISTINCT FROM :i
SELECT a.id FROM a WHERE a.id = (random() * 3)::int
SELECT a.id FROM a WHERE a.id::numeric + 0 = 1.0 OR a.id = 2
SELECT a.id FROM a WHERE a.id = (SELECT max(b.x) FROM b WHERE b.z = a.k)
SELECT a.id FROM a WHERE a.id IN (SELECT b.x FROM b)
SELECT a.id FROM a ORDER BY a.k FETCH FIRST ROW WITH TIES
SELECT a.id FROM a LIMIT 2
SELECT a.id FROM a LIMIT :i
SELECT a.k, count(*) AS n FROM a GROUP BY a.k
SELECT a.k FROM a WHERE a.id = 1 GROUP BY ROLLUP (a.k)
SELECT count(*) AS n FROM a GROUP BY GROUPING SETS ((), (a.k))
SELECT DISTINCT a.k FROM a
SELECT generate_series(1, 2) AS n
SELECT generate_series(1, 2) AS n, count(*) AS m FROM a
SELECT a.id, b.y FROM a JOIN b ON a.id = b.x WHERE a.id = 1
SELECT a.id, b.y FROM a LEFT JOIN b ON b.x = a.id WHERE a.id = 1
SELECT a.id, b.y FROM a LEFT JOIN b ON b.x = 1 AND b.y = 1
SELECT a.id FROM a FULL JOIN b ON a.id = 1 AND b.x = 1 AND b.y = 1
SELECT x.id FROM (SELECT * FROM a WHERE id = 1) AS x FULL JOIN (SELECT * FROM b WHERE x = 1 AND y = 1) AS y ON x.k = y.z
SELECT a.id, c.n FROM a LEFT JOIN c ON c.n = a.id WHERE c.n = 1 OR c.n IS NULL
SELECT c.o FROM c WHERE c.m = :i
SELECT c.n FROM c WHERE c.m = 1 AND NOT c.live
SELECT c.m FROM c WHERE c.n IS NULL
SELECT d.id FROM d WHERE d.email = :t
SELECT d.id FROM d WHERE upper(d.email) = upper(:t)
SELECT d.big FROM d WHERE d.id = 1
SELECT l.id FROM later AS l WHERE l.w = 1
SELECT p.id FROM parent AS p WHERE p.id = :i
SELECT p.id FROM parts AS p WHERE p.id = :i
SELECT n.w FROM nulls AS n WHERE n.u IS DISTINCT FROM :i
SELECT s.id FROM seen AS s WHERE s.id = :i
SELECT h.id FROM heap AS h WHERE h.id = 1
SELECT w.w FROM words AS w WHERE w.s::bpchar = 'x'
SELECT w.s FROM words AS w WHERE w.s::bpchar = 'x' GROUP BY w.s
SELECT w.s FROM words AS w, (SELECT w.s::bpchar AS b FROM words AS w) AS v WHERE w.s = 'x' AND v.b = 'x'
SELECT s.x FROM (SELECT b.x, count(*) AS n FROM b GROUP BY b.x) AS s WHERE s.n = 1
SELECT s.x FROM (SELECT b.x FROM b UNION ALL SELECT a.id FROM a) AS s WHERE s.x = 1
SELECT 1 AS n UNION ALL SELECT 1
SELECT 1 AS n UNION SELECT 2
SELECT a.id FROM a UNION SELECT b.x FROM b
SELECT v.n FROM (VALUES (1), (2)) AS v (n)
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT r.n + 1 FROM r WHERE r.n < 3) SELECT r.n FROM r
SELECT a.id FROM a, (SELECT (random() * 3)::int AS r) AS s WHERE a.id = s.r
SELECT a.id FROM a TABLESAMPLE system (100)
SELECT c.n FROM c, a WHERE c.n = a.k AND a.k = 1 AND a.v > 0
INSERT INTO heap (id) VALUES (1), (2) RETURNING id
INSERT INTO heap (id) VALUES (generate_series(1, 2)) RETURNING id
INSERT INTO heap (id) SELECT a.id FROM a RETURNING id
INSERT INTO ruled (id) VALUES (50)
UPDATE a SET t = 'x' RETURNING id
UPDATE a SET t = 'x' WHERE k = 1 RETURNING id
UPDATE b SET z = 1 FROM a WHERE a.id = 1 AND b.x = a.id RETURNING b.x
DELETE FROM a WHERE id < 2 RETURNING id
WITH gone AS (DELETE FROM b RETURNING x) SELECT g.x FROM gone AS g WHERE g.x = 1
"""


def cases(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]
