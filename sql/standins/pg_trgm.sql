-- Names and types of the extension pg_trgm, for describing queries where it is not installed.

CREATE FUNCTION similarity(text, text) RETURNS real LANGUAGE sql STRICT AS 'SELECT 0::real';
CREATE FUNCTION word_similarity(text, text) RETURNS real LANGUAGE sql STRICT AS 'SELECT 0::real';
CREATE FUNCTION strict_word_similarity(text, text) RETURNS real LANGUAGE sql STRICT
AS 'SELECT 0::real';
CREATE FUNCTION show_trgm(text) RETURNS text[] LANGUAGE sql STRICT AS 'SELECT ''{}''::text[]';
CREATE FUNCTION similarity_op(text, text) RETURNS boolean LANGUAGE sql STRICT AS 'SELECT TRUE';
CREATE FUNCTION similarity_dist(text, text) RETURNS real LANGUAGE sql STRICT AS 'SELECT 0::real';
CREATE OPERATOR % (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_op);
CREATE OPERATOR <-> (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_dist);
