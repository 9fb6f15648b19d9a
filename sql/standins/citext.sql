-- Name of the extension citext's type, for describing queries where it is not installed.

CREATE DOMAIN citext AS text;
