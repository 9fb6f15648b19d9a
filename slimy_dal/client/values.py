"""What the client's generated types are made of: ids, JSON, answers with their tags, and pages."""

from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")

Snowflake: TypeAlias = int
"""A Discord id: an `int` here, a string in JSON, because JavaScript cannot hold it."""

Json: TypeAlias = Any
"""Any JSON value: dict, list, str, int, float, bool or None."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, dict=True, rename="camel"):
    """What a call answers with, and its entity tag beside it."""

    @property
    def etag(self) -> str | None:
        """The version this is, to send back as `if_match`; None where it is a part of an answer."""
        tag: str | None = self.__dict__.get("etag")
        return tag


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What stands inside an answer."""


class Sent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What stands in the body of a call; a field that is UNSET is left out."""


class Page(Answer, Generic[T], frozen=True, kw_only=True):
    """One page of a list; a cursor is None where there is no such page."""

    data: list[T]
    next_cursor: str | None
    prev_cursor: str | None
