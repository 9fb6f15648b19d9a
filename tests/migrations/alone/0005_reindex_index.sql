-- Reindex index.
-- transactional: false
-- phase: expand

REINDEX INDEX CONCURRENTLY shop.item_name_idx;
