"""Generated from sql/queries/club_members.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import starmap
from typing import NamedTuple

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Snowflake


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
WHERE l.guild_id = $1 AND l.member_key = $2""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("member_key", "text")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
)


async def find(
    db: Executor,
    /,
    *,
    guild_id: int,
    member_key: str,
    timeout: float | None = None,
) -> ClubMember | None:
    """The newest observation of a member."""
    row = await db.row(FIND, guild_id, member_key, timeout=timeout)
    return None if row is None else ClubMember(*values(row))


INGEST = Statement(
    name="club_members.ingest",
    sql="""\
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
ORDER BY e.member_key
ON CONFLICT (guild_id, member_key, observed_at) DO UPDATE
    SET
        name = excluded.name,
        sim_power = excluded.sim_power,
        total_power = excluded.total_power
    WHERE
    (m.name, m.sim_power, m.total_power)
    IS DISTINCT FROM (excluded.name, excluded.sim_power, excluded.total_power)""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("observed_at", "timestamp with time zone"),
        Parameter("member_keys", "text[]"),
        Parameter("names", "text[]"),
        Parameter("sim_powers", "bigint[]"),
        Parameter("total_powers", "bigint[]"),
    ),
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
) -> int:
    """Keeps what was observed of a club's members at one moment, and says how many observations are new
    or changed; the same again changes nothing. A trigger brings the latest of each member up to
    date. In order of the keys, so that two ingests never wait for each other in a circle.
    """
    return await db.execute(
        INGEST,
        guild_id,
        observed_at,
        member_keys,
        names,
        sim_powers,
        total_powers,
        timeout=timeout,
    )


LIST_BY_SIM_POWER = Statement(
    name="club_members.list_by_sim_power",
    sql="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE l.guild_id = $1 AND l.sim_power IS NOT NULL
ORDER BY l.sim_power DESC, l.member_key DESC
LIMIT $2""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
)


async def list_by_sim_power(
    db: Executor,
    /,
    *,
    guild_id: int,
    row_limit: int,
    timeout: float | None = None,
) -> list[RankedBySimPower]:
    """One page of a club's leaderboard by sim power, strongest first; members without one stand
    aside.
    """
    rows = await db.rows(LIST_BY_SIM_POWER, guild_id, row_limit, timeout=timeout)
    return list(starmap(RankedBySimPower, map(values, rows)))


LIST_BY_TOTAL_POWER = Statement(
    name="club_members.list_by_total_power",
    sql="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE l.guild_id = $1 AND l.total_power IS NOT NULL
ORDER BY l.total_power DESC, l.member_key DESC
LIMIT $2""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
)


async def list_by_total_power(
    db: Executor,
    /,
    *,
    guild_id: int,
    row_limit: int,
    timeout: float | None = None,
) -> list[RankedByTotalPower]:
    """One page of a club's leaderboard by total power, strongest first; members without one stand
    aside.
    """
    rows = await db.rows(LIST_BY_TOTAL_POWER, guild_id, row_limit, timeout=timeout)
    return list(starmap(RankedByTotalPower, map(values, rows)))


LIST_HISTORY = Statement(
    name="club_members.list_history",
    sql="""\
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
WHERE m.guild_id = $1 AND m.member_key = $2
ORDER BY m.observed_at DESC
LIMIT $3""",
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
)


async def list_history(
    db: Executor,
    /,
    *,
    guild_id: int,
    member_key: str,
    row_limit: int,
    timeout: float | None = None,
) -> list[Observation]:
    """One page of a member's observations, each with the change in percent since the one before. That
    one is looked up for each row of the page: a window function would see the page alone, or read
    the member's whole history for every page.
    """
    rows = await db.rows(LIST_HISTORY, guild_id, member_key, row_limit, timeout=timeout)
    return list(starmap(Observation, map(values, rows)))


LIST_MEMBERS = Statement(
    name="club_members.list_members",
    sql="""\
SELECT
    l.guild_id,
    l.member_key,
    l.name,
    l.sim_power,
    l.total_power,
    l.last_seen_at
FROM slimy.club_member_latest AS l
WHERE l.guild_id = $1
ORDER BY l.member_key
LIMIT $2""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=("guild_id", "member_key", "name", "sim_power", "total_power", "last_seen_at"),
)


async def list_members(
    db: Executor,
    /,
    *,
    guild_id: int,
    row_limit: int,
    timeout: float | None = None,
) -> list[ClubMember]:
    """One page of a club's members by their keys, each with its newest observation."""
    rows = await db.rows(LIST_MEMBERS, guild_id, row_limit, timeout=timeout)
    return list(starmap(ClubMember, map(values, rows)))


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


# schema, table, column, type, not null, and the queries that rely on it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...]], ...] = (
    ("slimy", "club_member_latest", "guild_id", "bigint", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members")),
    ("slimy", "club_member_latest", "last_seen_at", "timestamp with time zone", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members")),
    ("slimy", "club_member_latest", "member_key", "text", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members")),
    ("slimy", "club_member_latest", "name", "text", True,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members")),
    ("slimy", "club_member_latest", "sim_power", "bigint", False,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members")),
    ("slimy", "club_member_latest", "total_power", "bigint", False,
     ("find", "list_by_sim_power", "list_by_total_power", "list_members")),
    ("slimy", "club_member_metrics", "guild_id", "bigint", True,
     ("ingest", "list_history", "load")),
    ("slimy", "club_member_metrics", "member_key", "text", True,
     ("ingest", "list_history", "load")),
    ("slimy", "club_member_metrics", "name", "text", True,
     ("ingest", "list_history", "load")),
    ("slimy", "club_member_metrics", "observed_at", "timestamp with time zone", True,
     ("ingest", "list_history", "load")),
    ("slimy", "club_member_metrics", "sim_power", "bigint", False,
     ("ingest", "list_history", "load")),
    ("slimy", "club_member_metrics", "total_power", "bigint", False,
     ("ingest", "list_history", "load")),
)
# fmt: on
