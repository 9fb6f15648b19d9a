-- Months of a partitioned table, made ahead of time, and the role that may take old ones away.
--
-- depends: 0001_create_schema
-- phase: expand

-- Roles belong to the whole cluster: another database of it may have made this one already.
DO $migration$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'slimy_retention') THEN
        CREATE ROLE slimy_retention NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- made by a migration of another database at the same moment
END
$migration$;

GRANT USAGE ON SCHEMA slimy TO slimy_retention;

-- Refused: CREATE TABLE ... PARTITION OF, which stops all readers of the parent; a DEFAULT
-- partition, which would have to be read through each time a month is added, and hides that a month
-- is missing.
CREATE FUNCTION slimy.make_partitions(parent regclass, first_month date, months integer)
RETURNS integer
LANGUAGE plpgsql
-- Attaching locks the tables that foreign keys point at: give up soon and be called again, rather
-- than stand in front of their writers.
SET lock_timeout = '2s'
AS $body$
DECLARE
    parent_schema text;
    parent_name text;
    partition_name text;
    month_start date;
    trigger_row record;
    made integer := 0;
BEGIN
    IF months IS NULL OR months NOT BETWEEN 1 AND 240 OR first_month IS NULL THEN
        RAISE EXCEPTION 'give a first month, and a number of months from 1 to 240'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT n.nspname, c.relname INTO STRICT parent_schema, parent_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.oid = parent;
    PERFORM pg_advisory_xact_lock(hashtext('slimy.make_partitions'), parent::oid::integer);

    FOR number IN 0..months - 1 LOOP
        month_start := date_trunc('month', first_month::timestamp) + make_interval(months => number);
        partition_name := parent_name || to_char(month_start, '_YYYY_MM');
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_catalog.pg_inherits AS i
            INNER JOIN pg_catalog.pg_class AS c ON i.inhrelid = c.oid
            WHERE i.inhparent = parent AND c.relname = partition_name
        );
        EXECUTE format(
            'CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
            'INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION)',
            parent_schema, partition_name, parent_name
        );
        EXECUTE format(
            'COMMENT ON TABLE %I.%I IS %L', parent_schema, partition_name,
            format('Rows of %s.%s of %s (UTC).', parent_schema, parent_name,
                to_char(month_start, 'YYYY-MM'))
        );
        EXECUTE format(
            'ALTER TABLE %1$I.%3$I ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%4$L) TO (%5$L)',
            parent_schema, partition_name, parent_name,
            to_char(month_start, 'YYYY-MM-DD 00:00:00+00'),
            to_char(month_start + interval '1 month', 'YYYY-MM-DD 00:00:00+00')
        );
        -- Row triggers follow by themselves. Those of statements do not: who writes to the
        -- partition itself would get around them.
        FOR trigger_row IN
            SELECT
                t.tgname,
                t.tgenabled,
                pg_get_triggerdef(t.oid) AS definition,
                obj_description(t.oid, 'pg_trigger') AS description
            FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid = parent AND NOT t.tgisinternal AND t.tgtype & 1 = 0
            ORDER BY t.tgname
        LOOP
            EXECUTE replace(
                trigger_row.definition,
                format(' ON %I.%I ', parent_schema, parent_name),
                format(' ON %I.%I ', parent_schema, partition_name)
            );
            EXECUTE format('COMMENT ON TRIGGER %I ON %I.%I IS %L', trigger_row.tgname,
                parent_schema, partition_name, trigger_row.description);
            IF trigger_row.tgenabled = 'A' THEN
                EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER %I',
                    parent_schema, partition_name, trigger_row.tgname);
            END IF;
        END LOOP;
        made := made + 1;
    END LOOP;
    RETURN made;
END
$body$;

COMMENT ON FUNCTION slimy.make_partitions(regclass, date, integer) IS
'Makes the partitions <table>_YYYY_MM of so many months (UTC) that are not there yet, with the '
'triggers of the table, and returns their number. May be called again and by several at once.';
