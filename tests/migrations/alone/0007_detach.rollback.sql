-- transactional: true

ALTER TABLE shop.sale ATTACH PARTITION shop.sale_2024
FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

-- DETACH CONCURRENTLY left it, so that attaching again need not read the rows.
ALTER TABLE shop.sale_2024 DROP CONSTRAINT sale_2024_sold_on_check;
