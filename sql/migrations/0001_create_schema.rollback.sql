-- Takes the core domain's home away again; refused by PostgreSQL while anything still lives in it.
--
-- data: kept

DROP FUNCTION slimy.words_query(text);
DROP FUNCTION slimy.to_tsvector(text);
DROP FUNCTION slimy.set_updated_at();
DROP FUNCTION slimy.uuid_v7();
DROP SCHEMA slimy;
