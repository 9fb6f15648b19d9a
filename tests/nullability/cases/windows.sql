-- case: ranking
-- expect: !!!!!!
SELECT row_number() OVER (ORDER BY id), rank() OVER (ORDER BY n), dense_rank() OVER (ORDER BY n), percent_rank() OVER (ORDER BY n), cume_dist() OVER (ORDER BY n), ntile(2) OVER (ORDER BY id) FROM a
-- case: lag and lead
-- expect: ????
SELECT lag(id) OVER (ORDER BY id), lead(id) OVER (ORDER BY id), lag(id, 2) OVER (ORDER BY id), lag(n, 1, 0) OVER (ORDER BY id) FROM a
-- case: lag with a default
-- expect: !!
SELECT lag(id, 1, 0) OVER (ORDER BY id), lead(id, 1, -1) OVER (ORDER BY id) FROM a
-- case: first and last value
-- expect: !!??
SELECT first_value(id) OVER (ORDER BY id), last_value(id) OVER (ORDER BY id), first_value(n) OVER (ORDER BY id), nth_value(id, 2) OVER (ORDER BY id) FROM a
-- case: aggregates over the default frame
-- expect: !!?!
SELECT sum(id) OVER (ORDER BY id), max(id) OVER (PARTITION BY flag), sum(n) OVER (ORDER BY id), count(n) OVER () FROM a
-- case: frame without the current row
-- expect: ??!
SELECT sum(id) OVER w, first_value(id) OVER w, count(*) OVER w FROM a WINDOW w AS (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)
-- case: frame that follows
-- expect: ?
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) FROM a
-- case: frame around the current row
-- expect: !!
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), max(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) FROM a
-- case: frame by range
-- expect: !!
SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING), sum(id) OVER (ORDER BY n RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM a
-- case: frame by range of infinite times
-- expect: !
SELECT count(*) OVER (ORDER BY at RANGE BETWEEN '1 day' PRECEDING AND CURRENT ROW) + sum(id) OVER (ORDER BY at RANGE BETWEEN '1 day' PRECEDING AND CURRENT ROW) FROM a
-- case: frame by groups
-- expect: !?
SELECT sum(id) OVER (ORDER BY n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW), sum(id) OVER (ORDER BY n GROUPS BETWEEN 1 PRECEDING AND 1 PRECEDING) FROM a
-- case: frame with exclusion
-- expect: ??!
SELECT sum(id) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), sum(id) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP), sum(id) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) FROM a
-- case: window aggregate with FILTER
-- expect: ?!
SELECT sum(id) FILTER (WHERE n > 1) OVER (), count(*) FILTER (WHERE n > 1) OVER () FROM a
-- case: window over groups
-- expect: !!?
SELECT sum(count(*)) OVER (), rank() OVER (ORDER BY sum(id)), sum(sum(n)) OVER () FROM a GROUP BY b_id
-- case: window over an outer join
-- expect: !?
SELECT b.id, sum(c.id) OVER (PARTITION BY b.id) FROM b LEFT JOIN c ON b.c_id = c.id
-- case: named window
-- expect: !!
SELECT row_number() OVER w, max(id) OVER w FROM a WINDOW w AS (PARTITION BY flag ORDER BY id)
-- case: array_agg over a window
-- expect: !
SELECT array_agg(n) OVER (ORDER BY id) FROM a
-- case: user aggregate over a window
-- expect: ?
SELECT odd_sum(id) OVER (ORDER BY id) FROM a
-- case: total beside rows
-- expect: !?!
SELECT s.id, s.n, s.total FROM (SELECT id, n, count(*) OVER () AS total FROM c) AS s
-- case: window in a subquery with a condition on rank
-- expect: !?
SELECT s.id, s.n FROM (SELECT id, n, row_number() OVER (PARTITION BY n ORDER BY id) AS r FROM c) AS s WHERE s.r = 1
-- case: RANGE by an interval whose parts go both ways
-- expect: ???
SELECT sum(1) OVER p, first_value(ts) OVER p, sum(1) OVER (ORDER BY ts RANGE BETWEEN CURRENT ROW AND '-1 month 30 days' FOLLOWING) FROM (VALUES (timestamp '2026-03-15'), ('2026-02-15')) AS v (ts) WINDOW p AS (ORDER BY ts RANGE BETWEEN '1 month -30 days' PRECEDING AND CURRENT ROW)
-- case: RANGE by a number
-- expect: !!
SELECT sum(1) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW), sum(id) OVER (ORDER BY price RANGE BETWEEN 0.5 PRECEDING AND 2 FOLLOWING) FROM a
