"""Ids that follow from a time and a source of chance, so that they are the same every time."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

__all__ = ["key", "snowflake"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DISCORD_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MILLISECOND: Final = timedelta(milliseconds=1)


def key(time: datetime, randomness: Random) -> UUID:
    """Return a version 7 key of a time, laid out as the database lays out its own."""
    milliseconds, rest = divmod((time - EPOCH) // MICROSECOND, 1000)
    high = milliseconds << 16 | 0x7000 | rest * 4096 // 1000
    return UUID(int=high << 64 | 0b10 << 62 | randomness.getrandbits(62))


def snowflake(time: datetime, number: int) -> int:
    """Return the Discord id of the thing with a number that was made at a time; different for different numbers."""
    return ((time - DISCORD_EPOCH) // MILLISECOND << 22) + number
