"""What the client's generated types are made of: ids, JSON, answers with their tags, and pages."""

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

Snowflake: TypeAlias = int
"""A Discord id: an `int` here, a string in JSON, because JavaScript cannot hold it."""

Json: TypeAlias = Any
"""Any JSON value: dict, list, str, int, float, bool or None."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, dict=True, rename="camel"):
    """What a call answers with, and what its headers say beside it."""

    @property
    def etag(self) -> str | None:
        """The version this is, to send back as `if_match`; None where it is a part of an answer."""
        return self._told("ETag")

    def _told(self, header: str) -> str | None:
        headers: Mapping[str, str] = self.__dict__.get("headers", {})
        return headers.get(header)


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What stands inside an answer."""


class Sent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What stands in the body of a call; a field that is UNSET is left out."""


class Page(Answer, Generic[T], frozen=True, kw_only=True):
    """One page of a list; a cursor is None where there is no such page."""

    data: list[T]
    next_cursor: str | None
    prev_cursor: str | None

    @property
    def total(self) -> int | None:
        """The length of the whole list, where `count` asked for it."""
        total = self._told("X-Total-Count")
        return None if total is None else int(total)

    @property
    def total_is(self) -> str | None:
        """What `total` is: exact, at-least, or estimate."""
        return self._told("X-Total-Count-Is")
