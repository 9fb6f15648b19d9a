"""Generated from sql/queries/club_metrics.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Unset
from slimy_dal.engine.variants import Choice

ListHistorySort: TypeAlias = Literal["newest", "oldest"]
ListOfAnalysisSort: TypeAlias = Literal["name"]


class ClubMetric(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    name: str
    value: Json
    unit: str | None
    category: str


class PastMetric(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_history`."""

    analysis_id: UUID
    value: Json
    unit: str | None
    category: str
    confidence: float
    created_at: datetime


DELETE = Statement(
    name="club_metrics.delete",
    sql="""\
WITH analysis AS (
    UPDATE slimy.club_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = a.guild_id AND g.deleted_at IS NULL
        )
        AND EXISTS (
            SELECT m.name
            FROM slimy.club_metrics AS m
            WHERE m.analysis_id = $1 AND m.name = $2
        )
    RETURNING a.id
)

DELETE FROM slimy.club_metrics AS m
USING analysis AS a
WHERE m.analysis_id = a.id AND m.name = $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("name", "text")),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    name: str,
    timeout: float | None = None,
) -> int:
    """Removes a metric from its analysis, which is dated first."""
    return await db.execute(DELETE, analysis_id, name, timeout=timeout)


class ListHistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_history` may be narrowed to: whatever is given, together."""

    min_confidence: float | Unset = UNSET
    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_HISTORY = Listing(
    name="club_metrics.list_history",
    head="""\
SELECT
    a.id AS analysis_id,
    m.value,
    m.unit,
    m.category,
    a.confidence,
    a.created_at
FROM slimy.club_analyses AS a
INNER JOIN slimy.club_metrics AS m ON a.id = m.analysis_id AND m.name = $1
WHERE
    a.guild_id = $2
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $2 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC",
    tail="\nLIMIT $3",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id"),
            (5, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("a.created_at", "a.id"),
            (5, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice(
            "min_confidence",
            ("a.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
        Choice("since", ("a.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("a.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(
        Parameter("name", "text"),
        Parameter("guild_id", "bigint"),
        Parameter("row_limit", "bigint"),
    ),
    columns=("analysis_id", "value", "unit", "category", "confidence", "created_at"),
    replica=True,
)


async def list_history(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    name: str,
    guild_id: int,
    filter: ListHistoryFilter = ListHistoryFilter(),
    sort: ListHistorySort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[PastMetric]:
    """One page of a guild's values of one metric, from the newest analysis to the oldest; none when it
    is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_HISTORY.ask(
        cursors,
        (name, guild_id),
        given=(filter.min_confidence, filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(PastMetric, map(values, rows))), *asked.cursors)


class ListOfAnalysisFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_analysis` may be narrowed to: whatever is given, together."""

    category: str | Unset = UNSET


LIST_OF_ANALYSIS = Listing(
    name="club_metrics.list_of_analysis",
    head="""\
SELECT
    m.name,
    m.value,
    m.unit,
    m.category
FROM slimy.club_metrics AS m
WHERE
    m.analysis_id = $1
    AND EXISTS (
        SELECT a.id
        FROM slimy.club_analyses AS a
        INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
        WHERE a.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.name ASC",
    tail="\nLIMIT $2",
    sorts=(Sort("name", ("m.name",), (0,), (Parameter("cursor", "text"),)),),
    choices=(Choice("category", ("m.category = ", ""), Parameter("category", "text")),),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("name", "value", "unit", "category"),
    replica=True,
)


async def list_of_analysis(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    analysis_id: UUID,
    filter: ListOfAnalysisFilter = ListOfAnalysisFilter(),
    sort: ListOfAnalysisSort = "name",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubMetric]:
    """One page of an analysis' metrics by name; with a category, those of it. None of a deleted guild.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_ANALYSIS.ask(
        cursors,
        (analysis_id,),
        given=(filter.category,),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubMetric, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="club_metrics.load",
    sql="""\
INSERT INTO slimy.club_metrics (analysis_id, name, value, unit, category)
VALUES ($1, $2, $3, $4, $5)""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("name", "text"),
        Parameter("value", "jsonb"),
        Parameter("unit", "text", nullable=True),
        Parameter("category", "text"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    analysis_id: UUID
    name: str
    value: Json
    unit: str | None
    category: str


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads metrics in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "club_metrics"),
        ("analysis_id", "name", "value", "unit", "category"),
        items,
        timeout=timeout,
    )


PUT = Statement(
    name="club_metrics.put",
    sql="""\
WITH analysis AS (
    UPDATE slimy.club_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = a.guild_id AND g.deleted_at IS NULL
        )
    RETURNING a.id
)

INSERT INTO slimy.club_metrics AS m (analysis_id, name, value, unit, category)
SELECT
    a.id,
    $2,
    $3,
    $4,
    $5
FROM analysis AS a
ON CONFLICT (analysis_id, name) DO UPDATE
    SET
        value = excluded.value,
        unit = excluded.unit,
        category = excluded.category
RETURNING m.name, m.value, m.unit, m.category""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("name", "text"),
        Parameter("value", "jsonb"),
        Parameter("unit", "text", nullable=True),
        Parameter("category", "text"),
    ),
    columns=("name", "value", "unit", "category"),
    writes=True,
)


async def put(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    name: str,
    value_: Json,
    unit: str | None,
    category: str,
    timeout: float | None = None,
) -> ClubMetric | None:
    """Adds a metric to an analysis, or corrects the one of that name. No row when there is no such
    analysis, or its guild is deleted. It dates the analysis first, as replacing all of them does: of
    both at a time one waits, and then corrects what the other had put there.
    """
    row = await db.row(PUT, analysis_id, name, value_, unit, category, timeout=timeout)
    return None if row is None else ClubMetric(*values(row))


REPLACE = Statement(
    name="club_metrics.replace",
    sql="""\
SELECT slimy.replace_club_metrics($1, $2::jsonb) AS metrics""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("metrics", "jsonb")),
    columns=("metrics",),
    writes=True,
)


async def replace(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    metrics: Json,
    timeout: float | None = None,
) -> Json | None:
    """Puts other metrics in the place of an analysis' own, all or nothing, and gives them as they are
    kept; null when there is no such analysis, or its guild is deleted.
    """
    row = await db.row(REPLACE, analysis_id, metrics, timeout=timeout)
    if row is None:
        raise NotFound("club_metrics.replace found no row", query="club_metrics.replace")
    value: Json | None = row[0]
    return value


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "confidence", "double precision", True,
     ("list_history",), ()),
    ("slimy", "club_analyses", "created_at", "timestamp with time zone", True,
     ("list_history",), ()),
    ("slimy", "club_analyses", "guild_id", "bigint", True,
     ("delete", "list_history", "list_of_analysis", "put"), ()),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("delete", "list_history", "list_of_analysis", "put"), ()),
    ("slimy", "club_analyses", "updated_at", "timestamp with time zone", True,
     ("delete", "put"), ("delete", "put")),
    ("slimy", "club_metrics", "analysis_id", "uuid", True,
     ("delete", "list_history", "list_of_analysis", "put"), ("load", "put")),
    ("slimy", "club_metrics", "category", "text", True,
     ("list_history", "list_of_analysis", "put"), ("load", "put")),
    ("slimy", "club_metrics", "name", "text", True,
     ("delete", "list_history", "list_of_analysis", "put"), ("load", "put")),
    ("slimy", "club_metrics", "unit", "text", False,
     ("list_history", "list_of_analysis", "put"), ("load", "put")),
    ("slimy", "club_metrics", "value", "jsonb", True,
     ("list_history", "list_of_analysis", "put"), ("load", "put")),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("delete", "list_history", "list_of_analysis", "put"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("delete", "list_history", "list_of_analysis", "put"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "table",
     ("delete", "list_history", "list_of_analysis", "put"), ("delete", "put"), ()),
    ("slimy", "club_metrics", "table",
     ("delete", "list_history", "list_of_analysis", "put"), ("load", "put"), ("delete",)),
    ("slimy", "guilds", "table",
     ("delete", "list_history", "list_of_analysis", "put"), (), ()),
    ("slimy", "replace_club_metrics", "function",
     ("replace",), (), ()),
)
# fmt: on
