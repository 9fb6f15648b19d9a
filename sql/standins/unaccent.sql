-- Names and types of the extension unaccent, for describing queries where it is not installed.

CREATE FUNCTION unaccent(text) RETURNS text LANGUAGE sql STRICT AS 'SELECT ''''';
