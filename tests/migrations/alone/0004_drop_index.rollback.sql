-- transactional: false

CREATE INDEX CONCURRENTLY item_colour_idx ON shop.item (colour);
