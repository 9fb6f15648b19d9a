-- Reindex table.
-- transactional: false
-- phase: expand

REINDEX TABLE CONCURRENTLY shop.item;
