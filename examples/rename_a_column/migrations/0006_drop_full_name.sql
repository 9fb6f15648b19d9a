-- The old name goes, and what kept both equal. Nobody may run release 1 any more.
--
-- depends: 0005_require_display_name
-- phase: contract

DROP TRIGGER customers_keep_names_equal ON shop.customers;
DROP FUNCTION shop.keep_names_equal();
ALTER TABLE shop.customers DROP COLUMN full_name;
