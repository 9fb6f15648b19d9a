-- case: MERGE RETURNING
-- expect: !!?!
-- since: 17
MERGE INTO c USING (SELECT k, v FROM e WHERE k IS NOT NULL LIMIT 1) AS s ON c.id = s.k WHEN MATCHED THEN UPDATE SET n = s.v WHEN NOT MATCHED THEN INSERT (id, n, t) VALUES (s.k, s.v, 'merged') RETURNING merge_action(), c.id, c.n, s.k
-- case: MERGE with DELETE
-- expect: !!?
-- since: 17
MERGE INTO c USING (SELECT 1 AS k) AS s ON c.id > 800 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, n, t) VALUES (950, NULL, 'm') RETURNING merge_action(), c.id, c.n
-- case: MERGE not matched by source
-- expect: !??
-- since: 17
MERGE INTO c USING (SELECT id, n FROM b LIMIT 1) AS s ON c.id = s.id WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED BY SOURCE THEN UPDATE SET t = t || 'o' RETURNING c.id, s.id, s.n
-- case: MERGE with OLD and NEW
-- expect: ???!
-- since: 18
MERGE INTO c USING (SELECT k FROM e WHERE k IS NOT NULL UNION SELECT 960) AS s ON c.id = s.k WHEN MATCHED AND c.n IS NULL THEN UPDATE SET n = 1 WHEN MATCHED AND NOT EXISTS (SELECT 1 FROM b WHERE b.c_id = c.id) THEN DELETE WHEN NOT MATCHED THEN INSERT (id, n, t) VALUES (s.k, 2, 'n' || s.k) RETURNING old.id, new.id, new.n, c.id
-- case: OLD and NEW of an UPDATE
-- expect: !!?!
-- since: 18
UPDATE c SET n = 5 RETURNING old.id, new.id, old.n, new.n
-- case: OLD of an UPDATE that asks for it
-- expect: !?
-- since: 18
UPDATE c SET n = NULL WHERE n IS NOT NULL RETURNING old.n, new.n
-- case: OLD and NEW of an INSERT
-- expect: ?!
-- since: 18
INSERT INTO c (id, n, t) VALUES (970, 1, 'o') RETURNING old.id, new.id
-- case: OLD of an INSERT that updates
-- expect: ?!
-- since: 18
INSERT INTO c (id, n, t) SELECT id + 2, n, t || 'k' FROM c ON CONFLICT (id) DO UPDATE SET n = 1 RETURNING old.t, new.t
-- case: OLD and NEW of a DELETE
-- expect: !?
-- since: 18
DELETE FROM e WHERE k IS NOT NULL RETURNING old.k, new.k
-- case: renamed OLD and NEW
-- expect: !?
-- since: 18
UPDATE c SET n = n RETURNING WITH (OLD AS o, NEW AS w) o.id, w.n
-- case: whole OLD row
-- expect: ?!
-- since: 18
INSERT INTO c (id, n, t) VALUES (971, 1, 'p') RETURNING old, new
-- case: expression over OLD and NEW
-- expect: ?!
-- since: 18
UPDATE c SET n = 5 RETURNING new.n - old.n, coalesce(old.n, 0)
-- case: virtual generated columns
-- expect: !?
-- since: 18
SELECT s, z FROM virtual
-- case: NOT NULL NOT VALID
-- expect: ???
-- since: 18
SELECT id, x, y FROM late
-- case: primary key WITHOUT OVERLAPS
-- expect: !!?
-- since: 18
SELECT room, during, who FROM booking
-- case: uuidv7
-- expect: !?
-- since: 18
SELECT uuidv7(), uuid_extract_timestamp(gen_random_uuid())
-- case: GROUP BY in a view under ROLLUP
-- expect: ?!
SELECT s.flag, s.rows FROM (SELECT flag, count(*) AS rows FROM a GROUP BY ROLLUP (flag)) AS s
-- case: array functions of 18
-- expect: !?
-- since: 18
SELECT array_sort(tags), array_reverse(extra) FROM a
-- case: random in a range
-- expect: !
-- since: 17
SELECT random(1, 6)
-- case: a virtual column of a partition with another expression
-- expect: ?
-- since: 18
SELECT g FROM split
-- case: a virtual column that a write through its parent returns
-- expect: ?
-- since: 18
INSERT INTO split (x) VALUES (1) RETURNING g
-- case: a virtual column of a child with another expression
-- expect: ?!
-- since: 18
SELECT g, h FROM stem
-- case: a virtual column of one partition
-- expect: !
-- since: 18
SELECT g FROM split_one
