-- The proven constraint instead of NOT NULL.
-- data: kept

ALTER TABLE shop.customers
ADD CONSTRAINT customers_display_name_check CHECK (display_name IS NOT NULL);
ALTER TABLE shop.customers ALTER COLUMN display_name DROP NOT NULL;

COMMENT ON COLUMN shop.customers.display_name IS
'What the customer is called. NULL in rows that were not carried over yet.';
