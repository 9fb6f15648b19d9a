"""Generated from sql/queries/stats.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice

Grain: TypeAlias = Literal["hour", "day"]
ListNewestSort: TypeAlias = Literal["newest", "oldest"]


class Stat(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    timestamp: datetime
    user_id: UUID | None
    guild_id: Snowflake | None
    type: str
    value: Json


class TimeBucket(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    bucket_start: datetime
    entries: int
    numbers: int
    total: Decimal
    average: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None


class TypeTotal(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    type: str
    entries: int
    numbers: int
    total: Decimal
    average: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None


COPY_MANY = Statement(
    name="stats.copy_many",
    sql="""\
INSERT INTO slimy.stats (recorded_at, user_id, guild_id, type, value)
VALUES ($1, $2, $3, $4, $5)""",
    parameters=(
        Parameter("recorded_at", "timestamp with time zone"),
        Parameter("user_id", "uuid", nullable=True),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("type", "text"),
        Parameter("value", "jsonb"),
    ),
    writes=True,
)


class CopyManyItem(NamedTuple):
    """The parameters of one item of `copy_many`."""

    recorded_at: datetime
    user_id: UUID | None
    guild_id: int | None
    type: str
    value: Json


async def copy_many(
    db: Executor,
    items: Iterable[CopyManyItem],
    /,
    *,
    timeout: float | None = None,
) -> int:
    """Records many at once, as a stream of rows without a statement for each."""
    return await db.copy(
        COPY_MANY,
        ("slimy", "stats"),
        ("recorded_at", "user_id", "guild_id", "type", "value"),
        items,
        timeout=timeout,
    )


FOLD = Statement(
    name="stats.fold",
    sql="""\
WITH reachable AS MATERIALIZED (
    SELECT g.id
    FROM slimy.guilds AS g
    WHERE
        g.id = ANY(
            ARRAY(
                SELECT f.guild_id
                FROM (
                    SELECT d.guild_id
                    FROM slimy.stat_deltas AS d
                    ORDER BY d.id
                    LIMIT $1
                ) AS f
            )
        )
    FOR KEY SHARE SKIP LOCKED
),

chosen AS MATERIALIZED (
    SELECT d.id
    FROM slimy.stat_deltas AS d
    WHERE d.guild_id IS NULL OR d.guild_id IN (SELECT r.id FROM reachable AS r)
    ORDER BY d.id
    LIMIT $1
    FOR UPDATE OF d SKIP LOCKED
),

taken AS (
    DELETE FROM slimy.stat_deltas AS d
    WHERE d.id = ANY(ARRAY(SELECT c.id FROM chosen AS c))
    RETURNING
        d.guild_id, d.bucket_start, d.type, d.entries, d.numbers, d.total, d.lowest, d.highest
),

folded AS (
    INSERT INTO slimy.stat_totals AS s (
        grain, bucket_start, type, entries, numbers, total, lowest, highest
    )
    SELECT
        g.grain,
        date_trunc(g.grain, t.bucket_start, 'UTC') AS bucket_start,
        t.type,
        sum(t.entries) AS entries,
        sum(t.numbers) AS numbers,
        sum(t.total) AS total,
        min(t.lowest) AS lowest,
        max(t.highest) AS highest
    FROM taken AS t
    CROSS JOIN (VALUES ('hour'), ('day')) AS g (grain)
    WHERE t.guild_id IS NULL
    GROUP BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ORDER BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ON CONFLICT (grain, bucket_start, type) DO UPDATE
        SET
            entries = s.entries + excluded.entries,
            numbers = s.numbers + excluded.numbers,
            total = s.total + excluded.total,
            lowest = least(s.lowest, excluded.lowest),
            highest = greatest(s.highest, excluded.highest)
),

