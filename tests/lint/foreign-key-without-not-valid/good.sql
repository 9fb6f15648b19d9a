-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- allow: several-tables-locked: a foreign key is of two tables, and its locks are short

ALTER TABLE club.orders
ADD CONSTRAINT orders_seller_id_fkey FOREIGN KEY (seller_id)
REFERENCES club.users (id) ON DELETE SET NULL NOT VALID;
