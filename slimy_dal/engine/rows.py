"""The only place that turns rows into answers: one that must be there, and a page cut from one row too many."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from slimy_dal.engine.errors import InvalidValue, NotFound
from slimy_dal.engine.types import Page

MAX_LIMIT = 200

T = TypeVar("T")


def found(row: T | None, noun: str) -> T:
    """Return the row. Raises NotFound, naming what was looked for, when there is none."""
    if row is None:
        raise NotFound(f"there is no such {noun}")
    return row


def checked_limit(limit: int) -> int:
    """Return how many rows to ask for: one more than the page, to see whether another follows.

    Raises InvalidValue(field="limit") outside 1 to 200.
    """
    if type(limit) is not int or not 1 <= limit <= MAX_LIMIT:
        raise InvalidValue("limit", f"is not between 1 and {MAX_LIMIT}")
    return limit + 1


def cut(rows: Sequence[T], limit: int, cursor: Callable[[T], str]) -> Page[T]:
    """Return the page of at most `limit` rows; `cursor` makes the mark of its last one when more follow."""
    items = list(rows[:limit])
    return Page(items, next_cursor=cursor(items[-1]) if len(rows) > limit else None)
