"""Generated from sql/queries/screenshot_insights.sql by `slimy generate`; do not edit."""

from datetime import datetime
from itertools import starmap
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Json

Priority: TypeAlias = Literal["low", "medium", "high"]


class ListOfUserRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
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


ADD_MANY = Statement(
    name="screenshot_insights.add_many",
    sql="""\
INSERT INTO slimy.screenshot_insights AS i (
    analysis_id, type, priority, title, description, confidence, actionable
)
SELECT
    $1,
    e.type,
    e.priority,
    e.title,
    e.description,
    e.confidence,
    e.actionable
FROM
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
    """Adds insights to an analysis, all or nothing; one that does not exist is refused by
    screenshot_insights_analysis_id_fkey.
    """
    rows = await db.rows(ADD_MANY, analysis_id, insights, timeout=timeout)
    return list(starmap(ScreenshotInsight, map(values, rows)))


DELETE = Statement(
    name="screenshot_insights.delete",
    sql="""\
DELETE FROM slimy.screenshot_insights
WHERE analysis_id = $1 AND id = $2""",
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
    """Removes an insight from its analysis."""
    return await db.execute(DELETE, analysis_id, id, timeout=timeout)


LIST_OF_ANALYSIS = Statement(
    name="screenshot_insights.list_of_analysis",
    sql="""\
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
WHERE i.analysis_id = $1
ORDER BY i.id ASC
LIMIT $2""",
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
)


async def list_of_analysis(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ScreenshotInsight]:
    """One page of an analysis' insights, in the order they were made."""
    rows = await db.rows(LIST_OF_ANALYSIS, analysis_id, row_limit, timeout=timeout)
    return list(starmap(ScreenshotInsight, map(values, rows)))


LIST_OF_USER = Statement(
    name="screenshot_insights.list_of_user",
    sql="""\
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
WHERE a.user_id = $1
ORDER BY a.created_at DESC, a.id DESC, i.id DESC
LIMIT $2""",
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
)


async def list_of_user(
    db: Executor,
    /,
    *,
    user_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ListOfUserRow]:
    """One page of the insights of a user's analyses, from the newest analysis to the oldest."""
    rows = await db.rows(LIST_OF_USER, user_id, row_limit, timeout=timeout)
    return list(starmap(ListOfUserRow, map(values, rows)))


# schema, table, column, type, not null, and the queries that rely on it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "created_at", "timestamp with time zone", True,
     ("list_of_user",)),
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("list_of_user",)),
    ("slimy", "screenshot_analyses", "screenshot_type", "text", True,
     ("list_of_user",)),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("list_of_user",)),
    ("slimy", "screenshot_insights", "actionable", "boolean", True,
     ("add_many", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "analysis_id", "uuid", True,
     ("add_many", "delete", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "confidence", "double precision", True,
     ("add_many", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "created_at", "timestamp with time zone", True,
     ("add_many", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "description", "text", True,
     ("add_many", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "id", "uuid", True,
     ("add_many", "delete", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "priority", "text", True,
     ("add_many", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "title", "text", True,
     ("add_many", "list_of_analysis", "list_of_user")),
    ("slimy", "screenshot_insights", "type", "text", True,
     ("add_many", "list_of_analysis", "list_of_user")),
)
# fmt: on
