-- Back to the one name: full_name holds what either release wrote.
-- data: lost, of the two columns one goes; they say the same

DROP TRIGGER customers_keep_names_equal ON shop.customers;
DROP FUNCTION shop.keep_names_equal();
ALTER TABLE shop.customers DROP COLUMN display_name;
