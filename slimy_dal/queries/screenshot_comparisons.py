"""Generated from sql/queries/screenshot_comparisons.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Unset
from slimy_dal.engine.variants import Choice

ListOfAnalysisSort: TypeAlias = Literal["newest"]
ListOfUserSort: TypeAlias = Literal["newest", "oldest"]
Trend: TypeAlias = Literal["down", "mixed", "stable", "up"]


class Difference(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `compare`."""

    key: str
    category: str
    kind: str
    first_value: Json | None
    second_value: Json | None
    change: Json | None
    change_percent: Json | None


class FindOwnerRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_owner`."""

    user_id: UUID


class ScreenshotComparison(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    id: UUID
    user_id: UUID
    analysis_id_1: UUID
    analysis_id_2: UUID
    comparison_type: str
    summary: str
    trend: Trend | None
    differences: Json
    insights: Json
    created_at: datetime


class ScreenshotComparisonSummary(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    user_id: UUID
    analysis_id_1: UUID
    analysis_id_2: UUID
    comparison_type: str
    summary: str
    trend: Trend | None
    created_at: datetime


COMPARE = Statement(
    name="screenshot_comparisons.compare",
    sql="""\
SELECT
    d.key,
    d.category,
    d.kind,
    d.first_value,
    d.second_value,
    to_jsonb(d.change) AS change,
    to_jsonb(d.change_percent) AS change_percent
FROM slimy.screenshot_differences($1, $2) AS d
WHERE d.kind != 'same'
ORDER BY d.key
LIMIT 1000""",
    parameters=(Parameter("first_id", "uuid"), Parameter("second_id", "uuid")),
    columns=("key", "category", "kind", "first_value", "second_value", "change", "change_percent"),
    replica=True,
)


async def compare(
    db: Executor,
    /,
    *,
    first_id: UUID,
    second_id: UUID,
    timeout: float | None = None,
) -> list[Difference]:
    """The data points of two analyses side by side, those that differ, by key; numbers with how much
    they changed, values of more than 200 characters as their beginning and their length. Nothing is
    kept.
    """
    rows = await db.rows(COMPARE, first_id, second_id, timeout=timeout)
    return list(starmap(Difference, map(values, rows)))


CREATE = Statement(
    name="screenshot_comparisons.create",
    sql="""\
WITH pair AS (
    SELECT
        least(a.id, b.id) AS first_id,
        greatest(a.id, b.id) AS second_id
    FROM slimy.screenshot_analyses AS a
    CROSS JOIN slimy.screenshot_analyses AS b
    WHERE
        a.id = $1
        AND b.id = $2
        AND a.user_id = $3
        AND b.user_id = $3
),

points AS MATERIALIZED (
    SELECT
        d.key,
        d.category,
        d.kind,
        d.first_value,
        d.second_value,
        d.change,
        d.change_percent
    FROM pair AS p
    CROSS JOIN LATERAL slimy.screenshot_differences(p.first_id, p.second_id) AS d
),

entries AS (
    SELECT
        w.entry,
        w.key,
        -- With the brackets around all and the comma between two.
        2 + sum(octet_length(w.entry::text) + 2) OVER (ORDER BY w.key) AS size
    FROM (
        SELECT
            d.key,
            jsonb_build_object(
                'key', d.key,
                'category', d.category,
                'kind', d.kind,
                'firstValue', d.first_value,
                'secondValue', d.second_value,
                'change', d.change,
                'changePercent', d.change_percent
            ) AS entry
        FROM points AS d
        WHERE d.kind != 'same'
    ) AS w
),

found AS (
    SELECT
        (
            SELECT coalesce(jsonb_agg(e.entry ORDER BY e.key), '[]')
            FROM entries AS e
            WHERE e.size <= 1048576
        ) AS differences,
        CASE
            WHEN count(d.change) = 0 THEN NULL
            WHEN bool_and(d.change = 0) THEN 'stable'
            WHEN bool_and(d.change >= 0) THEN 'up'
            WHEN bool_and(d.change <= 0) THEN 'down'
            ELSE 'mixed'
        END AS trend
    FROM points AS d
),

extremes AS (
    SELECT
        coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'kind', e.kind,
                    'key', e.key,
                    'change', e.change,
                    'changePercent', e.change_percent
                )
                ORDER BY e.kind DESC
            ),
            '[]'
        ) AS insights
    FROM (
        SELECT DISTINCT ON (d.change > 0)
            d.key,
            d.change,
            d.change_percent,
            CASE WHEN d.change > 0 THEN 'largest_rise' ELSE 'largest_fall' END AS kind
        FROM points AS d
        WHERE d.change != 0
        ORDER BY d.change > 0, abs(d.change_percent) DESC NULLS LAST, d.key
    ) AS e
)

INSERT INTO slimy.screenshot_comparisons AS c (
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights
)
SELECT
    $3,
    p.first_id,
    p.second_id,
    $4,
    $5,
    f.trend,
    f.differences,
    coalesce($6, e.insights) AS insights
FROM pair AS p
CROSS JOIN found AS f
CROSS JOIN extremes AS e
RETURNING
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.differences,
    c.insights,
    c.created_at""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("other_id", "uuid"),
        Parameter("user_id", "uuid"),
        Parameter("comparison_type", "text"),
        Parameter("summary", "text"),
        Parameter("insights", "jsonb", nullable=True),
    ),
    columns=(
        "id",
        "user_id",
        "analysis_id_1",
        "analysis_id_2",
        "comparison_type",
        "summary",
        "trend",
        "differences",
        "insights",
        "created_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    other_id: UUID,
    user_id: UUID,
    comparison_type: str,
    summary: str,
    insights: Json | None,
    timeout: float | None = None,
) -> ScreenshotComparison | None:
    """Compares two analyses of a user, whichever way round they are given, and keeps what differs: from
    the older to the newer one, with the trend of the numbers that both have. Long values are
    shortened, and of more differences than fit 1 MiB those with the first keys are kept: no two
    analyses are too large to compare. Without insights of the caller's these are the largest rise
    and the largest fall. No row when the user has not got both.
    """
    row = await db.row(
        CREATE,
        analysis_id,
        other_id,
        user_id,
        comparison_type,
        summary,
        insights,
        timeout=timeout,
    )
    return None if row is None else ScreenshotComparison(*values(row))


DELETE = Statement(
    name="screenshot_comparisons.delete",
    sql="""\
DELETE FROM slimy.screenshot_comparisons
WHERE id = $1""",
    parameters=(Parameter("id", "uuid"),),
    writes=True,
)


async def delete(db: Executor, /, *, id: UUID, timeout: float | None = None) -> int:
    """Forgets a comparison."""
    return await db.execute(DELETE, id, timeout=timeout)


FIND = Statement(
    name="screenshot_comparisons.find",
    sql="""\
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.differences,
    c.insights,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE
    c.analysis_id_1 = least($1::uuid, $2::uuid)
    AND c.analysis_id_2 = greatest($1::uuid, $2::uuid)
    AND c.comparison_type = $3""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("other_id", "uuid"),
        Parameter("comparison_type", "text"),
    ),
    columns=(
        "id",
        "user_id",
        "analysis_id_1",
        "analysis_id_2",
        "comparison_type",
        "summary",
        "trend",
        "differences",
        "insights",
        "created_at",
    ),
    replica=True,
)


async def find(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    other_id: UUID,
    comparison_type: str,
    timeout: float | None = None,
) -> ScreenshotComparison | None:
    """The comparison of two analyses of one type, whichever way round they are given."""
    row = await db.row(FIND, analysis_id, other_id, comparison_type, timeout=timeout)
    return None if row is None else ScreenshotComparison(*values(row))


FIND_OWNER = Statement(
    name="screenshot_comparisons.find_owner",
    sql="""\
SELECT c.user_id
FROM slimy.screenshot_comparisons AS c
WHERE c.id = $1""",
    parameters=(Parameter("id", "uuid"),),
    columns=("user_id",),
)


async def find_owner(
    db: Executor,
    /,
    *,
    id: UUID,
    timeout: float | None = None,
) -> FindOwnerRow | None:
    """Whose a comparison is."""
    row = await db.row(FIND_OWNER, id, timeout=timeout)
    return None if row is None else FindOwnerRow(*values(row))


GET = Statement(
    name="screenshot_comparisons.get",
    sql="""\
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.differences,
    c.insights,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE c.id = $1""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "user_id",
        "analysis_id_1",
        "analysis_id_2",
        "comparison_type",
        "summary",
        "trend",
        "differences",
        "insights",
        "created_at",
    ),
    replica=True,
)


async def get(
    db: Executor,
    /,
    *,
    id: UUID,
    timeout: float | None = None,
) -> ScreenshotComparison | None:
    """A comparison."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else ScreenshotComparison(*values(row))


class ListOfAnalysisFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_analysis` may be narrowed to: whatever is given, together."""

    comparison_type: str | Unset = UNSET


LIST_OF_ANALYSIS = Listing(
    name="screenshot_comparisons.list_of_analysis",
    head="""\
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE (c.analysis_id_1 = $1 OR c.analysis_id_2 = $1)""",
    joint="AND",
    middle="\nORDER BY ",
    order="c.id DESC",
    tail="\nLIMIT $2",
    sorts=(Sort("newest", ("c.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),),
    choices=(
        Choice(
            "comparison_type",
            ("c.comparison_type = ", ""),
            Parameter("comparison_type", "text"),
        ),
    ),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "user_id",
        "analysis_id_1",
        "analysis_id_2",
        "comparison_type",
        "summary",
        "trend",
        "created_at",
    ),
    replica=True,
)


async def list_of_analysis(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    analysis_id: UUID,
    filter: ListOfAnalysisFilter = ListOfAnalysisFilter(),
    sort: ListOfAnalysisSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ScreenshotComparisonSummary]:
    """One page of the comparisons that an analysis is a side of, newest first.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_ANALYSIS.ask(
        cursors,
        (analysis_id,),
        given=(filter.comparison_type,),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotComparisonSummary, map(values, rows))), *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    comparison_type: str | Unset = UNSET
    trend: Trend | Unset = UNSET
    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_OF_USER = Listing(
    name="screenshot_comparisons.list_of_user",
    head="""\
SELECT
    c.id,
    c.user_id,
    c.analysis_id_1,
    c.analysis_id_2,
    c.comparison_type,
    c.summary,
    c.trend,
    c.created_at
FROM slimy.screenshot_comparisons AS c
WHERE c.user_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="c.created_at DESC, c.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("c.created_at", "c.id"),
            (7, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("c.created_at", "c.id"),
            (7, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice(
            "comparison_type",
            ("c.comparison_type = ", ""),
            Parameter("comparison_type", "text"),
        ),
        Choice("trend", ("c.trend = ", ""), Parameter("trend", "text")),
        Choice("since", ("c.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("c.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "user_id",
        "analysis_id_1",
        "analysis_id_2",
        "comparison_type",
        "summary",
        "trend",
        "created_at",
    ),
    replica=True,
)


async def list_of_user(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    filter: ListOfUserFilter = ListOfUserFilter(),
    sort: ListOfUserSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ScreenshotComparisonSummary]:
    """One page of a user's comparisons, newest first, without differences and insights.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(filter.comparison_type, filter.trend, filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotComparisonSummary, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="screenshot_comparisons.load",
    sql="""\
INSERT INTO slimy.screenshot_comparisons (
    id,
    user_id,
    analysis_id_1,
    analysis_id_2,
    comparison_type,
    summary,
    trend,
    differences,
    insights,
    created_at
)
VALUES (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7,
    $8,
    $9,
    $10
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("user_id", "uuid"),
        Parameter("analysis_id_1", "uuid"),
        Parameter("analysis_id_2", "uuid"),
        Parameter("comparison_type", "text"),
        Parameter("summary", "text"),
        Parameter("trend", "text", nullable=True),
        Parameter("differences", "jsonb"),
        Parameter("insights", "jsonb"),
        Parameter("created_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    user_id: UUID
    analysis_id_1: UUID
    analysis_id_2: UUID
    comparison_type: str
    summary: str
    trend: Trend | None
    differences: Json
    insights: Json
    created_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads comparisons in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "screenshot_comparisons"),
        (
            "id",
            "user_id",
            "analysis_id_1",
            "analysis_id_2",
            "comparison_type",
            "summary",
            "trend",
            "differences",
            "insights",
            "created_at",
        ),
        items,
        timeout=timeout,
    )


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("create",), ()),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("create",), ()),
    ("slimy", "screenshot_comparisons", "analysis_id_1", "uuid", True,
     ("create", "find", "get", "list_of_analysis", "list_of_user"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "analysis_id_2", "uuid", True,
     ("create", "find", "get", "list_of_analysis", "list_of_user"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "comparison_type", "text", True,
     ("create", "find", "get", "list_of_analysis", "list_of_user"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "created_at", "timestamp with time zone", True,
     ("create", "find", "get", "list_of_analysis", "list_of_user"), ("load",)),
    ("slimy", "screenshot_comparisons", "differences", "jsonb", True,
     ("create", "find", "get"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "id", "uuid", True,
     ("create", "delete", "find", "find_owner", "get", "list_of_analysis", "list_of_user"),
     ("load",)),
    ("slimy", "screenshot_comparisons", "insights", "jsonb", True,
     ("create", "find", "get"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "summary", "text", True,
     ("create", "find", "get", "list_of_analysis", "list_of_user"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "trend", "text", False,
     ("create", "find", "get", "list_of_analysis", "list_of_user"), ("create", "load")),
    ("slimy", "screenshot_comparisons", "user_id", "uuid", True,
     ("create", "find", "find_owner", "get", "list_of_analysis", "list_of_user"),
     ("create", "load")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "table",
     ("create",), (), ()),
    ("slimy", "screenshot_comparisons", "table",
     ("create", "delete", "find", "find_owner", "get", "list_of_analysis", "list_of_user"),
     ("create", "load"),
     ("delete",)),
    ("slimy", "screenshot_differences", "function",
     ("compare", "create"), (), ()),
)
# fmt: on
