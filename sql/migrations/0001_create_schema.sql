-- The home of the core domain, and the functions that its tables lean on.
--
-- phase: expand

CREATE SCHEMA slimy;

COMMENT ON SCHEMA slimy IS 'Core domain: users, guilds, memberships, sessions, API keys.';

-- PostgreSQL 18 makes version 7 itself; older servers follow RFC 9562 section 6.2, method 3:
-- milliseconds, then the microseconds within them scaled to 12 bits, so that keys made in one
-- millisecond still sort by time. Refused: gen_random_uuid() keys, which scatter inserts over the
-- whole index and cannot order a page.
DO $migration$
BEGIN
    IF to_regprocedure('pg_catalog.uuidv7()') IS NOT NULL THEN
        CREATE FUNCTION slimy.uuid_v7() RETURNS uuid
        LANGUAGE sql VOLATILE PARALLEL SAFE
        AS 'SELECT pg_catalog.uuidv7()';
    ELSE
        CREATE FUNCTION slimy.uuid_v7() RETURNS uuid
        LANGUAGE sql VOLATILE PARALLEL SAFE
        AS $body$
            SELECT encode(
                substring(int8send(t.us / 1000) FROM 3 FOR 6)
                || int2send((28672 + (t.us % 1000) * 4096 / 1000)::int2)
                || substring(uuid_send(gen_random_uuid()) FROM 9 FOR 8),
                'hex'
            )::uuid
            FROM (SELECT (extract(EPOCH FROM clock_timestamp()) * 1000000)::int8 AS us) AS t
        $body$;
    END IF;
END
$migration$;

COMMENT ON FUNCTION slimy.uuid_v7() IS
'Time-ordered key (RFC 9562 version 7): new rows land at the right edge of the index, and key '
'order is creation order.';

CREATE FUNCTION slimy.set_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    -- Two changes in one transaction, or after the clock was set back, are two versions all the same.
    NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION slimy.set_updated_at() IS
'Keeps updated_at in the database, so that a change made in psql is dated like one made by the '
'service. It grows with every change of a row, by a microsecond at least: it is the version that '
'whoever changes the row may ask for.';

-- The one way in which all indexes and all searches read words. PostgreSQL's parser takes for one
-- word, or leaves out, whatever looks like an address, a path, a signed number or a tag: vimes
-- would not be found in sam.vimes. It also leaves out words of more than 2,046 bytes: runs of 250
-- characters are parted in texts that are long enough to hold such a word. Refused: translate(),
-- which reads a long text more slowly than the parser does. Not STRICT, which would keep the
-- planner from putting the body in place of the call; NULL has no words anyway.
CREATE FUNCTION slimy.to_tsvector(body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body$
    SELECT to_tsvector(
        'simple',
        CASE
            WHEN octet_length(body) > 2046
                THEN regexp_replace(
                    regexp_replace(body, '[-./_@:+~<>&%]+', ' ', 'g'), '(\S{250})', '\1 ', 'g'
                )
            ELSE regexp_replace(body, '[-./_@:+~<>&%]+', ' ', 'g')
        END
    )
$body$;

COMMENT ON FUNCTION slimy.to_tsvector(text) IS
'The words of a text, as all searches know them: in lower case, parted at every sign.';

-- What a person typed becomes "every word, by its beginning". Typed text never reaches to_tsquery
-- unquoted: its operators would be syntax errors, or searches nobody asked for.
CREATE FUNCTION slimy.words_query(typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $body$
    SELECT to_tsquery(
        'simple',
        string_agg(
            '''' || replace(replace(left(word, 250), '\', '\\'), '''', '''''') || ''':*', ' & '
        )
    )
    FROM unnest(tsvector_to_array(slimy.to_tsvector(typed))) AS word
$body$;

COMMENT ON FUNCTION slimy.words_query(text) IS
'Search terms as people type them: all words, each by its beginning; NULL when there is no word '
'in them.';
