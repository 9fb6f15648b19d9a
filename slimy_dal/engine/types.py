"""The Python names of values that cross the engine: ids, JSON, absent values and pages."""

from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET
from msgspec import UnsetType as Unset

# The driver's classes for values that Python has none for; generated code names them from here.
from slimy_dal.engine.driver import (
    BitString,
    Box,
    Circle,
    Line,
    LineSegment,
    Path,
    Point,
    Polygon,
    Range,
)

__all__ = [
    "UNSET",
    "BitString",
    "Box",
    "Circle",
    "Json",
    "Line",
    "LineSegment",
    "Page",
    "Path",
    "Point",
    "Polygon",
    "Range",
    "Snowflake",
    "Unset",
]

T = TypeVar("T")

Snowflake: TypeAlias = Annotated[int, "snowflake"]
"""A 64-bit id: an `int` in Python, a string in JSON, because JavaScript cannot hold it."""

Json: TypeAlias = Any
"""What a json or jsonb column holds: dict, list, str, int, float, bool or None."""


class Page(msgspec.Struct, Generic[T], frozen=True, rename="camel"):
    """One page of a list and the cursors to its neighbours, None where there are none."""

    items: list[T]
    next_cursor: str | None = None
    prev_cursor: str | None = None
