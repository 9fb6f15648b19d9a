"""Tries out, as every role, every column of every table and all else that somebody might try."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from slimy_dal.schema.connecting import Connection
from slimy_dal.schema.roles.actions import ACTIONS, IN_EACH_TABLE, ROLES, Action, Seat

__all__ = ["BY_COLUMN", "Grid", "Undecided", "try_all"]

TABLES = """
SELECT
    c.oid::regclass::text,
    array_agg(quote_ident(a.attname) ORDER BY a.attnum),
    array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum),
    array_agg(a.attgenerated != '' OR a.attidentity = 'a' ORDER BY a.attnum)
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'slimy'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.oid
ORDER BY c.relname
"""
MONTH = "SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relispartition AND c.relkind = 'r' LIMIT 1"
ROWS = """
INSERT INTO slimy.audit_logs (action, resource_type) VALUES ('guild.create', 'guild');
INSERT INTO slimy.stats (type, value) VALUES ('a', '1');
"""
TRIGGER = "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
"""PostgreSQL's own, so that nothing but the right to the table is asked for."""
BY_COLUMN: Mapping[str, str] = {
    "SELECT": "SELECT {column} FROM {table} LIMIT 0",
    "INSERT": "INSERT INTO {table} ({column}) SELECT NULL::{type} WHERE FALSE",
    "UPDATE": "UPDATE {table} SET {column} = DEFAULT WHERE FALSE",
}
DELETE = "DELETE FROM {table} WHERE FALSE"
REFUSED = "42501"


class Undecided(Exception):
    """A statement failed for another reason than for want of a right; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What was tried: columns by (role, table, privilege), the rest by (role, what it is called[, table])."""

    columns: dict[tuple[str, str, str], tuple[str, ...]]
    """The columns that the role may read, insert or update."""
    all_columns: dict[tuple[str, str], tuple[str, ...]]
    """The columns there are to read, insert or update, by (table, privilege)."""
    deletes: dict[tuple[str, str], bool]
    tables: dict[tuple[str, str, str], bool]
    others: dict[tuple[str, str], bool]

    @property
    def count(self) -> int:
        """How many statements were run."""
        tried = len(ROLES) * sum(len(names) for names in self.all_columns.values())
        return tried + len(self.deletes) + len(self.tables) + len(self.others)


def try_all(dsn: str) -> Grid:
    """Try everything on a migrated, empty database of a server that is there for this, as its superuser.

    Logins are made and dropped; nothing else stays. Raises Undecided.
    """
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(ROWS)
        names = {
            "month": _one(admin, MONTH),
            "superuser": _one(admin, "SELECT quote_ident(current_user)"),
            "database": _one(admin, "SELECT quote_ident(current_database())"),
            "other": str(admin.info.backend_pid),
            "trigger": TRIGGER,
        }
        made = Grid({}, {}, {}, {}, {})
        tables = admin.execute(TABLES).fetchall()
        for seat in ROLES:
            with _signed_in(admin, dsn, seat) as connection:
                _try(connection, seat.role, made, tables, names)
    return made


def _one(connection: Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


@contextmanager
def _signed_in(admin: Connection, dsn: str, seat: Seat) -> Iterator[Connection]:
    login = sql.Identifier(f"tries_{seat.role}")
    admin.execute(
        sql.SQL("CREATE ROLE {} LOGIN IN ROLE {}").format(login, sql.Identifier(seat.through))
    )
    try:
        address = make_conninfo(dsn, user=f"tries_{seat.role}")
        with psycopg.connect(address, autocommit=True) as connection:
            if seat.becomes:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(seat.role)))
            yield connection
    finally:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(login))
        admin.execute(sql.SQL("DROP ROLE {}").format(login))


def _try(
    connection: Connection,
    role: str,
    made: Grid,
    tables: Sequence[tuple[str, list[str], list[str], list[bool]]],
    names: Mapping[str, str],
) -> None:
    for table, found, types, made_up in tables:
        for privilege, text in BY_COLUMN.items():
            there = [
                (column, kind)
                for column, kind, always in zip(found, types, made_up, strict=True)
                if privilege == "SELECT" or not always
            ]
            made.all_columns[table, privilege] = tuple(column for column, _ in there)
            made.columns[role, table, privilege] = tuple(
                column
                for column, kind in there
                if _may(connection, text.format(table=table, column=column, type=kind), alone=True)
            )
        made.deletes[role, table] = _may(connection, DELETE.format(table=table), alone=True)
        for action in IN_EACH_TABLE:
            told = {**names, "table": table}
            made.tables[role, table, action.words] = _does(connection, action, told)
    for action in ACTIONS:
        words = action.words.format_map(names)
        made.others[role, words] = _does(connection, action, names)


def _does(connection: Connection, action: Action, names: Mapping[str, str]) -> bool:
    return _may(
        connection,
        action.sql.format_map(names),
        action.took.format_map(names),
        alone=action.alone,
    )


def _may(connection: Connection, text: str, took: str = "", *, alone: bool = False) -> bool:
    """Say whether a statement is let through, and has done what it is for. Raises Undecided.

    `alone`, it has no transaction that would be rolled back: it does nothing, or cannot have one.
    """
    try:
        if alone:
            connection.execute(text.encode())
            return True
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
            return not took or _one(connection, took) == "True"
    except psycopg.Error as error:
        if error.sqlstate == REFUSED:
            return False
        raise Undecided(f"{text}: {error}") from error
