"""Statistics: what happened, with a value; recorded one by one or many at once, and totalled (SPEC D7)."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, which asyncio.timeout cannot replace

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, cast
from uuid import UUID

import msgspec

from slimy_dal.domain.periods import Bucket, bucket_grain, limits, period_grain
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Json, Page, Unset
from slimy_dal.queries import stats as queries
from slimy_dal.queries.stats import CopyManyItem, Stat, TimeBucket, TypeTotal
from slimy_dal.queries.stats import ListNewestFilter as StatFilter
from slimy_dal.queries.stats import ListNewestSort as StatSort

__all__ = [
    "MAX_ENTRIES",
    "NewStat",
    "Stat",
    "StatFilter",
    "StatSort",
    "Stats",
    "TimeBucket",
    "TypeTotal",
]

MAX_ENTRIES: Final = 10_000
FOLD_BATCH: Final = 10_000
EVERYTHING: Final = StatFilter()


class NewStat(msgspec.Struct, frozen=True, gc=False):
    """One statistic to record; without a timestamp, now."""

    type: str
    value: Json
    user_id: UUID | None = None
    guild_id: int | None = None
    timestamp: datetime | None = None


class Stats:
    """Everything about statistics, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def record(
        self,
        type: str,
        value: Json,
        *,
        user_id: UUID | None = None,
        guild_id: int | None = None,
        timestamp: datetime | None = None,
    ) -> Stat:
        """Record one statistic, by the database's clock where no timestamp is given.

        Raises CheckViolated (type, value), InvalidReference (user_id, guild_id), MissingPartition (timestamp).
        """
        return await queries.record(
            self._executor,
            recorded_at=timestamp,
            user_id=user_id,
            guild_id=guild_id,
            type=type,
            value_=value,
        )

    async def record_many(self, entries: Sequence[NewStat]) -> int:
        """Record up to 10,000 statistics in one statement, all or none, and return their number.

        Raises InvalidValue (entries), and what `record` does.
        """
        if len(entries) > MAX_ENTRIES:
            problem = f"holds more than {MAX_ENTRIES} entries: copy_many takes any number"
            raise InvalidValue("entries", problem)
        return await queries.record_many(
            self._executor,
            # Elements may be NULL, which the types of arrays do not say.
            recorded_ats=cast("list[datetime]", [entry.timestamp for entry in entries]),
            user_ids=cast("list[UUID]", [entry.user_id for entry in entries]),
            guild_ids=cast("list[int]", [entry.guild_id for entry in entries]),
            types=[entry.type for entry in entries],
            stat_values=[entry.value for entry in entries],
        )

    async def copy_many(self, entries: Iterable[NewStat], *, timeout: float | None = None) -> int:
        """Record any number of statistics by COPY, all or none, and return their number.

        The faster way for thousands. Those without a timestamp get this call's moment by the caller's clock. Raises
        what `record` does.
        """
        now = datetime.now(UTC)
        items = (
            CopyManyItem(
                entry.timestamp or now, entry.user_id, entry.guild_id, entry.type, entry.value
            )
            for entry in entries
        )
        return await queries.copy_many(self._executor, items, timeout=timeout)

    async def list(
        self,
        filter: StatFilter = EVERYTHING,
        *,
        since: datetime | Unset = UNSET,
        until: datetime | Unset = UNSET,
        sort: StatSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Stat]:
        """Return one page of statistics from `since` to before `until`: of a user, a guild, a type, or of all.

        Raises InvalidValue (limit, sort, cursor).
        """
        first, last = limits(since, until)
        return await queries.list_newest(
            self._executor,
            self._cursors,
            since=first,
            until=last,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def totals_by_type(
        self,
        since: datetime,
        until: datetime,
        *,
        guild_id: int | None = None,
        user_id: UUID | None = None,
    ) -> Sequence[TypeTotal]:
        """Return what was recorded from `since` to before `until`, by type: of all, of one guild or of one user.

        Each has the number of entries and of those with numeric values, and the total, average, lowest and highest of
        these. Exact to the last commit. Raises InvalidValue where an end of the period is not a whole hour (UTC).
        """
        period_grain(since, until)
        if _scope(guild_id, user_id) == "user":
            return await queries.total_user_by_type(
                self._executor, user_id=cast("UUID", user_id), since=since, until=until
            )
        if guild_id is not None:
            return await queries.total_guild_by_type(
                self._executor, guild_id=guild_id, since=since, until=until
            )
        return await queries.total_by_type(self._executor, since=since, until=until)

    async def totals_by_time(
        self,
        type: str,
        bucket: Bucket,
        since: datetime,
        until: datetime,
        *,
        guild_id: int | None = None,
        user_id: UUID | None = None,
    ) -> Sequence[TimeBucket]:
        """Return what was recorded of a type, in buckets of an hour, day, week (from Monday) or month, UTC.

        Buckets in which nothing was recorded are left out. As `totals_by_type` otherwise; raises InvalidValue (bucket)
        too, and where there would be more than 10,000 buckets.
        """
        grain = bucket_grain(bucket, since, until)
        if _scope(guild_id, user_id) == "user":
            return await queries.total_user_by_time(
                self._executor,
                bucket=bucket,
                user_id=cast("UUID", user_id),
                since=since,
                until=until,
                type=type,
            )
        if guild_id is not None:
            return await queries.total_guild_by_time(
                self._executor,
                bucket=bucket,
                guild_id=guild_id,
                grain=grain,
                since=since,
                until=until,
                type=type,
            )
        return await queries.total_by_time(
            self._executor, bucket=bucket, grain=grain, since=since, until=until, type=type
        )

    async def fold(self) -> int:
        """Move one batch of what was recorded into the totals, and return how many deltas it was; 0 when none is left.

        For a schedule: totals are right without it, and slower the longer it does not run.
        """
        return await queries.fold(self._executor, batch_size=FOLD_BATCH)


def _scope(guild_id: int | None, user_id: UUID | None) -> str:
    if guild_id is not None and user_id is not None:
        raise InvalidValue("user_id", "is given with guild_id: totals are of one of them")
    return "user" if user_id is not None else "guild" if guild_id is not None else "all"
