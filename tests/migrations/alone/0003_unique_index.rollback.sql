-- transactional: false

DROP INDEX CONCURRENTLY shop.item_id_name_idx;
