"""What a statement does to a schema, in words that rules are written in: no rule knows the parser's tree."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Act", "Statement"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a statement does; ALTER TABLE and CREATE TABLE do several.

    `does` is the verb (`add_column`, `create_index`); `on` the table it concerns and `name` the
    thing itself, both without the schema `public`; `to` a second table, a new name or a type;
    `marks` are what else is said (`concurrently`, `not_valid`); `calls` the functions that an
    expression calls; `columns` the columns it speaks of; `text` a body or a value; of a CHECK the columns
    it looks at, while its `columns` are those it proves to be not null.
    """

    does: str
    at: int
    on: str = ""
    name: str = ""
    to: str = ""
    columns: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    calls: tuple[str, ...] = ()
    text: str = ""


@dataclass(slots=True)
class Statement:
    """A statement of a file: `start` and `end` are offsets, `begin` is where the comments before it begin.

    `base` is what the parser counts the statement's places from. `transaction` numbers the
    transactions of the file; it is None where the statement runs outside of any.
    """

    text: str
    start: int
    end: int
    begin: int
    line: int
    base: int = 0
    node: Any = None
    acts: tuple[Act, ...] = ()
    transaction: int | None = field(default=0)
