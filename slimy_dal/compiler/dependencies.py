"""Answers which queries depend on a table, a column, a view or a function, from the generated modules' data."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from slimy_dal.compiler.query import Query

__all__ = ["Dependencies", "UnknownName", "dependencies", "depending", "to_json"]

Names = tuple[str, ...]
Uses = Sequence[tuple[str, str, str, str, bool, Names, Names]]
"""USES of a generated module: schema, table, column, type, not null, readers and writers."""
Touches = Sequence[tuple[str, str, str, Names, Names, Names]]
"""TOUCHES: schema, name, kind, and the queries that read or call it, write it, delete from it."""
Way = Literal["uses", "writes"]


class UnknownName(Exception):
    """No query depends on anything of that name; the message says which names are close."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        close = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]}?" if close else ""
        super().__init__(
            f"no query depends on {name}{hint} "
            "(written as schema.table, schema.table.column or schema.function)"
        )
        self.name = name


@dataclass(slots=True)
class Dependencies:
    """What one query depends on: names as `schema.table.column`, `schema.table`, `schema.function`.

    Deleting rows writes the whole table: all of its columns.
    """

    name: str
    file: str
    line: int
    shape: str
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    columns_read: set[str] = field(default_factory=set)
    columns_written: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)

    def is_by(self, way: Way, name: str) -> bool:
        """Say whether the query depends on a name, or writes it."""
        written = self.writes | self.deletes | self.columns_written
        deleted = any(name.startswith(f"{table}.") for table in self.deletes)
        if way == "writes":
            return name in written or deleted
        return name in written | self.reads | self.columns_read | self.functions

    def to_dict(self) -> dict[str, Any]:
        """Return the dependencies as JSON has them."""
        sets = ("reads", "writes", "deletes", "columns_read", "columns_written", "functions")
        place = {"name": self.name, "file": self.file, "line": self.line, "shape": self.shape}
        return {**place, **{name: sorted(getattr(self, name)) for name in sets}}


def dependencies(
    queries: Sequence[Query], uses: Mapping[str, Uses], touches: Mapping[str, Touches]
) -> list[Dependencies]:
    """Return what each query depends on, in the order of the files.

    `uses` and `touches` hold the data of the generated modules, by noun.
    """
    found = {
        query.full_name: Dependencies(query.full_name, query.path, query.line, query.shape)
        for query in queries
    }

    for noun, rows in uses.items():
        for schema, table, column, _, _, readers, writers in rows:
            name = f"{schema}.{table}.{column}"
            for one in _of(found, noun, readers):
                one.columns_read.add(name)
            for one in _of(found, noun, writers):
                one.columns_written.add(name)
    for noun, things in touches.items():
        _add_objects(found, noun, things)
    return list(found.values())


def _add_objects(found: Mapping[str, Dependencies], noun: str, things: Touches) -> None:
    for schema, bare, kind, readers, writers, deleters in things:
        name = f"{schema}.{bare}"
        for one in _of(found, noun, readers):
            (one.functions if kind == "function" else one.reads).add(name)
        for one in _of(found, noun, writers):
            one.writes.add(name)
        for one in _of(found, noun, deleters):
            one.deletes.add(name)


def _of(found: Mapping[str, Dependencies], noun: str, names: Names) -> Iterator[Dependencies]:
    return (found[full] for name in names if (full := f"{noun}.{name}") in found)


def depending(all_of_them: Sequence[Dependencies], way: Way, name: str) -> list[Dependencies]:
    """Return the queries that depend on a name, or write it.

    Raises UnknownName where no query has anything to do with it, so that a slip of the pen is not
    taken for a column that nobody uses.
    """
    known: set[str] = set()
    for one in all_of_them:
        known |= one.reads | one.writes | one.deletes | one.functions
        known |= one.columns_read | one.columns_written
    if name not in known:
        raise UnknownName(name, known)
    return [one for one in all_of_them if one.is_by(way, name)]


def to_json(some: Sequence[Dependencies]) -> str:
    """Return queries with what they depend on as JSON."""
    return json.dumps({"queries": [one.to_dict() for one in some]}, indent=2)
