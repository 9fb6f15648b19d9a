"""Generated from sql/queries/screenshot_recommendations.sql by `slimy generate`; do not edit."""

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

Effort: TypeAlias = Literal["low", "medium", "high"]
Impact: TypeAlias = Literal["low", "medium", "high"]
ListOfAnalysisSort: TypeAlias = Literal["oldest"]
ListOfUserSort: TypeAlias = Literal["newest"]
Priority: TypeAlias = Literal["low", "medium", "high"]


class ScreenshotRecommendation(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    type: str
    priority: Priority
    title: str
    description: str
    impact: Impact
    effort: Effort
    actionable: bool
    created_at: datetime


class UserRecommendation(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_of_user`."""

    analysis_id: UUID
    screenshot_type: str
    analysed_at: datetime
    id: UUID
    type: str
    priority: Priority
    title: str
    description: str
    impact: Impact
    effort: Effort
    actionable: bool
    created_at: datetime


ADD_MANY = Statement(
    name="screenshot_recommendations.add_many",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = $1
    RETURNING a.id
)

INSERT INTO slimy.screenshot_recommendations AS r (
    analysis_id, type, priority, title, description, impact, effort, actionable
)
SELECT
    a.id,
    e.type,
    e.priority,
    e.title,
    e.description,
    e.impact,
    e.effort,
    e.actionable
FROM analysis AS a
CROSS JOIN
    jsonb_to_recordset($2::jsonb)
        AS e (
            type text,
            priority text,
            title text,
            description text,
            impact text,
            effort text,
            actionable boolean
        )
RETURNING
    r.id,
    r.type,
    r.priority,
    r.title,
    r.description,
    r.impact,
    r.effort,
    r.actionable,
    r.created_at""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("recommendations", "jsonb")),
    columns=(
        "id",
        "type",
        "priority",
        "title",
        "description",
        "impact",
        "effort",
        "actionable",
        "created_at",
    ),
    writes=True,
)


async def add_many(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    recommendations: Json,
    timeout: float | None = None,
) -> list[ScreenshotRecommendation]:
    """Adds recommendations to an analysis, all or nothing; no rows when there is no such analysis. It
    is dated first, so that two who change it meet at its row.
    """
    rows = await db.rows(ADD_MANY, analysis_id, recommendations, timeout=timeout)
    return list(starmap(ScreenshotRecommendation, map(values, rows)))


DELETE = Statement(
    name="screenshot_recommendations.delete",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = $1
        AND EXISTS (
            SELECT r.id
            FROM slimy.screenshot_recommendations AS r
            WHERE r.analysis_id = $1 AND r.id = $2
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_recommendations AS r
USING analysis AS a
WHERE r.analysis_id = a.id AND r.id = $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("id", "uuid")),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    id: UUID,
    timeout: float | None = None,
) -> int:
    """Removes a recommendation from its analysis, which is dated first."""
    return await db.execute(DELETE, analysis_id, id, timeout=timeout)


class ListOfAnalysisFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_analysis` may be narrowed to: whatever is given, together."""

    type: str | Unset = UNSET
    priority: Priority | Unset = UNSET
    impact: Impact | Unset = UNSET
    effort: Effort | Unset = UNSET
    actionable: bool | Unset = UNSET


LIST_OF_ANALYSIS = Listing(
    name="screenshot_recommendations.list_of_analysis",
    head="""\
SELECT
    r.id,
    r.type,
    r.priority,
    r.title,
    r.description,
    r.impact,
    r.effort,
    r.actionable,
    r.created_at
FROM slimy.screenshot_recommendations AS r
WHERE r.analysis_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="r.id ASC",
    tail="\nLIMIT $2",
    sorts=(Sort("oldest", ("r.id",), (0,), (Parameter("cursor", "uuid"),)),),
    choices=(
        Choice("type", ("r.type = ", ""), Parameter("type", "text")),
        Choice("priority", ("r.priority = ", ""), Parameter("priority", "text")),
        Choice("impact", ("r.impact = ", ""), Parameter("impact", "text")),
        Choice("effort", ("r.effort = ", ""), Parameter("effort", "text")),
        Choice("actionable", ("r.actionable = ", ""), Parameter("actionable", "boolean")),
    ),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "type",
        "priority",
        "title",
        "description",
        "impact",
        "effort",
        "actionable",
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
    sort: ListOfAnalysisSort = "oldest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ScreenshotRecommendation]:
    """One page of an analysis' recommendations, in the order they were made.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_ANALYSIS.ask(
        cursors,
        (analysis_id,),
        given=(filter.type, filter.priority, filter.impact, filter.effort, filter.actionable),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotRecommendation, map(values, rows))), *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    type: str | Unset = UNSET
    priority: Priority | Unset = UNSET
    impact: Impact | Unset = UNSET
    effort: Effort | Unset = UNSET
    actionable: bool | Unset = UNSET


LIST_OF_USER = Listing(
    name="screenshot_recommendations.list_of_user",
    head="""\
SELECT
    a.id AS analysis_id,
    a.screenshot_type,
    a.created_at AS analysed_at,
    r.id,
    r.type,
    r.priority,
    r.title,
    r.description,
    r.impact,
    r.effort,
    r.actionable,
    r.created_at
FROM slimy.screenshot_analyses AS a
INNER JOIN slimy.screenshot_recommendations AS r ON a.id = r.analysis_id
WHERE a.user_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC, r.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id", "r.id"),
            (2, 0, 3),
            (
                Parameter("cursor", "timestamp with time zone"),
                Parameter("cursor", "uuid"),
                Parameter("cursor", "uuid"),
            ),
            descending=True,
        ),
    ),
    choices=(
        Choice("type", ("r.type = ", ""), Parameter("type", "text")),
        Choice("priority", ("r.priority = ", ""), Parameter("priority", "text")),
        Choice("impact", ("r.impact = ", ""), Parameter("impact", "text")),
        Choice("effort", ("r.effort = ", ""), Parameter("effort", "text")),
        Choice("actionable", ("r.actionable = ", ""), Parameter("actionable", "boolean")),
    ),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "analysis_id",
        "screenshot_type",
        "analysed_at",
        "id",
        "type",
        "priority",
        "title",
        "description",
        "impact",
        "effort",
        "actionable",
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
) -> Page[UserRecommendation]:
    """One page of the recommendations of a user's analyses, from the newest analysis to the oldest.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(filter.type, filter.priority, filter.impact, filter.effort, filter.actionable),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(UserRecommendation, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="screenshot_recommendations.load",
    sql="""\
