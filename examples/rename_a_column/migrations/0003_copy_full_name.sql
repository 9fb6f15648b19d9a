-- Carries the names of the rows over that nobody has written since the trigger is there.
--
-- depends: 0002_add_display_name
-- phase: backfill
-- batch: shop.customers by id
-- batch_size: 500
-- done when: SELECT NOT EXISTS (
--     SELECT FROM shop.customers AS c WHERE c.display_name IS DISTINCT FROM c.full_name
--   )

UPDATE shop.customers AS c
SET display_name = c.full_name
WHERE c.id BETWEEN :from AND :to AND c.display_name IS NULL;
