-- Names and types of the extension pgcrypto, for describing queries where it is not installed.

CREATE FUNCTION digest(text, text) RETURNS bytea LANGUAGE sql STRICT AS 'SELECT ''''::bytea';
CREATE FUNCTION digest(bytea, text) RETURNS bytea LANGUAGE sql STRICT AS 'SELECT ''''::bytea';
CREATE FUNCTION hmac(text, text, text) RETURNS bytea LANGUAGE sql STRICT AS 'SELECT ''''::bytea';
CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea LANGUAGE sql STRICT AS 'SELECT ''''::bytea';
CREATE FUNCTION crypt(text, text) RETURNS text LANGUAGE sql STRICT AS 'SELECT ''''';
CREATE FUNCTION gen_salt(text) RETURNS text LANGUAGE sql STRICT AS 'SELECT ''''';
CREATE FUNCTION gen_salt(text, integer) RETURNS text LANGUAGE sql STRICT AS 'SELECT ''''';
CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea LANGUAGE sql STRICT AS 'SELECT ''''::bytea';
CREATE FUNCTION pgp_sym_encrypt(
    text, text
) RETURNS bytea LANGUAGE sql STRICT AS 'SELECT ''''::bytea';
CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text LANGUAGE sql STRICT AS 'SELECT ''''';
