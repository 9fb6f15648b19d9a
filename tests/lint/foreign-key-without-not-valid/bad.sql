-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- allow: several-tables-locked: a foreign key is of two tables

ALTER TABLE club.orders
ADD CONSTRAINT orders_seller_id_fkey FOREIGN KEY (seller_id) -- bad
REFERENCES club.users (id) ON DELETE SET NULL;
