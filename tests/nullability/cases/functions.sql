-- case: generate_series
-- expect: !
SELECT i FROM generate_series(1, 3) AS i
-- case: generate_series joined on the left
-- expect: !?
SELECT i, c.t FROM generate_series(0, 3) AS i LEFT JOIN c ON c.id = i
-- case: generate_series joined on the right
-- expect: !?
SELECT c.id, i FROM c LEFT JOIN generate_series(0, 1) AS i ON c.id = i
-- case: unnest of a column
-- expect: !?
SELECT a.id, u FROM a CROSS JOIN LATERAL unnest(a.tags) AS u
-- case: unnest of literals
-- expect: !
SELECT u FROM unnest(ARRAY['a', 'b']) AS u
-- case: unnest of an array constant
-- expect: !?
SELECT u, w FROM unnest('{1,2}'::int[]) AS u CROSS JOIN unnest('{1,NULL}'::int[]) AS w
-- case: unnest of columns in a constructor
-- expect: !
SELECT u FROM a CROSS JOIN LATERAL unnest(ARRAY[a.id, a.id + 1]) AS u
-- case: unnest of a nullable column in a constructor
-- expect: ?
SELECT u FROM a CROSS JOIN LATERAL unnest(ARRAY[a.id, a.n]) AS u
-- case: unnest of several arrays pads
-- expect: ??
SELECT x, y FROM unnest(ARRAY[1, 2, 3], ARRAY['a']) AS u (x, y)
-- unseen: the first array is the longest
-- case: WITH ORDINALITY
-- expect: ?!
SELECT u.tag, u.ord FROM a CROSS JOIN LATERAL unnest(a.tags) WITH ORDINALITY AS u (tag, ord)
-- case: WITH ORDINALITY over several arrays
-- expect: ??!
SELECT u.x, u.y, u.ord FROM unnest(ARRAY[1], ARRAY[1, 2]) WITH ORDINALITY AS u (x, y, ord)
-- unseen: the second array is the longest
-- case: WITH ORDINALITY under a left join
-- expect: !??
SELECT a.id, u.tag, u.ord FROM a LEFT JOIN LATERAL unnest(a.tags) WITH ORDINALITY AS u (tag, ord) ON true
-- case: ROWS FROM
-- expect: ??
SELECT x, y FROM ROWS FROM (generate_series(1, 3), generate_series(1, 2)) AS r (x, y)
-- unseen: the first function returns more rows
-- case: set-returning function in the select list
-- expect: !?
SELECT id, unnest(tags) FROM a
-- case: two set-returning functions in the select list
-- expect: ??
SELECT generate_series(1, 2), generate_series(1, 3)
-- unseen: the second function returns more rows
-- case: one generate_series in the select list
-- expect: !!
SELECT id, generate_series(1, 2) + id FROM c
-- case: string functions
-- expect: !!!!!!
SELECT lower(kind), length(kind), kind || 'x', substr(kind, 1, 1), replace(kind, 'x', 'z'), split_part(kind, ',', 5) FROM a
-- case: string functions of a nullable column
-- expect: ????
SELECT lower(t), length(t), t || 'x', trim(t) FROM a
-- case: functions that are not strict
-- expect: !!?!!?
SELECT concat(t, 'x'), format('%s', t), concat_ws(t, 'a', 'b'), concat_ws('-', t, n), num_nulls(t, n), format(t) FROM a
-- case: variadic calls
-- expect: ???
SELECT concat(VARIADIC extra), num_nulls(VARIADIC extra), jsonb_build_array(VARIADIC extra) FROM a
-- case: quoting
-- expect: !?
SELECT quote_nullable(t), quote_literal(t) FROM a
-- case: regular expressions
-- expect: ??!!!
SELECT substring(kind FROM 'z'), regexp_match(kind, 'z'), regexp_replace(kind, 'x', 'y'), kind ~ 'x', regexp_split_to_array(kind, ',') FROM a
-- case: regexp_matches in FROM
-- expect: !
SELECT r FROM a CROSS JOIN LATERAL regexp_matches(a.kind, '.', 'g') AS r
-- case: regexp_substr
-- expect: ?
SELECT regexp_substr(kind, 'z') FROM a
-- case: array functions
-- expect: ???!!?
SELECT array_length(tags, 1), array_upper(tags, 1), array_position(tags, 'p'), cardinality(tags), array_to_string(tags, ','), array_ndims(tags) FROM a
-- case: array building functions
-- expect: !!!!?!
SELECT array_append(extra, 'z'), array_prepend('z', extra), array_cat(extra, tags), array_remove(tags, 'p'), array_remove(extra, 'p'), array_fill(NULL::int, ARRAY[2]) FROM a
-- case: array concatenation operator
-- expect: !?!
SELECT tags || extra, extra || extra, extra || 'q'::text FROM a
-- case: string_to_array
-- expect: !?!
SELECT string_to_array(kind, NULL), string_to_array(t, ','), array_to_string(extra, ',', '*') IS NULL FROM a
-- case: string_to_array elements
-- expect: !?
SELECT u, w FROM unnest(string_to_array('a,b', ',')) AS u CROSS JOIN unnest(string_to_array('a,b', ',', 'b')) AS w
-- case: range functions
-- expect: ??!!!
SELECT lower(span), upper(span), isempty(span), lower_inc(span), span && int4range(1, 2) FROM a
-- case: range constructors
-- expect: !!
SELECT int4range(n, NULL), int4range(id, id + 1, '[]') FROM a
-- case: time functions of now
-- expect: !!!!
SELECT now(), date_trunc('day', now()), extract(hour FROM now()), to_char(now(), 'YYYY') FROM a
-- case: parts of a stored time that may be infinite
-- expect: ??!!?
SELECT extract(hour FROM at), to_char(at, 'YYYY'), extract(year FROM at), extract(epoch FROM at), at::time FROM a
-- case: parts of a stored date
-- expect: ?!
SELECT date_part('day', d), date_part('year', d) FROM a
-- case: arithmetic of times
-- expect: !!?
SELECT at + interval '1 day', age(at, at) IS NOT NULL, maybe_at - at FROM a WHERE isfinite(at)
-- case: numbers
-- expect: !!?!
SELECT abs(id), round(price, 1), scale(price), greatest(n, id) FROM a
-- case: minimal scale of NaN
-- expect: ?
SELECT min_scale(price) FROM a
-- case: division
-- expect: !?
SELECT id / 2, n / nullif(id, 0) FROM a
-- case: user functions
-- expect: ??~?
-- loose: user functions are not looked into
SELECT sql_null(id), sql_strict(id), sql_never(id), pl_null(id) FROM a
-- case: user functions with domains
-- expect: ?
SELECT pl_domain(id) FROM a
-- case: strict user function that returns a required domain
-- expect: ?
SELECT strict_required(t) FROM a
-- case: user operator
-- expect: ?
SELECT id @+@ kind FROM a
-- case: user set-returning function
-- expect: ?
SELECT m FROM many_ints(2) AS m
-- case: user set-returning function in the select list
-- expect: ?
SELECT many_ints(2)
-- case: user table function
-- expect: ?~
-- loose: user functions are not looked into
SELECT p, q FROM some_rows()
-- case: user function that returns rows of a table
-- expect: ???
SELECT id, n, t FROM rows_of_c()
-- case: composite results
-- expect: ~?
-- loose: user functions are not looked into
SELECT x, y FROM one_pair(3)
-- case: composite result in the select list
-- expect: ~~?
-- loose: user functions are not looked into
SELECT one_pair(id), (one_pair(id)).x, (one_pair(id)).y FROM a
-- case: OUT parameters
-- expect: ~?
-- loose: user functions are not looked into
SELECT x, y FROM out_values()
-- case: function in FROM of one row
-- expect: !?
SELECT s, r FROM lower('A') AS s CROSS JOIN nullif(1, 1) AS r
-- case: scalar function in FROM over a column
-- expect: ?!
SELECT s, u FROM a CROSS JOIN LATERAL upper(a.t) AS s CROSS JOIN LATERAL upper(a.kind) AS u
-- case: system information
-- expect: !!?!!
SELECT current_user, current_database(), to_regclass('nothing'), pg_backend_pid(), version()
-- case: settings
-- expect: !?
SELECT current_setting('search_path'), current_setting('no.such', true)
-- case: pg_ functions are not trusted
-- expect: ?~
-- loose: functions that look into the catalogue return NULL for what is not there
SELECT pg_get_viewdef(0::oid), pg_table_size('c') FROM c
-- case: uuids
-- expect: !!
SELECT gen_random_uuid(), gen_random_uuid()::text FROM c
-- case: geometry
-- expect: ?!
SELECT area('((0,0),(1,1),(2,0))'::path), area(box '((0,0),(1,1))')
-- unseen: the path is closed
-- case: area of an open path
-- expect: ?
SELECT area('[(0,0),(1,1),(2,0)]'::path)
-- case: text search
-- expect: !!!
SELECT to_tsvector('simple', kind), to_tsvector('simple', kind) @@ to_tsquery('simple', 'x'), ts_rank(to_tsvector('simple', kind), to_tsquery('simple', 'x')) FROM a
-- case: unnest of a tsvector
-- expect: !?
SELECT u.lexeme, u.positions FROM unnest(strip(to_tsvector('simple', 'a b'))) AS u
-- case: pg_typeof and current_query
-- expect: !
SELECT pg_typeof(n)::text FROM c
-- case: enum functions
-- expect: !!
SELECT enum_range(NULL::mood), enum_first(NULL::mood)
-- case: overlaps
-- expect: !?
SELECT (at, at) OVERLAPS (now(), now()), (maybe_at, maybe_at) OVERLAPS (at, at) FROM a
-- case: notifications return nothing
-- expect: ?
SELECT pg_notify('x', 'y')
-- case: a composite of one field in FROM is its field
-- expect: ???
SELECT u.x, r.x, v.x FROM unnest(ARRAY[ROW(NULL)::single]) AS u CROSS JOIN CAST(ROW(NULL) AS single) AS r CROSS JOIN coalesce(NULL::single, ROW(NULL)::single) AS v
-- case: values in FROM that are no rows
-- expect: !!!!
SELECT u, r, d, m FROM unnest(ARRAY['bad']::mood[]) AS u CROSS JOIN CAST(1 AS small) AS r CROSS JOIN current_date AS d CROSS JOIN coalesce('good'::mood) AS m
-- case: sets side by side in GROUP BY
-- expect: ??!
SELECT generate_series(1, 3) AS p, generate_series(1, 5) AS q, count(*) FROM e GROUP BY 1, 2
-- unseen: the second set is the longer
-- case: one set in GROUP BY
-- expect: !!
SELECT generate_series(1, 3) AS p, count(*) FROM e GROUP BY 1
