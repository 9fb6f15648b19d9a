-- Unique index.
-- transactional: false
-- phase: expand

CREATE UNIQUE INDEX CONCURRENTLY item_id_name_idx ON shop.item (id, name);
