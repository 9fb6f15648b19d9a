-- Index.
-- transactional: false
-- phase: expand

CREATE INDEX CONCURRENTLY item_name_idx ON shop.item (name);
