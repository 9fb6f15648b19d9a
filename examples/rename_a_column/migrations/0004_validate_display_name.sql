-- Proves that every customer has a display name; others go on reading and writing meanwhile.
--
-- depends: 0003_copy_full_name
-- phase: backfill

ALTER TABLE shop.customers VALIDATE CONSTRAINT customers_display_name_check;
