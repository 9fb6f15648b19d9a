-- Vacuum.
-- transactional: false
-- phase: expand

VACUUM (ANALYZE) shop.item;
