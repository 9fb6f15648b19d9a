"""Statistics over HTTP: recorded one by one or many at once, listed, and totalled (SPEC D7)."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from pydantic import Field, StringConstraints

from service.analysis_parts import Value
from service.auth import InGuild, Policy
from service.culprits import all_or_none
from service.examples import GUILD, USER
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, Moment, Snowflake, asked
from service.jsoninput import NO_NUL
from service.routes import BULK_BODY, Call, Created, Routes
from service.wire import since_and_until
from slimy_dal.domain.database import Nouns
from slimy_dal.domain.periods import Bucket
from slimy_dal.domain.stats import (
    MAX_ENTRIES,
    NewStat,
    Stat,
    StatFilter,
    StatSort,
    TimeBucket,
    TypeTotal,
)
from slimy_dal.engine.types import Page

routes = Routes("statistics", "What happened, with a value each.")

READ = Policy("stats:read")
WRITE = Policy("stats:write")
READ_OF_GUILD = Policy("stats:read", (InGuild("manage_guild"),))

EXAMPLE: Final = {
    "type": "message.length",
    "value": 42,
    "userId": USER,
    "guildId": GUILD,
}

Type = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=NO_NUL),
    Field(description="What it is a statistic of.", examples=["message.length"]),
]
Since = Annotated[Moment, Field(description="The beginning, a whole hour (UTC): part of it.")]
Until = Annotated[Moment, Field(description="The end, a whole hour (UTC): no part of it.")]


class StatToRecord(Body):
    """A statistic to record."""

    type: Type
    value: Annotated[
        Value,
        Field(description="Any JSON value but null, at most 8 KiB; numbers are what is totalled."),
    ]
    user_id: Id | None = None
    guild_id: Snowflake | None = None
    timestamp: Annotated[
        Moment | None, Field(description="When it happened; now where left out.")
    ] = None

    def entry(self) -> NewStat:
        """Return it as the domain takes it."""
        return NewStat(self.type, self.value, self.user_id, self.guild_id, self.timestamp)


class StatsToRecord(Body):
    """Statistics to record: all of them, or none."""

    stats: Annotated[list[StatToRecord], Field(min_length=1, max_length=MAX_ENTRIES)]


class RecordedStats(msgspec.Struct, frozen=True):
    """How many statistics were recorded."""

    recorded: int


class TypeTotals(msgspec.Struct, frozen=True):
    """Totals of a period, by type."""

    data: list[TypeTotal]


class TimeTotals(msgspec.Struct, frozen=True):
    """Totals of a type, by time."""

    data: list[TimeBucket]


@routes.route("POST", "/v1/stats", WRITE, "missing_reference", body_example=EXAMPLE)
async def record(call: Call, *, body: StatToRecord) -> Created[Stat]:
    """Record one statistic."""
    made = await call.db.stats.record(
        body.type,
        body.value,
        user_id=body.user_id,
        guild_id=body.guild_id,
        timestamp=body.timestamp,
    )
    return Created(made, f"/v1/stats?{since_and_until(made.timestamp)}")


@routes.route(
    "POST",
    "/v1/stats:batch",
    WRITE,
    "missing_reference",
    body_limit=BULK_BODY,
    body_example={"stats": [EXAMPLE]},
    entries="all",
    affects=lambda made: made.recorded,
)
async def record_many(call: Call, *, body: StatsToRecord) -> RecordedStats:
    """Record up to 10,000 statistics: all of them, or none."""

    async def work(db: Nouns, stats: Sequence[StatToRecord]) -> int:
        return await db.stats.record_many([one.entry() for one in stats])

    return RecordedStats(await all_or_none(call, "stats", body.stats, work))


@routes.route("GET", "/v1/stats", READ, "invalid_cursor")
async def list_stats(
    call: Call,
    *,
    user_id: Id | None = None,
    guild_id: Snowflake | None = None,
    type: Type | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: StatSort = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Stat]:
    """List statistics that have everything asked for, newest first, or oldest first with `sort=oldest`.

    `since` is part of the time asked for, `until` is not.
    """
    wanted = StatFilter(user_id=asked(user_id), guild_id=asked(guild_id), type=asked(type))
    return await call.db.stats.list(
        wanted, since=asked(since), until=asked(until), sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", "/v1/guilds/{guild_id}/stats", READ_OF_GUILD, "not_found", "invalid_cursor")
async def list_of_guild(
    call: Call,
    *,
    guild_id: Snowflake,
    user_id: Id | None = None,
    type: Type | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: StatSort = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Stat]:
    """List a guild's statistics that have everything asked for, newest first, or oldest first with `sort=oldest`."""
    wanted = StatFilter(user_id=asked(user_id), guild_id=guild_id, type=asked(type))
    return await call.db.stats.list(
        wanted, since=asked(since), until=asked(until), sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", "/v1/stats:totals", READ)
async def total(
    call: Call,
    *,
    since: Since,
    until: Until,
    guild_id: Snowflake | None = None,
    user_id: Id | None = None,
) -> TypeTotals:
    """Total what was recorded in a period by type: of all, of one guild, or of one user.

    Each has the number of entries and of those with numeric values, and the total, average, lowest and highest of
    these. Exact to the last commit.
    """
    totals = await call.db.stats.totals_by_type(since, until, guild_id=guild_id, user_id=user_id)
    return TypeTotals(list(totals))


@routes.route("GET", "/v1/stats:totals-by-time", READ)
async def total_by_time(
    call: Call,
    *,
    type: Type,
    bucket: Bucket,
    since: Since,
    until: Until,
    guild_id: Snowflake | None = None,
    user_id: Id | None = None,
) -> TimeTotals:
    """Total what was recorded of a type by hour, day, week (from Monday) or month, UTC; of all, a guild or a user.

    Buckets in which nothing was recorded are left out; there are at most 10,000.
    """
    totals = await call.db.stats.totals_by_time(
        type, bucket, since, until, guild_id=guild_id, user_id=user_id
    )
    return TimeTotals(list(totals))


@routes.route("GET", "/v1/guilds/{guild_id}/stats:totals", READ_OF_GUILD, "not_found")
async def total_of_guild(
    call: Call, *, guild_id: Snowflake, since: Since, until: Until
) -> TypeTotals:
    """Total what was recorded of a guild in a period by type."""
    return TypeTotals(list(await call.db.stats.totals_by_type(since, until, guild_id=guild_id)))


@routes.route("GET", "/v1/guilds/{guild_id}/stats:totals-by-time", READ_OF_GUILD, "not_found")
async def total_of_guild_by_time(
    call: Call, *, guild_id: Snowflake, type: Type, bucket: Bucket, since: Since, until: Until
) -> TimeTotals:
    """Total what was recorded of a type in a guild by hour, day, week (from Monday) or month, UTC."""
    totals = await call.db.stats.totals_by_time(type, bucket, since, until, guild_id=guild_id)
    return TimeTotals(list(totals))
