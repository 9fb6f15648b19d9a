"""The only place that makes time-ordered keys on this side of the wire: for rows whose time is not now."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

__all__ = ["uuids_v7"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
VARIANT: Final = 0b10 << 62
MOST: Final = 1 << 20
"""How many keys of one call can be told apart by their place in it."""


def uuids_v7(times: Sequence[datetime]) -> list[UUID]:
    """Return a key (RFC 9562 version 7) for each time; keys sort by time, and of equal times by place.

    They are laid out like the database's own: milliseconds, then the microseconds within them scaled to 12 bits, so
    that both kinds sort together. Raises ValueError for times before 1970 and for more than 2**20 of them.
    """
    if len(times) > MOST:
        raise ValueError(f"{len(times)} keys at once are more than {MOST}")
    # Chance is drawn at once, and a time that stands there again is not taken apart again: an
    # import's keys are made in a third of the time.
    chances = memoryview(secrets.token_bytes(8 * len(times))).cast("Q")
    last, high = EPOCH, _high(EPOCH)
    keys = []
    for place, (time, chance) in enumerate(zip(times, chances, strict=True)):
        if time is not last:
            last, high = time, _high(time)
        keys.append(UUID(int=high | VARIANT | place << 42 | chance >> 22))
    return keys


def _high(time: datetime) -> int:
    """Return the upper half of a time's key, with its version, in its place."""
    microseconds = (time - EPOCH) // MICROSECOND
    if microseconds < 0:
        raise ValueError("a key cannot be made for a time before 1970")
    milliseconds, rest = divmod(microseconds, 1000)
    return (milliseconds << 16 | 0x7000 | rest * 4096 // 1000) << 64
