-- The new name of full_name. From here on both columns say the same of every row that is written,
-- whichever of them a release knows: a trigger carries the one that was written over to the other.
--
-- depends: 0001_create_customers
-- phase: expand
-- allow: trigger-on-existing-table: until release 1 is gone, each write costs a call of a function without queries

ALTER TABLE shop.customers ADD COLUMN display_name text;

CREATE FUNCTION shop.keep_names_equal() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.display_name IS DISTINCT FROM OLD.display_name THEN
        NEW.full_name := coalesce(NEW.display_name, NEW.full_name);
    ELSIF NEW.full_name IS NULL THEN
        NEW.full_name := NEW.display_name;
    END IF;
    NEW.display_name := NEW.full_name;
    RETURN NEW;
END
$body$;

CREATE TRIGGER customers_keep_names_equal
BEFORE INSERT OR UPDATE ON shop.customers
FOR EACH ROW EXECUTE FUNCTION shop.keep_names_equal();

-- True of every row that is written from now on; the rows there are follow in batches.
ALTER TABLE shop.customers
ADD CONSTRAINT customers_display_name_check CHECK (display_name IS NOT NULL) NOT VALID;

COMMENT ON COLUMN shop.customers.display_name IS
'What the customer is called. NULL in rows that were not carried over yet.';
COMMENT ON FUNCTION shop.keep_names_equal() IS
'Carries full_name and display_name over to each other while two releases write them.';
COMMENT ON TRIGGER customers_keep_names_equal ON shop.customers IS
'Two releases write, each its own column.';
