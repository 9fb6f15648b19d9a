-- transactional: false

ANALYZE shop.item;