folded_by_guild AS (
    INSERT INTO slimy.guild_stat_totals AS s (
        guild_id, grain, bucket_start, type, entries, numbers, total, lowest, highest
    )
    SELECT
        t.guild_id,
        g.grain,
        date_trunc(g.grain, t.bucket_start, 'UTC') AS bucket_start,
        t.type,
        sum(t.entries) AS entries,
        sum(t.numbers) AS numbers,
        sum(t.total) AS total,
        min(t.lowest) AS lowest,
        max(t.highest) AS highest
    FROM taken AS t
    CROSS JOIN (VALUES ('hour'), ('day')) AS g (grain)
    WHERE t.guild_id IS NOT NULL
    GROUP BY t.guild_id, g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ORDER BY t.guild_id, g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.type
    ON CONFLICT (guild_id, grain, bucket_start, type) DO UPDATE
        SET
            entries = s.entries + excluded.entries,
            numbers = s.numbers + excluded.numbers,
            total = s.total + excluded.total,
            lowest = least(s.lowest, excluded.lowest),
            highest = greatest(s.highest, excluded.highest)
)

SELECT count(*) AS folded_count
FROM taken""",
    parameters=(Parameter("batch_size", "bigint"),),
    columns=("folded_count",),
    writes=True,
)


async def fold(db: Executor, /, *, batch_size: int, timeout: float | None = None) -> int:
    """Moves one batch of deltas into the totals, and says how many there were; 0 when nothing is left.
    Several may fold at once: each takes what the others have not. The guilds are locked before their
    deltas, as deleting one does, so that the two never wait for each other in a circle; deltas of
    one that is just being deleted are left for the next time.
    """
    row = await db.row(FOLD, batch_size, timeout=timeout)
    if row is None:
        raise NotFound("stats.fold found no row", query="stats.fold")
    value: int = row[0]
    return value


class ListNewestFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_newest` may be narrowed to: whatever is given, together."""

    user_id: UUID | Unset = UNSET
    guild_id: int | Unset = UNSET
    type: str | Unset = UNSET


