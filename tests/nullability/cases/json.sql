-- case: JSON operators
-- expect: ???!
SELECT doc -> 'k', doc ->> 'k', doc #>> '{k}', doc ? 'k' FROM a
-- case: JSON containment and concatenation
-- expect: !!?
SELECT doc @> '{}', doc || '{"z": 1}', opt || '{}' FROM a
-- case: JSON deletion
-- expect: !?
SELECT doc - 'k', opt - 'k' FROM a
-- case: JSON builders
-- expect: !!!!
SELECT jsonb_build_object('n', n), json_build_array(n, t), to_jsonb(id), row_to_json(a) FROM a
-- case: to_jsonb of a nullable value
-- expect: ?
SELECT to_jsonb(n) FROM a
-- case: jsonb_set
-- expect: !?
SELECT jsonb_set(doc, '{k}', '1'), jsonb_set(doc, '{k}', to_jsonb(n)) FROM a
-- case: jsonb_typeof
-- expect: !?
SELECT jsonb_typeof(doc), jsonb_typeof(doc -> 'no') FROM a
-- case: JSON paths
-- expect: ????
SELECT jsonb_path_query_first(doc, '$.no'), jsonb_path_exists(doc, '$.k'), doc @? '$.k', doc @@ '$.k == 1' FROM a
-- unseen: only a path that fails gives NULL
-- case: jsonb_each
-- expect: !!!?
SELECT j.key, j.value, t.key, t.value FROM a CROSS JOIN LATERAL jsonb_each(a.doc) AS j CROSS JOIN LATERAL jsonb_each_text(a.doc) AS t
-- case: JSON elements
-- expect: !?
SELECT e, t FROM jsonb_array_elements('[1, null]') AS e CROSS JOIN jsonb_array_elements_text('[1, null]') AS t
-- case: JSON keys
-- expect: !
SELECT k FROM a CROSS JOIN LATERAL jsonb_object_keys(a.doc) AS k
-- case: JSON to recordset
-- expect: ??
SELECT x.i, x.s FROM jsonb_to_recordset('[{"i": 1}, {"s": "x"}]') AS x (i int, s text)
-- case: JSON to record
-- expect: ??
SELECT x.i, x.s FROM jsonb_to_record('{}') AS x (i int, s text)
-- case: populate a record
-- expect: ???
SELECT x.id, x.n, x.t FROM jsonb_populate_record(NULL::c, '{}') AS x
-- case: array length of JSON
-- expect: !
SELECT jsonb_array_length('[1]') FROM a
-- case: JSON subscript
-- expect: ?
SELECT doc['k'] FROM a
-- case: IS JSON
-- expect: !?
-- since: 16
SELECT kind IS JSON, t IS JSON OBJECT FROM a
-- case: JSON constructors
-- expect: !!
-- since: 16
SELECT JSON_OBJECT('a': n), JSON_ARRAY(n, t) FROM a
-- case: JSON_ARRAY of a query
-- expect: ?
-- since: 16
SELECT JSON_ARRAY(SELECT n FROM c)
-- case: JSON aggregates
-- expect: !~
-- loose: JSON_ARRAYAGG leaves NULLs out; its answer follows the argument
-- since: 16
SELECT JSON_OBJECTAGG(id: n), JSON_ARRAYAGG(n) FROM a GROUP BY flag
-- case: JSON aggregates of no rows
-- expect: ??
-- since: 16
SELECT JSON_OBJECTAGG(id: n), JSON_ARRAYAGG(n) FROM a
-- case: JSON_EXISTS
-- expect: !?
-- since: 17
SELECT JSON_EXISTS(doc, '$.k'), JSON_EXISTS(opt, '$.k') FROM a
-- case: JSON_EXISTS that fails
-- expect: ?!
-- since: 17
SELECT JSON_EXISTS(jsonb '"a"', 'strict $.k' UNKNOWN ON ERROR), JSON_EXISTS(jsonb '"a"', 'strict $.k')
-- case: JSON_VALUE and JSON_QUERY
-- expect: ??
-- since: 17
SELECT JSON_VALUE(doc, '$.k'), JSON_QUERY(doc, '$.no') FROM a
-- case: JSON_VALUE with a default of a null value
-- expect: ?
-- since: 17
SELECT JSON_VALUE(jsonb '{"k": null}', '$.k' DEFAULT 'd' ON EMPTY DEFAULT 'e' ON ERROR)
-- case: JSON_TABLE
-- expect: ~??
-- loose: a column FOR ORDINALITY of JSON_TABLE counts as the others
-- since: 17
SELECT j.ord, j.a, j.b FROM JSON_TABLE(jsonb '[{"a": 1}, {"b": "x"}]', '$[*]' COLUMNS (ord FOR ORDINALITY, a int PATH '$.a', b text PATH '$.b')) AS j
-- case: JSON, JSON_SCALAR and JSON_SERIALIZE
-- expect: !?!
-- since: 17
SELECT JSON_SCALAR(id), JSON_SCALAR(n), JSON_SERIALIZE('{}') FROM a
-- case: json_agg in a lateral subquery
-- expect: !!
SELECT c.id, x.list FROM c CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('id', b.id)), '[]') AS list FROM b WHERE b.c_id = c.id) AS x
-- case: JSON value by cast
-- expect: ?
SELECT (doc ->> 'k')::int FROM a
