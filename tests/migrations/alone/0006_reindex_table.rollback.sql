-- transactional: false

REINDEX TABLE CONCURRENTLY shop.item;
