-- Takes the shop away, customers and all.
-- data: lost, the tables go

DROP TABLE shop.customers;
DROP SCHEMA shop;
