-- Refresh.
-- transactional: false
-- phase: expand

REFRESH MATERIALIZED VIEW CONCURRENTLY shop.names;
