"""Versions: a change that is only wanted of what the caller has read, decided by the statement that changes it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeVar

from slimy_dal.engine.errors import StaleVersion
from slimy_dal.engine.rows import found
from slimy_dal.engine.types import UNSET, Unset

__all__ = ["UNSTORED", "asked", "changed", "raise_stale"]

T = TypeVar("T")

UNSTORED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The version of what is not stored, because all of it is as it was in the beginning."""


def asked(version: datetime | Unset) -> datetime | None:
    """Return a version as queries take it: None for any."""
    return None if version is UNSET else version


async def changed(
    row: T | None, noun: str, version: datetime | Unset, read: Callable[[], Awaitable[Any]]
) -> T:
    """Return the row that was changed. Raises NotFound, or StaleVersion where it is there in another version.

    `read` looks for it again, and raises NotFound where there is none: only who asked for a version pays for that.
    """
    if row is None and version is not UNSET:
        await read()
        raise_stale()
    return found(row, noun)


def raise_stale() -> NoReturn:
    """Raise StaleVersion."""
    raise StaleVersion("it was changed since it was read: read it again, and decide anew")
