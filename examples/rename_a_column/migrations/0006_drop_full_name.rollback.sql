-- The old column again, filled from the new one: the table is locked while it is.
-- data: kept

ALTER TABLE shop.customers ADD COLUMN full_name text;
UPDATE shop.customers SET full_name = display_name WHERE TRUE;
ALTER TABLE shop.customers ALTER COLUMN full_name SET NOT NULL;

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

COMMENT ON FUNCTION shop.keep_names_equal() IS
'Carries full_name and display_name over to each other while two releases write them.';
COMMENT ON TRIGGER customers_keep_names_equal ON shop.customers IS
'Two releases write, each its own column.';
