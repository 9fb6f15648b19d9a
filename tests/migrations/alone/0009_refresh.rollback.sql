-- transactional: false

REFRESH MATERIALIZED VIEW CONCURRENTLY shop.names;
