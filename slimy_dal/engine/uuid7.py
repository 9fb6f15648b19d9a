"""The only place that makes time-ordered keys on this side of the wire: for rows whose time is not now."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

__all__ = ["uuids_v7"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MOST: Final = 1 << 20
"""How many keys of one call can be told apart by their place in it."""


def uuids_v7(times: Sequence[datetime]) -> list[UUID]:
    """Return a key (RFC 9562 version 7) for each time; keys sort by time, and of equal times by place.

    They are laid out like the database's own: milliseconds, then the microseconds within them scaled to 12 bits, so
    that both kinds sort together. Raises ValueError for times before 1970 and for more than 2**20 of them.
    """
    if len(times) > MOST:
        raise ValueError(f"{len(times)} keys at once are more than {MOST}")
    return [_uuid_v7((time - EPOCH) // MICROSECOND, place) for place, time in enumerate(times)]


def _uuid_v7(microseconds: int, place: int) -> UUID:
    if microseconds < 0:
        raise ValueError("a key cannot be made for a time before 1970")
    milliseconds, rest = divmod(microseconds, 1000)
    high = milliseconds << 16 | 0x7000 | rest * 4096 // 1000
    low = 0b10 << 62 | place << 42 | secrets.randbits(42)
    return UUID(int=high << 64 | low)
