"""Unique indexes and the equality operators that they are unique by, as the compiler sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slimy_dal.compiler.nodetree import Node, parse

__all__ = ["DEFAULT", "IndexKey", "UniqueIndex", "families_of", "unique_index"]

DEFAULT = 0
"""Stands among families for the one that a type uses where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column by number, or an expression over the columns of a row."""

    column: int
    expression: Node | None
    family: int
    is_default: bool
    collation: int


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index; `immediate` says that it proves something at any moment of a transaction."""

    name: str
    keys: tuple[IndexKey, ...]
    predicate: Node | None
    immediate: bool
    null_is_a_value: bool

    def trees(self) -> Iterator[Node]:
        """Yield the expressions that the index is made of."""
        yield from (key.expression for key in self.keys if key.expression is not None)
        if self.predicate is not None:
            yield self.predicate


def unique_index(row: Any) -> UniqueIndex:
    """Return the index of a row of the catalogue query `unique_indexes`."""
    expressions = iter(parse(row["expressions"]) if row["expressions"] else ())
    keys = tuple(
        IndexKey(column, None if column else next(expressions), family, is_default, collation)
        for column, family, is_default, collation in zip(
            row["columns"], row["families"], row["defaults"], row["collations"], strict=True
        )
    )
    return UniqueIndex(
        row["name"],
        keys,
        parse(row["predicate"]) if row["predicate"] else None,
        row["is_immediate"],
        row["is_null_a_value"],
    )


def families_of(row: Any) -> frozenset[int]:
    """Return the families in which an operator of the catalogue query `operators` is the equality."""
    return frozenset(row["families"]) | ({DEFAULT} if row["is_default"] else frozenset())
