"""Reads off an analysed statement what PostgreSQL will ask its role for: columns, rows to delete, functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from slimy_dal.compiler.nodetree import Node, walk

__all__ = ["ANY", "Right", "functions", "rights"]

INSERT, SELECT, UPDATE, DELETE = 1, 2, 4, 8
FIRST_ATTRIBUTE: Final = -7
"""Bit n of a set of columns stands for attribute n - 7: system columns have negative numbers."""

ANY: Final = 100_000
"""Stands for one column, no matter which: a row is counted, or locked."""

BY_COLUMN = {"SELECT": (SELECT, "selectedCols"), "INSERT": (INSERT, "insertedCols")} | {
    "UPDATE": (UPDATE, "updatedCols")
}
CALLS = ("funcid", "opfuncid", "aggfnoid", "winfnoid")


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """A privilege on a relation or on one of its columns; 0 is the whole row, ANY one column or another."""

    relation: int
    privilege: str
    column: int = 0


def rights(statement: Any) -> Iterator[Right]:
    """Yield what a statement, with the queries inside it, needs of the relations it names.

    What views read, they read by the right of their owner.
    """
    for node in walk(statement):
        if node.kind == "QUERY":
            for entry in _entries(node):
                yield from _of(entry)


def functions(statement: Any) -> Iterator[int]:
    """Yield the functions that a statement calls, by their numbers."""
    for node in walk(statement):
        for field in CALLS:
            number = node.get(field)
            if isinstance(number, int) and number:
                yield number


def _entries(query: Node) -> list[Node]:
    """Return where rights are noted: before 16 in the range table, since then beside it."""
    beside: list[Node] | None = query.get("rteperminfos")
    if beside is not None:
        return beside
    every: list[Node] = query["rtable"] or []
    return [entry for entry in every if "requiredPerms" in entry.fields and entry.get("relid")]


def _of(entry: Node) -> Iterator[Right]:
    relation, wanted = entry["relid"], entry["requiredPerms"]
    if wanted & DELETE:
        yield Right(relation, "DELETE")
    for privilege, (bit, field) in BY_COLUMN.items():
        if not wanted & bit:
            continue
        columns = [number + FIRST_ATTRIBUTE for number in entry[field] or ()]
        for column in columns:
            yield Right(relation, privilege, column)
        if not columns:
            yield Right(relation, privilege, ANY)
