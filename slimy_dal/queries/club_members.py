"""Generated from sql/queries/club_members.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice

ListBySimPowerSort: TypeAlias = Literal["strongest", "weakest"]
ListByTotalPowerSort: TypeAlias = Literal["strongest", "weakest"]
ListHistorySort: TypeAlias = Literal["newest", "oldest"]
ListMembersSort: TypeAlias = Literal["key"]


class ClubMember(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    guild_id: Snowflake
    member_key: str
    name: str
    sim_power: int | None
    total_power: int | None
    last_seen_at: datetime


class Observation(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_history`."""

    observed_at: datetime
    name: str
    sim_power: int | None
    total_power: int | None
    sim_power_change_percent: float | None
    total_power_change_percent: float | None


class RankedBySimPower(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_by_sim_power`."""

    guild_id: Snowflake
    member_key: str
    name: str
    sim_power: int
    total_power: int | None
    last_seen_at: datetime


class RankedByTotalPower(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_by_total_power`."""

    guild_id: Snowflake
    member_key: str
    name: str
    sim_power: int | None
    total_power: int
    last_seen_at: datetime


FIND = Statement(
    name="club_members.find",
    sql="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = $1
    AND l.member_key = $2
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("member_key", "text")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
    replica=True,
)


async def find(
    db: Executor,
    /,
    *,
    guild_id: int,
    member_key: str,
    timeout: float | None = None,
) -> ClubMember | None:
    """The newest observation of a member; none of a deleted guild."""
    row = await db.row(FIND, guild_id, member_key, timeout=timeout)
    return None if row is None else ClubMember(*values(row))


INGEST = Statement(
    name="club_members.ingest",
    sql="""\
WITH kept AS (
    INSERT INTO slimy.club_member_metrics AS m (
        guild_id, member_key, observed_at, name, sim_power, total_power
    )
    SELECT
        $1,
        e.member_key,
        $2,
        e.name,
        e.sim_power,
        e.total_power
    FROM
        unnest(
            $3::text[], $4::text[], $5::bigint[], $6::bigint[]
        ) AS e (member_key, name, sim_power, total_power)
    WHERE
        NOT EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NOT NULL
        )
    ORDER BY e.member_key
    ON CONFLICT (guild_id, member_key, observed_at) DO UPDATE
        SET
            name = excluded.name,
            sim_power = excluded.sim_power,
            total_power = excluded.total_power
        WHERE
        (m.name, m.sim_power, m.total_power)
        IS DISTINCT FROM (excluded.name, excluded.sim_power, excluded.total_power)
    RETURNING m.member_key
)

SELECT count(k.member_key) AS kept_count
FROM kept AS k
HAVING
    NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NOT NULL
    )""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("observed_at", "timestamp with time zone"),
        Parameter("member_keys", "text[]"),
        Parameter("names", "text[]"),
        Parameter("sim_powers", "bigint[]"),
        Parameter("total_powers", "bigint[]"),
    ),
    columns=("kept_count",),
    writes=True,
)


async def ingest(
    db: Executor,
    /,
    *,
    guild_id: int,
    observed_at: datetime,
    member_keys: Sequence[str],
    names: Sequence[str],
    sim_powers: Sequence[int],
    total_powers: Sequence[int],
    timeout: float | None = None,
) -> int | None:
    """Keeps what was observed of a club's members at one moment, and says how many observations are new
    or changed; the same again changes nothing. A trigger brings the latest of each member up to
    date. In order of the keys, so that two ingests never wait for each other in a circle. No row
    when the guild is deleted.
    """
    row = await db.row(
        INGEST,
        guild_id,
        observed_at,
        member_keys,
        names,
        sim_powers,
        total_powers,
        timeout=timeout,
    )
    value: int | None = None if row is None else row[0]
    return value


LIST_BY_SIM_POWER = Listing(
    name="club_members.list_by_sim_power",
    head="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = $1
    AND l.sim_power IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="l.sim_power DESC, l.member_key DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "strongest",
            ("l.sim_power", "l.member_key"),
            (3, 1),
            (Parameter("cursor", "bigint"), Parameter("cursor", "text")),
            descending=True,
        ),
        Sort(
            "weakest",
            ("l.sim_power", "l.member_key"),
            (3, 1),
            (Parameter("cursor", "bigint"), Parameter("cursor", "text")),
        ),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
    replica=True,
)


