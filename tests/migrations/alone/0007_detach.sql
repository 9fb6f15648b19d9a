-- Detach.
-- transactional: false
-- phase: expand

ALTER TABLE shop.sale DETACH PARTITION shop.sale_2024 CONCURRENTLY;
