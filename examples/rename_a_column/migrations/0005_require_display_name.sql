-- NOT NULL, without reading the table: the proven constraint says it already.
--
-- depends: 0004_validate_display_name
-- phase: contract

ALTER TABLE shop.customers ALTER COLUMN display_name SET NOT NULL;
ALTER TABLE shop.customers DROP CONSTRAINT customers_display_name_check;

COMMENT ON COLUMN shop.customers.display_name IS 'What the customer is called.';
