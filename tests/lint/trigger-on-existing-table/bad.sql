-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TRIGGER orders_note_change -- bad
BEFORE UPDATE ON club.orders
FOR EACH ROW
EXECUTE FUNCTION club.note_change();

COMMENT ON TRIGGER orders_note_change ON club.orders IS 'Counts.';
