"""Puts a few made-up rows into every table of any schema, so that what a rollback loses shows."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

import psycopg

from slimy_dal.schema.catalog.things import Snapshot, Thing
from slimy_dal.schema.roundtrip.prints import Print
from slimy_dal.schema.roundtrip.values import Values

__all__ = ["Rows"]

ROWS = 3
ATTEMPTS = 30
"""How often a row that the server refuses is made anew, with other values where it was refused."""

CHECK = re.compile(r"^CHECK \((.*)\)( NO INHERIT| NOT VALID| NOT ENFORCED)*$", re.DOTALL)
NULLS = 0.3
"""How often a column that may be NULL is, in a row that was refused."""

Row: TypeAlias = dict[str, str | None]


class Rows:
    """Makes rows for one schema after the other; a table that took none is tried again when it has changed."""

    def __init__(self) -> None:
        self.values = Values()
        self.tried: set[tuple[object, ...]] = set()

    def fill(
        self, connection: psycopg.Connection[Any], schema: Snapshot, prints: dict[str, Print]
    ) -> dict[str, str]:
        """Insert rows into tables that have none, or a column without a value; `prints` say which.

        Return the tables that stayed without rows, with the server's reason. A table refuses what its triggers, or
        checks over several columns, do not let through: what is tried are values that its own checks name, and common
        ones.
        """
        self.values.look_at(connection, schema)
        parts = {
            kind: _by_parent(schema.of(kind)) for kind in ("columns", "constraints", "triggers")
        }
        refused: dict[str, str] = {}
        for table in _in_order(schema):
            found = prints.get(table.name)
            columns = [one for one in parts["columns"][table.name] if _is_given(one)]
            if found is None or _is_full(table, found, columns):
                continue
            constraints = parts["constraints"][table.name]
            mark = (table.name, found.rows == 0, *columns, *constraints)
            mark = tuple(str(one) for one in (*mark, *parts["triggers"][table.name]))
            if found.rows and mark in self.tried:
                continue
            self.tried.add(mark)
            reason = _Filler(
                connection,
                schema,
                table,
                columns=columns,
                constraints=constraints,
                values=self.values,
            ).insert()
            if reason is not None and not found.rows:
                refused[table.name] = reason
        return refused


def _by_parent(things: Iterable[Thing]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        found[str(thing.parent)].append(thing)
    return found


def _is_given(column: Thing) -> bool:
    return not column.facts["generated"] and column.facts["identity"] != "ALWAYS"


def _is_full(table: Thing, found: Print, columns: list[Thing]) -> bool:
    names = [column.name.removeprefix(f"{table.name}.") for column in columns]
    return found.rows > 0 and all(found.columns.get(name) is not None for name in names)


def _in_order(schema: Snapshot) -> list[Thing]:
    """Return the tables, those that others point at first; in a circle any goes first."""
    pointed: dict[str, set[str]] = defaultdict(set)
    for key in schema.of("constraints"):
        if key.facts["what"] == "foreign key" and key.facts["points_at"] != key.parent:
            pointed[str(key.parent)].add(key.text("points_at"))
    ordered: list[Thing] = []
    waiting = list(schema.of("tables"))
    while waiting:
        names = {table.name for table in waiting}
        ready = [table for table in waiting if not pointed[table.name] & names] or waiting[:1]
        ordered += ready
        waiting = [table for table in waiting if table not in ready]
    return ordered


class _Filler:
    """One table's rows."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        schema: Snapshot,
        table: Thing,
        *,
        columns: list[Thing],
        constraints: list[Thing],
        values: Values,
    ) -> None:
        self.connection = connection
        self.table = table
        self.values = values
        self.columns = {column.name.removeprefix(f"{table.name}."): column for column in columns}
        self.constraints = {one.text("own_name").strip('"'): one for one in constraints}
        self.checks: dict[str, list[str]] = {name: [] for name in self.columns}
        for one in constraints:
            written = CHECK.match(one.text("definition"))
            if (
                written
                and len(one.texts("own_columns")) == 1
                and one.texts("own_columns")[0] in self.checks
            ):
                self.checks[one.texts("own_columns")[0]].append(written[1])
        # A key of several columns first: what it takes is not to be taken from elsewhere.
        keys = [one for one in constraints if one.facts["what"] == "foreign key"]
        self.keys = sorted(keys, key=lambda one: -len(one.texts("own_columns")))
        self.bounds = [
            part.text("partition_bound")
            for part in schema.of("tables")
            if part.facts["partition_of"] == table.name
        ]
        self.pointing = {name for key in self.keys for name in key.texts("own_columns")}
        self.pointed: dict[str, list[tuple[str, ...]]] = {}

    def insert(self) -> str | None:
        """Insert the rows; return why none was taken."""
        reasons = [self._one() for _ in range(ROWS)]
        return None if None in reasons else reasons[0]

    def _one(self) -> str | None:
        row: Row = {name: self._value(name) for name in self.columns}
        for key in self.keys:
            self._point(key, row)
        reason = "no row was tried"
        for attempt in range(ATTEMPTS):
            try:
                with self.connection.transaction():
                    self._send(row)
            except psycopg.Error as error:
                reason = error.diag.message_primary or str(error)
                self._change(row, error, attempt)
            else:
                return None
        return reason

    def _send(self, row: Row) -> None:
        given = {name: value for name, value in row.items() if value is not None}
        names = ", ".join(given)
        marks = ", ".join(f"%s::text::{self.columns[name].text('type')}" for name in given)
        values = f"({names}) VALUES ({marks})" if given else "DEFAULT VALUES"
        statement = f"INSERT INTO {self.table.name} {values}"
        self.connection.execute(statement.encode(), list(given.values()))

    def _value(self, name: str) -> str | None:
        return self.values.pick(self.columns[name], self.checks[name], self.bounds)

    def _point(self, key: Thing, row: Row) -> None:
        """Take a foreign key's values from a row that it may point at; none where it may be NULL."""
        theirs = key.texts("their_columns")
        if key.name not in self.pointed:
            select = ", ".join(f"{name}::text" for name in theirs)
            # Without the server's word on it rows come as they were put in: the same ones each time.
            found = self.connection.execute(
                f"SELECT {select} FROM {key.text('points_at')} LIMIT 20".encode()  # noqa: S608 -- its own names
            ).fetchall()
            self.pointed[key.name] = found
        rows = self.pointed[key.name]
        chosen = self.values.random.choice(rows) if rows else (None,) * len(theirs)
        for name, value in zip(key.texts("own_columns"), chosen, strict=True):
            if name in row:
                row[name] = value

    def _change(self, row: Row, error: psycopg.Error, attempt: int) -> None:
        """Give the columns that a constraint is about other values, or NULL now and then where they may be."""
        constraint = self.constraints.get(error.diag.constraint_name or "")
        named = constraint.texts("own_columns") if constraint else ()
        names = [name for name in named if name in row] or list(row)
        for name in names:
            if self.values.random.random() < NULLS and not self.columns[name].facts["not_null"]:
                row[name] = None
            elif name not in self.pointing:
                row[name] = self._value(name)
        for key in self.keys:
            if set(key.texts("own_columns")) & set(names) and not (
                attempt % 3 == 0 and self._may_be_null(key)
            ):
                self._point(key, row)

    def _may_be_null(self, key: Thing) -> bool:
        return any(
            name in self.columns and not self.columns[name].facts["not_null"]
            for name in key.texts("own_columns")
        )
