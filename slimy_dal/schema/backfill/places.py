"""How far each data migration is: one row each in the migrator's bookkeeping, written by the batches themselves."""

from dataclasses import dataclass, replace
from typing import Any, cast

from psycopg import Connection, sql

from slimy_dal.schema.backfill.files import Backfill, BackfillError
from slimy_dal.schema.backfill.keys import Chunk, Key, Place, ask

__all__ = [
    "SCHEMA",
    "Reached",
    "advance",
    "begin",
    "finish",
    "forgotten",
    "locked",
    "reached",
    "restart",
]

SCHEMA = "slimy_migrations"
"""The bookkeeping's schema where nothing else is told."""

SELECT = (
    "SELECT migration_id, checksum, last_key, end_key, rows_estimated, rows_seen, rows_changed,"
    " batches, batch_size, finished_at IS NOT NULL FROM {schema}.backfills"
)


@dataclass(frozen=True, slots=True)
class Reached:
    """What the bookkeeping says of one data migration."""

    id: str
    checksum: str
    last: Place | None
    end: Place | None
    estimated: int
    seen: int
    changed: int
    batches: int
    batch_size: int
    finished: bool


def reached(connection: Connection[Any], schema: str = SCHEMA) -> list[Reached]:
    """Return every data migration that was ever begun, without its keys; reads only, for any role.

    None was begun where the bookkeeping was never made.
    """
    if not _is_there(connection, schema):
        return []
    # Whoever may not read the rows of the tables may not read their keys here either.
    query = SELECT.replace("last_key, end_key", "NULL, NULL") + " ORDER BY migration_id"
    return [_reached(row) for row in connection.execute(_named(query, schema)).fetchall()]


def begin(
    connection: Connection[Any], backfill: Backfill, key: Key, schema: str = SCHEMA
) -> Reached:
    """Return where a data migration goes on, or note that it begins: its end is the last row of this moment.

    Raises BackfillError where it was begun with another text.
    """
    with connection.transaction():
        known = _row(connection, backfill.id, schema)
        if known is None:
            end = key.end(connection)
            connection.execute(
                _named(
                    "INSERT INTO {schema}.backfills"
                    " (migration_id, checksum, end_key, rows_estimated, batch_size)"
                    " VALUES (%s, %s, %s::text[], %s, %s)",
                    schema,
                ),
                [
                    backfill.id,
                    backfill.checksum,
                    list(end) if end else None,
                    _estimate(connection, key),
                    backfill.first_size,
                ],
            )
            known = _row(connection, backfill.id, schema)
    if known is None:
        raise BackfillError(f"{backfill.id}: its place was taken away while it began: run it again")
    if known.checksum != backfill.checksum:
        backfill.fail(
            f"was edited after {known.batches} batches: restore it, or begin again from the first"
            f" row with `slimy migrate backfill {backfill.id} --again`"
        )
    return known


def locked(connection: Connection[Any], name: str, schema: str = SCHEMA) -> Reached:
    """Return the place with its row locked until the transaction's end: whoever else would go on from it waits.

    Raises BackfillError where it is gone.
    """
    known = _row(connection, name, schema, "FOR UPDATE")
    if known is None:
        raise BackfillError(f"{name}: its place is gone: somebody began it again or undid it")
    return known


def advance(
    connection: Connection[Any],
    place: Reached,
    chunk: Chunk,
    *,
    changed: int,
    batch_size: int,
    schema: str = SCHEMA,
) -> Reached:
    """Note a batch, in the transaction that did it, and return the new place."""
    connection.execute(
        _named(
            "UPDATE {schema}.backfills SET last_key = %s::text[], rows_seen = rows_seen + %s,"
            " rows_changed = rows_changed + %s, batches = batches + 1, batch_size = %s,"
            " reached_at = clock_timestamp() WHERE migration_id = %s",
            schema,
        ),
        [list(chunk.last), chunk.rows, changed, batch_size, place.id],
    )
    return replace(
        place,
        last=chunk.last,
        seen=place.seen + chunk.rows,
        changed=place.changed + changed,
        batches=place.batches + 1,
        batch_size=batch_size,
    )


def finish(connection: Connection[Any], name: str, schema: str = SCHEMA) -> None:
    """Note that nothing is left to do, in the transaction that records the migration as applied."""
    connection.execute(
        _named(
            "UPDATE {schema}.backfills SET finished_at = clock_timestamp() WHERE migration_id = %s",
            schema,
        ),
        [name],
    )


def restart(connection: Connection[Any], name: str, schema: str = SCHEMA) -> None:
    """Let a data migration begin at the first row again; nothing of what it did is undone."""
    if _is_there(connection, schema):
        connection.execute(
            _named("DELETE FROM {schema}.backfills WHERE migration_id = %s", schema), [name]
        )


def forgotten(name: str, schema: str = SCHEMA) -> sql.Composable:
    """Return what takes away the places that mean nothing once a migration is undone: its own, and those under way.

    What is under way comes after whatever is applied: it would go on in tables that were made anew.
    """
    query = "DELETE FROM {schema}.backfills WHERE migration_id = {name} OR finished_at IS NULL"
    return _named(query, schema, name=sql.Literal(name))


def _is_there(connection: Connection[Any], schema: str) -> bool:
    name = sql.Identifier(schema, "backfills").as_string(connection)
    return ask(connection, "SELECT to_regclass($1)", [name])[0] is not None


def _row(connection: Connection[Any], name: str, schema: str, lock: str = "") -> Reached | None:
    query = f"{SELECT} WHERE migration_id = %s {lock}"
    row = connection.execute(_named(query, schema), [name]).fetchone()
    return None if row is None else _reached(row)


def _reached(row: Any) -> Reached:
    name, checksum, last, end, *figures = row
    return Reached(
        name, checksum, tuple(last) if last else None, tuple(end) if end else None, *figures
    )


def _estimate(connection: Connection[Any], key: Key) -> int:
    """Return the planner's guess of the rows in a table, which it has for tables that were never analysed too."""
    [plan] = ask(connection, f"EXPLAIN (FORMAT JSON) SELECT FROM {key.table}")
    return int(plan[0]["Plan"]["Plan Rows"])


def _named(query: str, schema: str, **parts: sql.Composable) -> sql.Composed:
    # Its parts are this module's own: psycopg asks for literals, and these are put together from some.
    return sql.SQL(cast("Any", query)).format(schema=sql.Identifier(schema), **parts)
