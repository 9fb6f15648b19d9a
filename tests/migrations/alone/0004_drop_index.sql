-- Drop index.
-- transactional: false
-- phase: expand

DROP INDEX CONCURRENTLY shop.item_colour_idx;
