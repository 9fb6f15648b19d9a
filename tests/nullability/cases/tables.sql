-- case: primary key, NOT NULL and plain columns
-- expect: !!?!?
SELECT id, n, c_id, id, t FROM b
-- case: CHECK that forbids NULL
-- expect: !??
SELECT checked, weak, either FROM a
-- case: a column of a domain that forbids NULL holds it all the same
-- expect: ????
SELECT dom, chk, deep, low FROM a
-- case: domains that forbid NULL under an outer join
-- expect: ???
SELECT x.dom, x.chk, x.deep FROM c LEFT JOIN a AS x ON c.id = x.b_id
-- case: a cast to a domain that forbids NULL
-- expect: !!
SELECT t::required_text, t::required_text::text FROM a WHERE t > 'a'
-- case: a required domain from an empty scalar subquery
-- expect: ?
SELECT (SELECT a.dom FROM a WHERE false)
-- case: NOT VALID constraints prove nothing
-- expect: ???
SELECT id, x, y FROM doubtful
-- case: generated columns
-- expect: !?!
SELECT s, z, o FROM g
-- case: identity and defaults
-- expect: !?!?
SELECT id, n, t, u FROM auto
-- case: partitioned table
-- expect: !!?
SELECT id, region, v FROM part
-- case: one partition
-- expect: !!
SELECT id, v FROM part_two
-- case: inheritance parent whose child has dropped NOT NULL
-- until: 17
-- expect: !??
SELECT id, v, w FROM parent
-- case: inheritance parent
-- since: 18
-- expect: !!?
SELECT id, v, w FROM parent
-- case: inheritance parent alone
-- expect: !!?
SELECT id, v, w FROM ONLY parent
-- case: inheritance child
-- expect: !??
SELECT id, w, own FROM child
-- case: system columns
-- expect: !!!
SELECT ctid, xmin, tableoid::regclass FROM c
-- case: system columns under an outer join
-- expect: !?
SELECT b.ctid, c.ctid FROM b LEFT JOIN c ON b.c_id = c.id
-- case: simple view
-- expect: !?!
SELECT id, n, t FROM v_c
-- case: view over an outer join
-- expect: !????
SELECT id, n, b_id, b_n, b_t FROM v_ab
-- case: view over a view
-- expect: !???
SELECT id, b_n, c_t, c_n FROM v_nested
-- case: condition on a view's column
-- expect: !!!?
SELECT id, b_id, b_n, b_t FROM v_ab WHERE b_n > 0
-- case: condition through two views
-- expect: !!!
SELECT id, b_n, c_t FROM v_nested WHERE c_t IS NOT NULL
-- case: view with a condition
-- expect: !!!
SELECT id, n, t FROM v_filtered
-- case: view under a left join
-- expect: !??
SELECT b.id, v.id, v.n FROM b LEFT JOIN v_filtered AS v ON b.c_id = v.id
-- case: security barrier view
-- expect: ?!
SELECT k, v FROM v_barrier
-- case: view with aggregates
-- expect: ?!?!
SELECT b_id, rows, total, top FROM v_totals
-- case: view with a union
-- expect: !?
SELECT id, t FROM v_union
-- case: materialized view
-- expect: ~~?!
-- loose: a materialized view may be older than the constraints of its tables
SELECT id, t, n, total FROM mv
-- case: row level security
-- expect: !?!
SELECT id, v, w FROM guarded
-- case: row level security and an aggregate
-- expect: !?
SELECT count(*), max(v) FROM guarded
-- case: row level security in a scalar subquery
-- expect: !
SELECT (SELECT count(*) FROM guarded WHERE guarded.id = c.id) FROM c
-- case: ranges as periods
-- expect: !!?
SELECT room, during, who FROM period
-- case: catalogue
-- expect: !!
SELECT relname, relkind FROM pg_class LIMIT 5
-- case: catalogue columns that may be null
-- expect: !?
SELECT relname, relacl FROM pg_class
-- case: star of a view
-- expect: !?!
SELECT * FROM v_c
-- case: aliased columns
-- expect: !?
SELECT x.p, x.q FROM c AS x (p, q, r)
-- case: a materialized view may be older than the view that it reads
-- expect: ??
SELECT x, y FROM mv_old
-- case: a generated column may be older than its domain
-- expect: ?
SELECT y FROM cast_once
