-- transactional: false

REINDEX INDEX CONCURRENTLY shop.item_name_idx;
