"""Writes a data migration as a script that psql runs: the same batches and the same places, without our program."""

import re

from slimy_dal.schema.backfill.files import Backfill
from slimy_dal.schema.backfill.places import SCHEMA

__all__ = ["script"]

PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

# A generic plan would read the index from its beginning for every batch, so each is planned for its own keys.
TEMPLATE = """\
-- {id}: its batches commit one by one, so it stands outside of a transaction. Whatever ends it before its end, each
-- batch is done with its place or not at all, and whoever runs it next goes on from there.
SET lock_timeout = '{lock_timeout}';
SET statement_timeout = 0;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET plan_cache_mode = force_custom_plan;
INSERT INTO {schema}.backfills (migration_id, checksum, end_key, rows_estimated, batch_size)
SELECT
    {name},
    '{checksum}',
    (SELECT ARRAY[{texts}] FROM {table} AS k ORDER BY {down} LIMIT 1),
    (SELECT greatest(c.reltuples, 0) FROM pg_class AS c WHERE c.oid = to_regclass({relation})),
    {size}
ON CONFLICT DO NOTHING;
DO {tag}
DECLARE
    slimy_place {schema}.backfills;
    slimy_seen bigint;
    slimy_changed bigint;
    {declared}
BEGIN
    LOOP
        SELECT b.* INTO STRICT slimy_place
        FROM {schema}.backfills AS b
        WHERE b.migration_id = {name} AND b.checksum = '{checksum}'
        FOR UPDATE;
        EXIT WHEN slimy_place.end_key IS NULL;
        {assigned}
        WITH chunk AS MATERIALIZED (
            SELECT {keys} FROM {table} AS k
            WHERE
                ({keys}) <= ({ends})
                AND (slimy_place.last_key IS NULL OR ({keys}) > ({lasts}))
            ORDER BY {keys} LIMIT slimy_place.batch_size
        ),
        low AS (SELECT {keys} FROM chunk AS k ORDER BY {keys} LIMIT 1),
        high AS (SELECT {keys} FROM chunk AS k ORDER BY {down} LIMIT 1)
        SELECT (SELECT count(*) FROM chunk), {bounds}
        INTO slimy_seen, {into}
        FROM low CROSS JOIN high;
        EXIT WHEN NOT FOUND;
{statement};
        GET DIAGNOSTICS slimy_changed = ROW_COUNT;
        UPDATE {schema}.backfills AS b
        SET
            last_key = ARRAY[{reached}],
            rows_seen = b.rows_seen + slimy_seen,
            rows_changed = b.rows_changed + slimy_changed,
            batches = b.batches + 1,
            reached_at = clock_timestamp()
        WHERE b.migration_id = {name};
        COMMIT;
        PERFORM pg_sleep(0.05);
    END LOOP;
    IF ({done_when}) IS NOT TRUE THEN
        RAISE EXCEPTION '%: every batch is done, but its `done when` is not true', {name};
    END IF;
    UPDATE {schema}.backfills AS b SET finished_at = clock_timestamp() WHERE b.migration_id = {name};
END
{tag};
RESET plan_cache_mode;
RESET datestyle;
RESET timezone;
RESET statement_timeout;
RESET lock_timeout;
"""


def script(backfill: Backfill, schema: str = SCHEMA) -> str:
    """Return the statements for psql, in autocommit mode, once the bookkeeping is there.

    They need no catalog to be written: the tables may be those of migrations that stand before this one.
    """
    columns = [_quoted(name) for name in backfill.columns]
    return TEMPLATE.format(
        id=backfill.id,
        name=_literal(backfill.id),
        schema=_quoted(schema),
        table=backfill.table,
        relation=_literal(backfill.table),
        checksum=backfill.checksum,
        size=backfill.first_size,
        lock_timeout=backfill.lock_timeout,
        statement=backfill.bounded(
            lambda end, number, _column: f"slimy_{end}_{(number - 1) % len(columns) + 1}"
        ),
        done_when=backfill.done_when,
        tag=_tag(backfill),
        keys=", ".join(f"k.{column}" for column in columns),
        down=", ".join(f"k.{column} DESC" for column in columns),
        texts=", ".join(f"k.{column}::text" for column in columns),
        bounds=", ".join(f"{end}.{column}" for end in ("low", "high") for column in columns),
        **_variables(backfill.table, columns),
    )


def _variables(table: str, columns: list[str]) -> dict[str, str]:
    """Return the variables of the block, of the types that the columns have, in each place where they stand."""
    ends, lasts, lows, highs = (
        [f"slimy_{end}_{number}" for number in range(1, len(columns) + 1)]
        for end in ("end", "last", "from", "to")
    )
    declared = [
        f"{name} {table}.{column}%TYPE;"
        for names in (ends, lasts, lows, highs)
        for name, column in zip(names, columns, strict=True)
    ]
    assigned = [
        f"{name} := slimy_place.{key}[{number}];"
        for names, key in ((ends, "end_key"), (lasts, "last_key"))
        for number, name in enumerate(names, 1)
    ]
    return {
        "ends": ", ".join(ends),
        "lasts": ", ".join(lasts),
        "into": ", ".join([*lows, *highs]),
        "reached": ", ".join(f"{name}::text" for name in highs),
        "declared": "\n    ".join(declared),
        "assigned": "\n        ".join(assigned),
    }


def _quoted(name: str) -> str:
    """Return a name as SQL writes it; plain ones may be keywords nowhere that a column or schema stands."""
    return name if PLAIN.fullmatch(name) else '"{}"'.format(name.replace('"', '""'))


def _literal(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))


def _tag(backfill: Backfill) -> str:
    tag = "$slimy$"
    while tag in backfill.statement or tag in backfill.done_when:
        tag = tag[:-1] + "_$"
    return tag
