-- case: INSERT RETURNING columns
-- expect: !?!
INSERT INTO c SELECT k + 1000, v, coalesce(w, '') || k FROM e WHERE k IS NOT NULL LIMIT 1 RETURNING id, n, t
-- case: INSERT of values RETURNING them
-- expect: !!!
INSERT INTO c (id, n, t) VALUES (901, 1, 'new') RETURNING id, n, t
-- case: INSERT of several rows RETURNING them
-- expect: !?!
INSERT INTO c (id, n, t) VALUES (901, 1, 'new'), (902, NULL, 'newer') RETURNING id, n, t
-- case: INSERT RETURNING a column left to its default
-- expect: !~!?
-- loose: defaults are not looked into
INSERT INTO auto (u) VALUES (NULL) RETURNING id, n, t, u
-- case: INSERT DEFAULT VALUES
-- expect: !~!?
-- loose: defaults are not looked into
INSERT INTO auto DEFAULT VALUES RETURNING id, n, t, u
-- case: INSERT into a table with a trigger that changes values
-- expect: !?!
INSERT INTO trig VALUES (900, 1, 1), (901, 1, 1) RETURNING id, v, w
-- case: INSERT ON CONFLICT DO NOTHING
-- expect: !!
INSERT INTO c (id, n, t) VALUES (1, 5, 'fresh') ON CONFLICT DO NOTHING RETURNING id, n
-- case: INSERT ON CONFLICT DO UPDATE keeps what was there
-- expect: !?!
INSERT INTO c (id, n, t) SELECT id, 5, t || 'k' FROM c ON CONFLICT (id) DO UPDATE SET t = excluded.t RETURNING id, n, t
-- case: INSERT ON CONFLICT DO UPDATE sets the column
-- expect: !!!
INSERT INTO c (id, n, t) SELECT id, 5, t || 'k' FROM c ON CONFLICT (id) DO UPDATE SET t = excluded.t, n = 6 RETURNING id, n, t
-- case: INSERT ON CONFLICT DO UPDATE from excluded
-- expect: !?
INSERT INTO c (id, n, t) SELECT id, NULL, t FROM c ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING id, n
-- case: INSERT ON CONFLICT DO UPDATE adds to what was there
-- expect: !?
INSERT INTO c (id, n, t) SELECT id, 1, t FROM c ON CONFLICT (id) DO UPDATE SET n = c.n + 1 RETURNING id, n
-- case: INSERT ON CONFLICT DO UPDATE with WHERE
-- expect: !?
INSERT INTO c (id, n, t) SELECT id, 1, t FROM c ON CONFLICT (id) DO UPDATE SET t = c.t WHERE c.n IS NOT NULL OR c.id > 0 RETURNING id, n
-- case: INSERT into a view
-- expect: ~?~
-- loose: a view that is written to is not trusted
INSERT INTO v_c (id, n, t) VALUES (910, NULL, 'v') RETURNING id, n, t
-- case: INSERT into a view with a condition
-- expect: ~?~
-- loose: a view that is written to is not trusted
INSERT INTO v_filtered (id, n, t) VALUES (911, NULL, 'v') RETURNING id, n, t
-- case: INSERT into a view with an INSTEAD OF trigger
-- expect: ??
INSERT INTO v_instead (id, t) VALUES (912, 'v') RETURNING id, t
-- case: INSERT into a partitioned table
-- expect: !!?
INSERT INTO part (id, region, v) VALUES (1, 'p', NULL) RETURNING id, region, v
-- case: INSERT RETURNING generated columns
-- expect: !?!
INSERT INTO g (id, x) VALUES (913, 1) RETURNING s, z, o
-- case: INSERT RETURNING an expression and a subquery
-- expect: !!?
INSERT INTO c (id, n, t) VALUES (914, NULL, 'w') RETURNING id + 1, (SELECT count(*) FROM b), (SELECT max(b.n) FROM b WHERE b.c_id = c.id)
-- case: INSERT RETURNING the whole row
-- expect: !
INSERT INTO c (id, n, t) VALUES (915, NULL, 'x') RETURNING c
-- case: INSERT of a subselect with an outer join
-- expect: !?
INSERT INTO c (id, n, t) SELECT b.id + 2000, x.n, 'b' || b.id FROM b LEFT JOIN c AS x ON b.c_id = x.id RETURNING id, n
-- case: UPDATE RETURNING what was set
-- expect: !!!
UPDATE c SET n = 3 WHERE id >= 0 RETURNING id, n, t
-- case: UPDATE to NULL of a column WHERE asked for
-- expect: !?
UPDATE c SET n = NULL WHERE n IS NOT NULL RETURNING id, n
-- case: UPDATE of another column keeps what WHERE asked for
-- expect: !!
UPDATE c SET t = t || 'z' WHERE n IS NOT NULL RETURNING id, n
-- case: UPDATE by an expression of the old value
-- expect: !?
UPDATE c SET n = n + 1 RETURNING id, n
-- case: UPDATE by an expression of the old value WHERE asked for
-- expect: !!
UPDATE c SET n = n + 1 WHERE n > 0 RETURNING id, n
-- case: UPDATE by a subquery over the old row
-- expect: !?
UPDATE b SET t = (SELECT b.t || 'x'), n = 5 RETURNING id, t
-- case: UPDATE swaps columns through a subquery
-- expect: !?!
UPDATE e SET k = (SELECT e.v), v = 1 RETURNING k IS NULL, k, v
-- case: UPDATE with a trigger
-- expect: !?!
UPDATE trig SET v = 5 WHERE v IS NULL OR id >= 0 RETURNING id, v, w
-- case: UPDATE FROM
-- expect: !?!?
UPDATE b SET t = c.t FROM c WHERE b.c_id = c.id RETURNING b.id, NULL::int, c.t, c.n
-- case: UPDATE FROM keeps the joined column
-- expect: !!!
UPDATE b SET n = b.n + 1 FROM c WHERE b.c_id = c.id RETURNING b.id, b.c_id, c.id
-- case: UPDATE FROM with an outer join
-- expect: !??
UPDATE a SET n = 1 FROM b LEFT JOIN c ON b.c_id = c.id WHERE a.b_id = b.id RETURNING a.id, c.id, c.t
-- case: UPDATE of several columns by a row
-- expect: !!?
UPDATE c SET (n, t) = (7, t || 'r') RETURNING id, n, nullif(t, '')
-- unseen: no text is empty
-- case: UPDATE of several columns by a subquery
-- expect: !?
UPDATE c SET (n, t) = (SELECT b.n, c.t FROM b WHERE b.id = c.id UNION ALL SELECT NULL, c.t WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.id = c.id)) RETURNING id, n
-- case: UPDATE to DEFAULT
-- expect: !~
-- loose: defaults are not looked into
UPDATE auto SET n = DEFAULT RETURNING id, n
-- case: UPDATE of an array element
-- expect: !!
UPDATE a SET tags[2] = 'q' RETURNING id, tags
-- case: UPDATE of a nullable array's element
-- expect: !~
-- loose: an assignment to an element is not looked into
UPDATE a SET extra[2] = 'q' RETURNING id, extra
-- case: DELETE RETURNING
-- expect: !?!
DELETE FROM guarded RETURNING id, v, w
-- case: DELETE keeps what WHERE asked for
-- expect: !!?
DELETE FROM e WHERE v > 0 AND k IS NOT NULL RETURNING k, v, w
-- case: DELETE USING
-- expect: ??!
DELETE FROM e USING c WHERE e.k = c.id OR e.k IS NULL RETURNING e.k, e.v, c.id
-- case: DELETE USING an outer join
-- expect: !??
DELETE FROM e USING b LEFT JOIN c ON b.c_id = c.id WHERE e.k = b.id RETURNING b.id, c.id, c.n
-- case: UPDATE RETURNING star
-- expect: !?!
UPDATE c SET n = n RETURNING *
-- case: UPDATE of an inheritance parent whose child has dropped NOT NULL
-- until: 17
-- expect: !??
UPDATE parent SET w = w RETURNING id, v, w
-- case: UPDATE of an inheritance parent
-- since: 18
-- expect: !!?
UPDATE parent SET w = w RETURNING id, v, w
-- case: UPDATE under row level security
-- expect: !?!
UPDATE guarded SET v = v WHERE id >= 0 RETURNING id, v, w
-- case: CASE in RETURNING narrows
-- expect: !
UPDATE c SET n = n + 1 RETURNING CASE WHEN n IS NULL THEN 0 ELSE n END
-- case: parameters of an UPDATE
-- expect: !?!
UPDATE c SET n = $1, t = coalesce($2, t) WHERE id = $3 RETURNING id, n, t
-- case: UPDATE of an expression WHERE asked for
-- expect: ??
UPDATE e SET v = NULL WHERE v + 1 > 0 RETURNING v + 1, (SELECT e.v + 1)
-- case: DELETE of an expression WHERE asked for
-- expect: !!
DELETE FROM e WHERE v + 1 > 0 RETURNING v + 1, (SELECT e.v + 1)
-- case: UPDATE sets a column from an expression WHERE asked for
-- expect: !?
UPDATE e SET k = v + 1, v = NULL WHERE v + 1 > 0 RETURNING k, v
-- case: UPDATE keeps an expression's parts it does not set
-- expect: !?
UPDATE e SET k = NULL WHERE v + k > 0 RETURNING v, v + k
-- case: a column that a child generates does not keep what UPDATE sets
-- expect: ?
-- until: 15
UPDATE source SET x = 5, id = 1 RETURNING x
-- case: a column that a child generates changes with others
-- expect: ?
-- until: 15
UPDATE source SET id = 1 WHERE x IS NOT NULL RETURNING x
