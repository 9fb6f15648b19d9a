"""Periods that totals are asked of: whole hours of UTC, because totals are kept by the hour and by the day."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.types import UNSET, Unset

__all__ = ["Bucket", "Grain", "bucket_grain", "limits", "period_grain"]

Bucket = Literal["hour", "day", "week", "month"]
Grain = Literal["hour", "day"]

SHORTEST: Final[dict[Bucket, timedelta]] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=28),
}
MAX_BUCKETS: Final = 10_000


FIRST: Final = datetime(1, 1, 2, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 30, tzinfo=UTC)


def limits(since: datetime | Unset, until: datetime | Unset) -> tuple[datetime, datetime]:
    """Return both ends of a period, of which any may be left out.

    A list always compares its time with both: half as many statements to prove for each end, and none of them can
    be without.
    """
    return FIRST if since is UNSET else since, LAST if until is UNSET else until


def period_grain(since: datetime, until: datetime) -> Grain:
    """Return the coarsest totals that fit into the period exactly: those of days where both ends are midnights, UTC.

    Raises InvalidValue (since, until) for a time that is not a whole hour, and for an empty period.
    """
    midnights = [_is_midnight("since", since), _is_midnight("until", until)]
    if until <= since:
        raise InvalidValue("until", "is not later than since")
    return "day" if all(midnights) else "hour"


def bucket_grain(bucket: Bucket, since: datetime, until: datetime) -> Grain:
    """Return the totals that buckets are made of. Raises InvalidValue (bucket, since, until)."""
    if bucket not in get_args(Bucket):
        raise InvalidValue("bucket", f"is not one of {', '.join(get_args(Bucket))}")
    grain = period_grain(since, until)
    if (until - since) / SHORTEST[bucket] > MAX_BUCKETS:
        raise InvalidValue("until", f"makes more than {MAX_BUCKETS} buckets: take larger ones")
    return "hour" if bucket == "hour" else grain


def _is_midnight(field: str, moment: datetime) -> bool:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidValue(field, "is not a time with a time zone")
    at = moment.astimezone(UTC)
    if at.minute or at.second or at.microsecond:
        raise InvalidValue(field, "is not a whole hour (UTC): totals are kept by the hour")
    return at.hour == 0
