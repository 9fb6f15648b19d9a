-- Names and types of the extension uuid-ossp, for describing queries where it is not installed.

CREATE FUNCTION uuid_generate_v1() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid LANGUAGE sql
AS 'SELECT gen_random_uuid()';
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid LANGUAGE sql
AS 'SELECT gen_random_uuid()';
CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
CREATE FUNCTION uuid_nil() RETURNS uuid LANGUAGE sql
AS 'SELECT ''00000000-0000-0000-0000-000000000000''::uuid';