async def list_by_sim_power(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    sort: ListBySimPowerSort = "strongest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[RankedBySimPower]:
    """One page of a club's leaderboard by sim power, strongest first; members without one stand aside.
    None when the guild is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_BY_SIM_POWER.ask(cursors, (guild_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(RankedBySimPower, map(values, rows))), *asked.cursors)


LIST_BY_TOTAL_POWER = Listing(
    name="club_members.list_by_total_power",
    head="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = $1
    AND l.total_power IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="l.total_power DESC, l.member_key DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "strongest",
            ("l.total_power", "l.member_key"),
            (4, 1),
            (Parameter("cursor", "bigint"), Parameter("cursor", "text")),
            descending=True,
        ),
        Sort(
            "weakest",
            ("l.total_power", "l.member_key"),
            (4, 1),
            (Parameter("cursor", "bigint"), Parameter("cursor", "text")),
        ),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
    replica=True,
)


async def list_by_total_power(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    sort: ListByTotalPowerSort = "strongest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[RankedByTotalPower]:
    """One page of a club's leaderboard by total power, strongest first; members without one stand
    aside. None when the guild is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_BY_TOTAL_POWER.ask(cursors, (guild_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(RankedByTotalPower, map(values, rows))), *asked.cursors)


class ListHistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_history` may be narrowed to: whatever is given, together."""

    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_HISTORY = Listing(
    name="club_members.list_history",
    head="""\
SELECT
    m.observed_at,
    m.name,
    m.sim_power,
    m.total_power,
    round(100.0 * (m.sim_power - b.sim_power) / nullif(b.sim_power, 0), 2)::double precision
        AS sim_power_change_percent,
    round(100.0 * (m.total_power - b.total_power) / nullif(b.total_power, 0), 2)::double precision
        AS total_power_change_percent
FROM slimy.club_member_metrics AS m
LEFT JOIN LATERAL (
    SELECT
        p.sim_power,
        p.total_power
    FROM slimy.club_member_metrics AS p
    WHERE
        p.guild_id = m.guild_id
        AND p.member_key = m.member_key
        AND p.observed_at < m.observed_at
    ORDER BY p.observed_at DESC
    LIMIT 1
) AS b ON TRUE
WHERE
    m.guild_id = $1
    AND m.member_key = $2
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.observed_at DESC",
    tail="\nLIMIT $3",
    sorts=(
        Sort(
            "newest",
            ("m.observed_at",),
            (0,),
            (Parameter("cursor", "timestamp with time zone"),),
            descending=True,
        ),
        Sort(
            "oldest",
            ("m.observed_at",),
            (0,),
            (Parameter("cursor", "timestamp with time zone"),),
        ),
    ),
    choices=(
        Choice("since", ("m.observed_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("m.observed_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("member_key", "text"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "observed_at",
        "name",
        "sim_power",
        "total_power",
        "sim_power_change_percent",
        "total_power_change_percent",
    ),
    replica=True,
)


async def list_history(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    member_key: str,
    filter: ListHistoryFilter = ListHistoryFilter(),
    sort: ListHistorySort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[Observation]:
    """One page of a member's observations, each with the change in percent since the one before. That
    one is looked up for each row of the page: a window function would see the page alone, or read
    the member's whole history for every page. None when the guild is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_HISTORY.ask(
        cursors,
        (guild_id, member_key),
        given=(filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(Observation, map(values, rows))), *asked.cursors)


LIST_MEMBERS = Listing(
    name="club_members.list_members",
    head="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE
    l.guild_id = $1
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="l.member_key",
    tail="\nLIMIT $2",
    sorts=(Sort("key", ("l.member_key",), (1,), (Parameter("cursor", "text"),)),),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
    replica=True,
)


async def list_members(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    sort: ListMembersSort = "key",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubMember]:
    """One page of a club's members by their keys, each with its newest observation; none when the guild
    is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_MEMBERS.ask(cursors, (guild_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubMember, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="club_members.load",
    sql="""\
INSERT INTO slimy.club_member_metrics (
    guild_id,
    member_key,
    observed_at,
    name,
    sim_power,
    total_power
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
        Parameter("guild_id", "bigint"),
        Parameter("member_key", "text"),
        Parameter("observed_at", "timestamp with time zone"),
        Parameter("name", "text"),
        Parameter("sim_power", "bigint", nullable=True),
        Parameter("total_power", "bigint", nullable=True),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    guild_id: int
    member_key: str
    observed_at: datetime
    name: str
    sim_power: int | None
    total_power: int | None


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads observations in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "club_member_metrics"),
        ("guild_id", "member_key", "observed_at", "name", "sim_power", "total_power"),
        items,
        timeout=timeout,
    )


LOAD_LATEST = Statement(
    name="club_members.load_latest",
    sql="""\
INSERT INTO slimy.club_member_latest (
    guild_id,
    member_key,
    name,
    sim_power,
    total_power,
    last_seen_at,
    updated_at
)
VALUES (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7
)""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("member_key", "text"),
        Parameter("name", "text"),
        Parameter("sim_power", "bigint", nullable=True),
        Parameter("total_power", "bigint", nullable=True),
        Parameter("last_seen_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadLatestItem(NamedTuple):
    """The parameters of one item of `load_latest`."""

    guild_id: int
    member_key: str
    name: str
    sim_power: int | None
    total_power: int | None
    last_seen_at: datetime
    updated_at: datetime


async def load_latest(
    db: Executor,
    items: Iterable[LoadLatestItem],
    /,
    *,
    timeout: float | None = None,
) -> int:
    """Loads the latest of members in bulk, as they are; observations loaded after them change only what
    differs.
    """
    return await db.copy(
        LOAD_LATEST,
        ("slimy", "club_member_latest"),
        (
            "guild_id",
            "member_key",
            "name",
            "sim_power",
            "total_power",
            "last_seen_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_member_latest", "guild_id", "bigint", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",)),
    ("slimy", "club_member_latest", "last_seen_at", "timestamp with time zone", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",)),
    ("slimy", "club_member_latest", "member_key", "text", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",)),
    ("slimy", "club_member_latest", "name", "text", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",)),
    ("slimy", "club_member_latest", "sim_power", "bigint", False,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",)),
    ("slimy", "club_member_latest", "total_power", "bigint", False,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",)),
    ("slimy", "club_member_latest", "updated_at", "timestamp with time zone", True,
     (), ("load_latest",)),
    ("slimy", "club_member_metrics", "guild_id", "bigint", True,
     ("ingest", "list_history"), ("ingest", "load")),
    ("slimy", "club_member_metrics", "member_key", "text", True,
     ("ingest", "list_history"), ("ingest", "load")),
    ("slimy", "club_member_metrics", "name", "text", True,
     ("ingest", "list_history"), ("ingest", "load")),
    ("slimy", "club_member_metrics", "observed_at", "timestamp with time zone", True,
     ("ingest", "list_history"), ("ingest", "load")),
    ("slimy", "club_member_metrics", "sim_power", "bigint", False,
     ("ingest", "list_history"), ("ingest", "load")),
    ("slimy", "club_member_metrics", "total_power", "bigint", False,
     ("ingest", "list_history"), ("ingest", "load")),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("find", "ingest", "list_by_sim_power", "list_by_total_power", "list_history",
      "list_members"),
     ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("find", "ingest", "list_by_sim_power", "list_by_total_power", "list_history",
      "list_members"),
     ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_member_latest", "table",
     ("find", "list_by_sim_power", "list_by_total_power", "list_members"), ("load_latest",), ()),
    ("slimy", "club_member_metrics", "table",
     ("ingest", "list_history"), ("ingest", "load"), ()),
    ("slimy", "guilds", "table",
     ("find", "ingest", "list_by_sim_power", "list_by_total_power", "list_history",
      "list_members"),
     (),
     ()),
)
# fmt: on
