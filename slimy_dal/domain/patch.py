"""What a change of some fields hands to a query: absent is not null, and null is not for every field."""

from typing import TypeVar

from slimy_dal.engine.errors import MissingValue
from slimy_dal.engine.types import UNSET, Unset

__all__ = ["given", "required"]

T = TypeVar("T")


def required(field: str, value: T | Unset) -> T | None:
    """Return the value of a field that always has one, None where it is absent. Raises MissingValue for None."""
    if value is None:
        raise MissingValue(field, "may not be null: leave it out to keep it")
    return None if isinstance(value, Unset) else value


def given(value: T | Unset | None) -> T | None:
    """Return the value of a field that may be null, None where it is absent; the query's flag tells them apart."""
    return None if value is UNSET else value
