"""Changes what makes a table's rows until the database takes them, one refused CHECK after the other."""

from collections.abc import Mapping

import psycopg
from psycopg import errors as pg
from psycopg import sql

from slimy_dal.schema.trace import repairs
from slimy_dal.schema.trace.rows import Maker, RowMaker
from slimy_dal.schema.trace.watch import Connection

__all__ = ["Unfillable", "fit"]

TRIES = 40
"""CHECKs of one table that are repaired, one after the other."""

SAMPLES = (0, 1, 9, 10, 13, 22, 996)
"""Rows that are tried before all are made: the first ones, some with NULLs, some behind a round of references."""


class Unfillable(Exception):
    """No row can be made up for a table; the message says why."""


def fit(connection: Connection, made: RowMaker) -> None:
    """Change makers until the database takes what they make. Raises Unfillable."""
    repaired: set[str | None] = set()
    for _ in range(TRIES):
        refusal = _refusal(connection, made)
        if refusal is None:
            return
        name = refusal.diag.constraint_name
        if not isinstance(refusal, pg.CheckViolation) or name is None:
            raise Unfillable(refusal.diag.message_primary or str(refusal))
        repaired.add(name)
        if not _repair_one(connection, made, name, repaired):
            raise Unfillable(f"no made-up row satisfies {name}")
    raise Unfillable("its CHECKs contradict each other for made-up rows")


def _repair_one(
    connection: Connection, made: RowMaker, name: str, repaired: set[str | None]
) -> bool:
    """Change makers until one CHECK is satisfied, better without breaking one that was before."""
    before = made.columns
    second: dict[str, Maker] | None = None
    for change in repairs.candidates(connection, made, name):
        made.columns = {**before, **change}
        again = _refusal(connection, made)
        if again is None:
            return True
        broken = again.diag.constraint_name
        if isinstance(again, pg.CheckViolation) and broken != name:
            if broken not in repaired:
                return True
            second = second or made.columns
    made.columns = second or before
    return second is not None


def _refusal(connection: Connection, made: RowMaker) -> psycopg.Error | None:
    """Try a few rows, one by one, and return why one was refused."""
    for number in SAMPLES:
        row = made.row(number)
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(_insert(made, row), list(row.values()))
        except pg.UniqueViolation:
            continue
        except psycopg.Error as error:
            return error
    return None


def _insert(made: RowMaker, row: Mapping[str, str | None]) -> sql.Composed:
    return sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        sql.Identifier(*made.table.key),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() for _ in row),
    )
