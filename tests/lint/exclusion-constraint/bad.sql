-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

ALTER TABLE club.orders
ADD CONSTRAINT orders_once_excl EXCLUDE USING btree (user_id WITH =); -- bad
