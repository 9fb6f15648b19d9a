-- transactional: true

ALTER TABLE shop.sale ATTACH PARTITION shop.sale_2024
FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
