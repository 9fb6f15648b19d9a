-- transactional: false

DROP INDEX CONCURRENTLY shop.item_name_idx;
