-- The same constraint, unproven.
-- data: kept

ALTER TABLE shop.customers DROP CONSTRAINT customers_display_name_check;
ALTER TABLE shop.customers
ADD CONSTRAINT customers_display_name_check CHECK (display_name IS NOT NULL) NOT VALID;