INSERT INTO slimy.screenshot_recommendations (
    analysis_id,
    id,
    type,
    priority,
    title,
    description,
    impact,
    effort,
    actionable,
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
        Parameter("analysis_id", "uuid"),
        Parameter("id", "uuid"),
        Parameter("type", "text"),
        Parameter("priority", "text"),
        Parameter("title", "text"),
        Parameter("description", "text"),
        Parameter("impact", "text"),
        Parameter("effort", "text"),
        Parameter("actionable", "boolean"),
        Parameter("created_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    analysis_id: UUID
    id: UUID
    type: str
    priority: Priority
    title: str
    description: str
    impact: Impact
    effort: Effort
    actionable: bool
    created_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads recommendations in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "screenshot_recommendations"),
        (
            "analysis_id",
            "id",
            "type",
            "priority",
            "title",
            "description",
            "impact",
            "effort",
            "actionable",
            "created_at",
        ),
        items,
        timeout=timeout,
    )


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "created_at", "timestamp with time zone", True,
     ("list_of_user",), ()),
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("add_many", "delete", "list_of_user"), ()),
    ("slimy", "screenshot_analyses", "screenshot_type", "text", True,
     ("list_of_user",), ()),
    ("slimy", "screenshot_analyses", "updated_at", "timestamp with time zone", True,
     ("add_many", "delete"), ("add_many", "delete")),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("list_of_user",), ()),
    ("slimy", "screenshot_recommendations", "actionable", "boolean", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "analysis_id", "uuid", True,
     ("delete", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "created_at", "timestamp with time zone", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("load",)),
    ("slimy", "screenshot_recommendations", "description", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "effort", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "id", "uuid", True,
     ("add_many", "delete", "list_of_analysis", "list_of_user"), ("load",)),
    ("slimy", "screenshot_recommendations", "impact", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "priority", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "title", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_recommendations", "type", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "table",
     ("add_many", "delete", "list_of_user"), ("add_many", "delete"), ()),
    ("slimy", "screenshot_recommendations", "table",
     ("add_many", "delete", "list_of_analysis", "list_of_user"),
     ("add_many", "load"),
     ("delete",)),
)
# fmt: on
