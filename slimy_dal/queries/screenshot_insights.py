"""Generated from sql/queries/screenshot_insights.sql by `slimy generate`; do not edit."""

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

ListOfAnalysisSort: TypeAlias = Literal["oldest"]
ListOfUserSort: TypeAlias = Literal["newest"]
Priority: TypeAlias = Literal["low", "medium", "high"]


class ScreenshotInsight(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    type: str
    priority: Priority
    title: str
    description: str
    confidence: float
    actionable: bool
    created_at: datetime


class UserInsight(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_of_user`."""

    analysis_id: UUID
    screenshot_type: str
    analysed_at: datetime
    id: UUID
    type: str
    priority: Priority
    title: str
    description: str
    confidence: float
    actionable: bool
    created_at: datetime


ADD_MANY = Statement(
    name="screenshot_insights.add_many",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = $1
    RETURNING a.id
)

INSERT INTO slimy.screenshot_insights AS i (
    analysis_id, type, priority, title, description, confidence, actionable
)
SELECT
    a.id,
    e.type,
    e.priority,
    e.title,
    e.description,
    e.confidence,
    e.actionable
FROM analysis AS a
CROSS JOIN
    jsonb_to_recordset($2::jsonb)
        AS e (
            type text,
            priority text,
            title text,
            description text,
            confidence double precision,
            actionable boolean
        )
RETURNING
    i.id,
    i.type,
    i.priority,
    i.title,
    i.description,
    i.confidence,
    i.actionable,
    i.created_at""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("insights", "jsonb")),
    columns=(
        "id",
        "type",
        "priority",
        "title",
        "description",
        "confidence",
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
    insights: Json,
    timeout: float | None = None,
) -> list[ScreenshotInsight]:
    """Adds insights to an analysis, all or nothing; no rows when there is no such analysis. It is dated
    first, so that two who change it meet at its row.
    """
    rows = await db.rows(ADD_MANY, analysis_id, insights, timeout=timeout)
    return list(starmap(ScreenshotInsight, map(values, rows)))


DELETE = Statement(
    name="screenshot_insights.delete",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = $1
        AND EXISTS (
            SELECT i.id
            FROM slimy.screenshot_insights AS i
            WHERE i.analysis_id = $1 AND i.id = $2
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_insights AS i
USING analysis AS a
WHERE i.analysis_id = a.id AND i.id = $2""",
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
    """Removes an insight from its analysis, which is dated first."""
    return await db.execute(DELETE, analysis_id, id, timeout=timeout)


class ListOfAnalysisFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_analysis` may be narrowed to: whatever is given, together."""

    type: str | Unset = UNSET
    priority: Priority | Unset = UNSET
    actionable: bool | Unset = UNSET
    min_confidence: float | Unset = UNSET


LIST_OF_ANALYSIS = Listing(
    name="screenshot_insights.list_of_analysis",
    head="""\
SELECT
    i.id,
    i.type,
    i.priority,
    i.title,
    i.description,
    i.confidence,
    i.actionable,
    i.created_at
FROM slimy.screenshot_insights AS i
WHERE i.analysis_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="i.id ASC",
    tail="\nLIMIT $2",
    sorts=(Sort("oldest", ("i.id",), (0,), (Parameter("cursor", "uuid"),)),),
    choices=(
        Choice("type", ("i.type = ", ""), Parameter("type", "text")),
        Choice("priority", ("i.priority = ", ""), Parameter("priority", "text")),
        Choice("actionable", ("i.actionable = ", ""), Parameter("actionable", "boolean")),
        Choice(
            "min_confidence",
            ("i.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
    ),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "type",
        "priority",
        "title",
        "description",
        "confidence",
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
) -> Page[ScreenshotInsight]:
    """One page of an analysis' insights, in the order they were made.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_ANALYSIS.ask(
        cursors,
        (analysis_id,),
        given=(filter.type, filter.priority, filter.actionable, filter.min_confidence),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotInsight, map(values, rows))), *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    type: str | Unset = UNSET
    priority: Priority | Unset = UNSET
    actionable: bool | Unset = UNSET
    min_confidence: float | Unset = UNSET


LIST_OF_USER = Listing(
    name="screenshot_insights.list_of_user",
    head="""\
SELECT
    a.id AS analysis_id,
    a.screenshot_type,
    a.created_at AS analysed_at,
    i.id,
    i.type,
    i.priority,
    i.title,
    i.description,
    i.confidence,
    i.actionable,
    i.created_at
FROM slimy.screenshot_analyses AS a
INNER JOIN slimy.screenshot_insights AS i ON a.id = i.analysis_id
WHERE a.user_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC, i.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id", "i.id"),
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
        Choice("type", ("i.type = ", ""), Parameter("type", "text")),
        Choice("priority", ("i.priority = ", ""), Parameter("priority", "text")),
        Choice("actionable", ("i.actionable = ", ""), Parameter("actionable", "boolean")),
        Choice(
            "min_confidence",
            ("i.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
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
        "confidence",
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
) -> Page[UserInsight]:
    """One page of the insights of a user's analyses, from the newest analysis to the oldest.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(filter.type, filter.priority, filter.actionable, filter.min_confidence),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(UserInsight, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="screenshot_insights.load",
    sql="""\
INSERT INTO slimy.screenshot_insights (
    analysis_id,
    id,
    type,
    priority,
    title,
    description,
    confidence,
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
    $9
)""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("id", "uuid"),
        Parameter("type", "text"),
        Parameter("priority", "text"),
        Parameter("title", "text"),
        Parameter("description", "text"),
        Parameter("confidence", "double precision"),
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
    confidence: float
    actionable: bool
    created_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads insights in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "screenshot_insights"),
        (
            "analysis_id",
            "id",
            "type",
            "priority",
            "title",
            "description",
            "confidence",
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
    ("slimy", "screenshot_insights", "actionable", "boolean", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_insights", "analysis_id", "uuid", True,
     ("delete", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_insights", "confidence", "double precision", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_insights", "created_at", "timestamp with time zone", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("load",)),
    ("slimy", "screenshot_insights", "description", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_insights", "id", "uuid", True,
     ("add_many", "delete", "list_of_analysis", "list_of_user"), ("load",)),
    ("slimy", "screenshot_insights", "priority", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_insights", "title", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
    ("slimy", "screenshot_insights", "type", "text", True,
     ("add_many", "list_of_analysis", "list_of_user"), ("add_many", "load")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "table",
     ("add_many", "delete", "list_of_user"), ("add_many", "delete"), ()),
    ("slimy", "screenshot_insights", "table",
     ("add_many", "delete", "list_of_analysis", "list_of_user"),
     ("add_many", "load"),
     ("delete",)),
)
# fmt: on
