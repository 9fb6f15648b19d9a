"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Json, Page, Snowflake


_STATS_RECORD = Operation[shapes.Stat](
    "stats_record",
    "POST",
    "/v1/stats",
    shapes.Stat,
    texts=(("guildId",),),
)
_STATS_RECORD_MANY = Operation[shapes.RecordedStats](
    "stats_record_many",
    "POST",
    "/v1/stats:batch",
    shapes.RecordedStats,
    texts=(("stats", "*", "guildId"),),
)
_STATS_LIST_STATS = Operation[Page[shapes.Stat]](
    "stats_list_stats",
    "GET",
    "/v1/stats",
    Page[shapes.Stat],
)
_STATS_LIST_OF_GUILD = Operation[Page[shapes.Stat]](
    "stats_list_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/stats",
    Page[shapes.Stat],
)
_STATS_TOTAL = Operation[shapes.TypeTotals](
    "stats_total",
    "GET",
    "/v1/stats:totals",
    shapes.TypeTotals,
)
_STATS_TOTAL_BY_TIME = Operation[shapes.TimeTotals](
    "stats_total_by_time",
    "GET",
    "/v1/stats:totals-by-time",
    shapes.TimeTotals,
)
_STATS_TOTAL_OF_GUILD = Operation[shapes.TypeTotals](
    "stats_total_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/stats:totals",
    shapes.TypeTotals,
)
_STATS_TOTAL_OF_GUILD_BY_TIME = Operation[shapes.TimeTotals](
    "stats_total_of_guild_by_time",
    "GET",
    "/v1/guilds/{guild_id}/stats:totals-by-time",
    shapes.TimeTotals,
)


class Stats(Noun):
    """What happened, with a value each."""

    __slots__ = ()

    async def record(
        self,
        *,
        type: str,
        value: Json,
        user_id: UUID | None | UnsetType = UNSET,
        guild_id: Snowflake | None | UnsetType = UNSET,
        timestamp: datetime | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Stat:
        """Record one statistic.

        Who may: an API key with the scope `stats:write`.
        """
        return await self._transport.call(
            _STATS_RECORD,
            body=shapes.StatToRecord(
                type=type,
                value=value,
                user_id=user_id,
                guild_id=guild_id,
                timestamp=timestamp,
            ),
            key=idempotency_key or new_key(),
        )

    async def record_many(
        self,
        *,
        stats: Sequence[shapes.StatToRecord],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.RecordedStats:
        """Record up to 10,000 statistics: all of them, or none.

        Who may: an API key with the scope `stats:write`.
        """
        return await self._transport.call(
            _STATS_RECORD_MANY,
            body=shapes.StatsToRecord(stats=stats),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    def list_stats(
        self,
        *,
        user_id: UUID | None = None,
        guild_id: Snowflake | None = None,
        type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Stat]:
        """List statistics that have everything asked for, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `stats:read`.
        """
        return Pages(
            self._transport,
            _STATS_LIST_STATS,
            query={
                "userId": user_id,
                "guildId": guild_id,
                "type": type,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_guild(
        self,
        guild_id: Snowflake,
        *,
        user_id: UUID | None = None,
        type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Stat]:
        """List a guild's statistics that have everything asked for, newest first, or oldest first with
        `sort=oldest`.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Pages(
            self._transport,
            _STATS_LIST_OF_GUILD,
            path={"guild_id": guild_id},
            query={
                "userId": user_id,
                "type": type,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def total(
        self,
        *,
        since: datetime,
        until: datetime,
        guild_id: Snowflake | None = None,
        user_id: UUID | None = None,
    ) -> shapes.TypeTotals:
        """Total what was recorded in a period by type: of all, of one guild, or of one user.

        Each has the number of entries and of those with numeric values, and the total, average,
        lowest and highest of these. Exact to the last commit.

        Who may: an API key with the scope `stats:read`.
        """
        return await self._transport.call(
            _STATS_TOTAL,
            query={"since": since, "until": until, "guildId": guild_id, "userId": user_id},
        )

    async def total_by_time(
        self,
        *,
        type: str,
        bucket: Literal["hour", "day", "week", "month"],
        since: datetime,
        until: datetime,
        guild_id: Snowflake | None = None,
        user_id: UUID | None = None,
    ) -> shapes.TimeTotals:
        """Total what was recorded of a type by hour, day, week (from Monday) or month, UTC; of all, a
        guild or a user.

        Buckets in which nothing was recorded are left out; there are at most 10,000.

        Who may: an API key with the scope `stats:read`.
        """
        return await self._transport.call(
            _STATS_TOTAL_BY_TIME,
            query={
                "type": type,
                "bucket": bucket,
                "since": since,
                "until": until,
                "guildId": guild_id,
                "userId": user_id,
            },
        )

    async def total_of_guild(
        self,
        guild_id: Snowflake,
        *,
        since: datetime,
        until: datetime,
    ) -> shapes.TypeTotals:
        """Total what was recorded of a guild in a period by type.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _STATS_TOTAL_OF_GUILD,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    async def total_of_guild_by_time(
        self,
        guild_id: Snowflake,
        *,
        type: str,
        bucket: Literal["hour", "day", "week", "month"],
        since: datetime,
        until: datetime,
    ) -> shapes.TimeTotals:
        """Total what was recorded of a type in a guild by hour, day, week (from Monday) or month, UTC.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _STATS_TOTAL_OF_GUILD_BY_TIME,
            path={"guild_id": guild_id},
            query={"type": type, "bucket": bucket, "since": since, "until": until},
        )