LIST_NEWEST = Listing(
    name="stats.list_newest",
    head="""\
SELECT
    s.id,
    s.recorded_at AS timestamp,
    s.user_id,
    s.guild_id,
    s.type,
    s.value
FROM slimy.stats AS s
WHERE s.recorded_at >= $1 AND s.recorded_at < $2""",
    joint="AND",
    middle="\nORDER BY ",
    order="s.recorded_at DESC, s.id DESC",
    tail="\nLIMIT $3",
    sorts=(
        Sort(
            "newest",
            ("s.recorded_at", "s.id"),
            (1, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("s.recorded_at", "s.id"),
            (1, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice("user_id", ("s.user_id = ", ""), Parameter("user_id", "uuid")),
        Choice("guild_id", ("s.guild_id = ", ""), Parameter("guild_id", "bigint")),
        Choice("type", ("s.type = ", ""), Parameter("type", "text")),
    ),
    parameters=(
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=("id", "timestamp", "user_id", "guild_id", "type", "value"),
    replica=True,
)


async def list_newest(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    since: datetime,
    until: datetime,
    filter: ListNewestFilter = ListNewestFilter(),
    sort: ListNewestSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[Stat]:
    """One page of statistics of a period.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(
        cursors,
        (since, until),
        given=(filter.user_id, filter.guild_id, filter.type),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(Stat, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="stats.load",
    sql="""\
INSERT INTO slimy.stats (
    id,
    recorded_at,
    user_id,
    guild_id,
    type,
    value
)
VALUES (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("recorded_at", "timestamp with time zone"),
        Parameter("user_id", "uuid", nullable=True),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("type", "text"),
        Parameter("value", "jsonb"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    recorded_at: datetime
    user_id: UUID | None
    guild_id: int | None
    type: str
    value: Json


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads statistics in bulk, as they are, keys included."""
    return await db.copy(
        LOAD,
        ("slimy", "stats"),
        ("id", "recorded_at", "user_id", "guild_id", "type", "value"),
        items,
        timeout=timeout,
    )


RECORD = Statement(
    name="stats.record",
    sql="""\
INSERT INTO slimy.stats AS s (recorded_at, user_id, guild_id, type, value)
VALUES (coalesce($1, now()), $2, $3, $4, $5)
RETURNING s.id, s.recorded_at AS timestamp, s.user_id, s.guild_id, s.type, s.value""",
    parameters=(
        Parameter("recorded_at", "timestamp with time zone", nullable=True),
        Parameter("user_id", "uuid", nullable=True),
        Parameter("guild_id", "bigint", nullable=True),
        Parameter("type", "text"),
        Parameter("value", "jsonb"),
    ),
    columns=("id", "timestamp", "user_id", "guild_id", "type", "value"),
    writes=True,
)


async def record(
    db: Executor,
    /,
    *,
    recorded_at: datetime | None,
    user_id: UUID | None,
    guild_id: int | None,
    type: str,
    value_: Json,
    timeout: float | None = None,
) -> Stat:
    """Records one statistic, now when no time is given.

    Raises NotFound where there is no row.
    """
    row = await db.row(RECORD, recorded_at, user_id, guild_id, type, value_, timeout=timeout)
    if row is None:
        raise NotFound("stats.record found no row", query="stats.record")
    return Stat(*values(row))


RECORD_MANY = Statement(
    name="stats.record_many",
    sql="""\
INSERT INTO slimy.stats (recorded_at, user_id, guild_id, type, value)
SELECT
    coalesce(e.recorded_at, now()) AS recorded_at,
    e.user_id,
    e.guild_id,
    e.type,
    v.value
FROM
    unnest(
        $1::timestamptz[], $2::uuid[], $3::bigint[], $4::text[]
    ) WITH ORDINALITY AS e (recorded_at, user_id, guild_id, type, place)
INNER JOIN
    jsonb_array_elements($5::jsonb) WITH ORDINALITY AS v (value, place)
    ON e.place = v.place""",
    parameters=(
        Parameter("recorded_ats", "timestamp with time zone[]"),
        Parameter("user_ids", "uuid[]"),
        Parameter("guild_ids", "bigint[]"),
        Parameter("types", "text[]"),
        Parameter("stat_values", "jsonb"),
    ),
    writes=True,
)


async def record_many(
    db: Executor,
    /,
    *,
    recorded_ats: Sequence[datetime],
    user_ids: Sequence[UUID],
    guild_ids: Sequence[int],
    types: Sequence[str],
    stat_values: Json,
    timeout: float | None = None,
) -> int:
    """Records many in one statement; a time that is NULL is now. The values come as one JSON array: an
    array of jsonb could not tell a value that is an array from a further dimension.
    """
    return await db.execute(
        RECORD_MANY,
        recorded_ats,
        user_ids,
        guild_ids,
        types,
        stat_values,
        timeout=timeout,
    )


TOTAL_BY_TIME = Statement(
    name="stats.total_by_time",
    sql="""\
SELECT
    date_trunc($1, t.bucket_start, 'UTC') AS bucket_start,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.bucket_start,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.stat_totals AS s
    WHERE
        s.grain = $2
        AND s.bucket_start >= $3
        AND s.bucket_start < $4
        AND s.type = $5
    UNION ALL
    SELECT
        d.bucket_start,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE
        d.guild_id IS NULL
        AND d.bucket_start >= $3
        AND d.bucket_start < $4
        AND d.type = $5
) AS t
GROUP BY date_trunc($1, t.bucket_start, 'UTC')
ORDER BY date_trunc($1, t.bucket_start, 'UTC')""",
    parameters=(
        Parameter("bucket", "text"),
        Parameter("grain", "text"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("type", "text"),
    ),
    columns=("bucket_start", "entries", "numbers", "total", "average", "lowest", "highest"),
    replica=True,
)


async def total_by_time(
    db: Executor,
    /,
    *,
    bucket: str,
    grain: Grain,
    since: datetime,
    until: datetime,
    type: str,
    timeout: float | None = None,
) -> list[TimeBucket]:
    """What all guilds recorded of one type in a period, in buckets of an hour, day, week or month
    (UTC): the totals and what is not yet in them. `grain` is hour when a bucket or an end of the
    period is no whole day, else day.
    """
    rows = await db.rows(TOTAL_BY_TIME, bucket, grain, since, until, type, timeout=timeout)
    return list(starmap(TimeBucket, map(values, rows)))


TOTAL_BY_TYPE = Statement(
    name="stats.total_by_type",
    sql="""\
SELECT
    t.type,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.stat_totals AS s
    WHERE
        (
            s.grain = 'day'
            AND s.bucket_start
            >= date_trunc('day', $1::timestamptz + interval '23 hours', 'UTC')
            AND s.bucket_start < date_trunc('day', $2::timestamptz, 'UTC')
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= $1
            AND s.bucket_start < least(
                $2, date_trunc('day', $1 + interval '23 hours', 'UTC')
            )
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= greatest(
                date_trunc('day', $1 + interval '23 hours', 'UTC'),
                date_trunc('day', $2, 'UTC')
            )
            AND s.bucket_start < $2
        )
    UNION ALL
    SELECT
        d.type,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE d.guild_id IS NULL AND d.bucket_start >= $1 AND d.bucket_start < $2
) AS t
GROUP BY t.type
ORDER BY t.type""",
    parameters=(
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
    ),
    columns=("type", "entries", "numbers", "total", "average", "lowest", "highest"),
    replica=True,
)


async def total_by_type(
    db: Executor,
    /,
    *,
    since: datetime,
    until: datetime,
    timeout: float | None = None,
) -> list[TypeTotal]:
    """What all guilds recorded in a period, by type: the totals of its whole days, those of the hours
    before and behind them, and what is not yet in any.
    """
    rows = await db.rows(TOTAL_BY_TYPE, since, until, timeout=timeout)
    return list(starmap(TypeTotal, map(values, rows)))


TOTAL_GUILD_BY_TIME = Statement(
    name="stats.total_guild_by_time",
    sql="""\
SELECT
    date_trunc($1, t.bucket_start, 'UTC') AS bucket_start,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.bucket_start,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = $2
        AND s.grain = $3
        AND s.bucket_start >= $4
        AND s.bucket_start < $5
        AND s.type = $6
    UNION ALL
    SELECT
        d.bucket_start,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE
        d.guild_id = $2
        AND d.bucket_start >= $4
        AND d.bucket_start < $5
        AND d.type = $6
) AS t
GROUP BY date_trunc($1, t.bucket_start, 'UTC')
ORDER BY date_trunc($1, t.bucket_start, 'UTC')""",
    parameters=(
        Parameter("bucket", "text"),
        Parameter("guild_id", "bigint"),
        Parameter("grain", "text"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("type", "text"),
    ),
    columns=("bucket_start", "entries", "numbers", "total", "average", "lowest", "highest"),
    replica=True,
)


async def total_guild_by_time(
    db: Executor,
    /,
    *,
    bucket: str,
    guild_id: int,
    grain: Grain,
    since: datetime,
    until: datetime,
    type: str,
    timeout: float | None = None,
) -> list[TimeBucket]:
    """What a guild recorded of one type in a period, in buckets, as total_by_time."""
    rows = await db.rows(
        TOTAL_GUILD_BY_TIME,
        bucket,
        guild_id,
        grain,
        since,
        until,
        type,
        timeout=timeout,
    )
    return list(starmap(TimeBucket, map(values, rows)))


TOTAL_GUILD_BY_TYPE = Statement(
    name="stats.total_guild_by_type",
    sql="""\
SELECT
    t.type,
    sum(t.entries)::bigint AS entries,
    sum(t.numbers)::bigint AS numbers,
    sum(t.total) AS total,
    sum(t.total) / nullif(sum(t.numbers), 0) AS average,
    min(t.lowest) AS lowest,
    max(t.highest) AS highest
FROM (
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = $1
        AND s.grain = 'day'
        AND s.bucket_start
        >= date_trunc('day', $2::timestamptz + interval '23 hours', 'UTC')
        AND s.bucket_start < date_trunc('day', $3::timestamptz, 'UTC')
    UNION ALL
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = $1
        AND s.grain = 'hour'
        AND s.bucket_start >= $2
        AND s.bucket_start < least(
            $3, date_trunc('day', $2 + interval '23 hours', 'UTC')
        )
    UNION ALL
    SELECT
        s.type,
        s.entries,
        s.numbers,
        s.total,
        s.lowest,
        s.highest
    FROM slimy.guild_stat_totals AS s
    WHERE
        s.guild_id = $1
        AND s.grain = 'hour'
        AND s.bucket_start >= greatest(
            date_trunc('day', $2 + interval '23 hours', 'UTC'),
            date_trunc('day', $3, 'UTC')
        )
        AND s.bucket_start < $3
    UNION ALL
    SELECT
        d.type,
        d.entries,
        d.numbers,
        d.total,
        d.lowest,
        d.highest
    FROM slimy.stat_deltas AS d
    WHERE d.guild_id = $1 AND d.bucket_start >= $2 AND d.bucket_start < $3
) AS t
GROUP BY t.type
ORDER BY t.type""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
    ),
    columns=("type", "entries", "numbers", "total", "average", "lowest", "highest"),
    replica=True,
)


async def total_guild_by_type(
    db: Executor,
    /,
    *,
    guild_id: int,
    since: datetime,
    until: datetime,
    timeout: float | None = None,
) -> list[TypeTotal]:
    """What a guild recorded in a period, by type, as total_by_type."""
    rows = await db.rows(TOTAL_GUILD_BY_TYPE, guild_id, since, until, timeout=timeout)
    return list(starmap(TypeTotal, map(values, rows)))


TOTAL_USER_BY_TIME = Statement(
    name="stats.total_user_by_time",
    sql="""\
SELECT
    date_trunc($1, t.recorded_at, 'UTC') AS bucket_start,
    count(*) AS entries,
    count(t.number) AS numbers,
    coalesce(sum(t.number), 0) AS total,
    avg(t.number) AS average,
    min(t.number) AS lowest,
    max(t.number) AS highest
FROM (
    SELECT
        s.recorded_at,
        CASE WHEN jsonb_typeof(s.value) = 'number' THEN s.value::numeric END AS number
    FROM slimy.stats AS s
    WHERE
        s.user_id = $2
        AND s.recorded_at >= $3
        AND s.recorded_at < $4
        AND s.type = $5
) AS t
GROUP BY date_trunc($1, t.recorded_at, 'UTC')
ORDER BY date_trunc($1, t.recorded_at, 'UTC')""",
    parameters=(
        Parameter("bucket", "text"),
        Parameter("user_id", "uuid"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("type", "text"),
    ),
    columns=("bucket_start", "entries", "numbers", "total", "average", "lowest", "highest"),
    replica=True,
)


async def total_user_by_time(
    db: Executor,
    /,
    *,
    bucket: str,
    user_id: UUID,
    since: datetime,
    until: datetime,
    type: str,
    timeout: float | None = None,
) -> list[TimeBucket]:
    """What a person recorded of one type in a period, in buckets. Counted from the rows: nobody has so
    many that totals of everybody would pay.
    """
    rows = await db.rows(TOTAL_USER_BY_TIME, bucket, user_id, since, until, type, timeout=timeout)
    return list(starmap(TimeBucket, map(values, rows)))


TOTAL_USER_BY_TYPE = Statement(
    name="stats.total_user_by_type",
    sql="""\
SELECT
    t.type,
    count(*) AS entries,
    count(t.number) AS numbers,
    coalesce(sum(t.number), 0) AS total,
    avg(t.number) AS average,
    min(t.number) AS lowest,
    max(t.number) AS highest
FROM (
    SELECT
        s.type,
        CASE WHEN jsonb_typeof(s.value) = 'number' THEN s.value::numeric END AS number
    FROM slimy.stats AS s
    WHERE s.user_id = $1 AND s.recorded_at >= $2 AND s.recorded_at < $3
) AS t
GROUP BY t.type
ORDER BY t.type""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
    ),
    columns=("type", "entries", "numbers", "total", "average", "lowest", "highest"),
    replica=True,
)


async def total_user_by_type(
    db: Executor,
    /,
    *,
    user_id: UUID,
    since: datetime,
    until: datetime,
    timeout: float | None = None,
) -> list[TypeTotal]:
    """What a person recorded in a period, by type, counted from the rows."""
    rows = await db.rows(TOTAL_USER_BY_TYPE, user_id, since, until, timeout=timeout)
    return list(starmap(TypeTotal, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_stat_totals", "bucket_start", "timestamp with time zone", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "entries", "bigint", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "grain", "text", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "guild_id", "bigint", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "highest", "numeric", False,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "lowest", "numeric", False,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "numbers", "bigint", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "total", "numeric", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guild_stat_totals", "type", "text", True,
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",)),
    ("slimy", "guilds", "id", "bigint", True,
     ("fold",), ()),
    ("slimy", "stat_deltas", "bucket_start", "timestamp with time zone", True,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "entries", "bigint", True,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "guild_id", "bigint", False,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "highest", "numeric", False,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "id", "bigint", True,
     ("fold",), ()),
    ("slimy", "stat_deltas", "lowest", "numeric", False,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "numbers", "bigint", True,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "total", "numeric", True,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_deltas", "type", "text", True,
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"), ()),
    ("slimy", "stat_totals", "bucket_start", "timestamp with time zone", True,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "entries", "bigint", True,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "grain", "text", True,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "highest", "numeric", False,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "lowest", "numeric", False,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "numbers", "bigint", True,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "total", "numeric", True,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stat_totals", "type", "text", True,
     ("fold", "total_by_time", "total_by_type"), ("fold",)),
    ("slimy", "stats", "guild_id", "bigint", False,
     ("list_newest", "record"), ("copy_many", "load", "record", "record_many")),
    ("slimy", "stats", "id", "uuid", True,
     ("list_newest", "record"), ("load",)),
    ("slimy", "stats", "recorded_at", "timestamp with time zone", True,
     ("list_newest", "record", "total_user_by_time", "total_user_by_type"),
     ("copy_many", "load", "record", "record_many")),
    ("slimy", "stats", "type", "text", True,
     ("list_newest", "record", "total_user_by_time", "total_user_by_type"),
     ("copy_many", "load", "record", "record_many")),
    ("slimy", "stats", "user_id", "uuid", False,
     ("list_newest", "record", "total_user_by_time", "total_user_by_type"),
     ("copy_many", "load", "record", "record_many")),
    ("slimy", "stats", "value", "jsonb", True,
     ("list_newest", "record", "total_user_by_time", "total_user_by_type"),
     ("copy_many", "load", "record", "record_many")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_stat_totals", "table",
     ("fold", "total_guild_by_time", "total_guild_by_type"), ("fold",), ()),
    ("slimy", "guilds", "table",
     ("fold",), (), ()),
    ("slimy", "stat_deltas", "table",
     ("fold", "total_by_time", "total_by_type", "total_guild_by_time", "total_guild_by_type"),
     (),
     ("fold",)),
    ("slimy", "stat_totals", "table",
     ("fold", "total_by_time", "total_by_type"), ("fold",), ()),
    ("slimy", "stats", "table",
     ("list_newest", "record", "total_user_by_time", "total_user_by_type"),
     ("copy_many", "load", "record", "record_many"),
     ()),
)
# fmt: on
