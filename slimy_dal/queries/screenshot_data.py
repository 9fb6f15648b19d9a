"""Generated from sql/queries/screenshot_data.sql by `slimy generate`; do not edit."""

from datetime import datetime
from itertools import starmap
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Json

DataType: TypeAlias = Literal["array", "boolean", "date", "number", "object", "string"]


class ListHistoryRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_history`."""

    analysis_id: UUID
    screenshot_type: str
    value: Json
    data_type: DataType
    category: str
    confidence: float | None
    created_at: datetime


class ScreenshotDataPoint(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    key: str
    value: Json
    data_type: DataType
    category: str
    confidence: float | None


DELETE = Statement(
    name="screenshot_data.delete",
    sql="""\
DELETE FROM slimy.screenshot_data
WHERE analysis_id = $1 AND key = $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("key", "text")),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    key: str,
    timeout: float | None = None,
) -> int:
    """Removes a data point."""
    return await db.execute(DELETE, analysis_id, key, timeout=timeout)


LIST_HISTORY = Statement(
    name="screenshot_data.list_history",
    sql="""\
SELECT
    a.id AS analysis_id,
    a.screenshot_type,
    d.value,
    d.data_type,
    d.category,
    d.confidence,
    a.created_at
FROM slimy.screenshot_analyses AS a
INNER JOIN slimy.screenshot_data AS d ON a.id = d.analysis_id AND d.key = $1
WHERE a.user_id = $2
ORDER BY a.created_at DESC, a.id DESC
LIMIT $3""",
    parameters=(
        Parameter("key", "text"),
        Parameter("user_id", "uuid"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "analysis_id",
        "screenshot_type",
        "value",
        "data_type",
        "category",
        "confidence",
        "created_at",
    ),
)


async def list_history(
    db: Executor,
    /,
    *,
    key: str,
    user_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ListHistoryRow]:
    """One page of a user's values of one key, from the newest analysis to the oldest."""
    rows = await db.rows(LIST_HISTORY, key, user_id, row_limit, timeout=timeout)
    return list(starmap(ListHistoryRow, map(values, rows)))


LIST_OF_ANALYSIS = Statement(
    name="screenshot_data.list_of_analysis",
    sql="""\
SELECT
    d.key,
    d.value,
    d.data_type,
    d.category,
    d.confidence
FROM slimy.screenshot_data AS d
WHERE d.analysis_id = $1
ORDER BY d.key ASC
LIMIT $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("key", "value", "data_type", "category", "confidence"),
)


async def list_of_analysis(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ScreenshotDataPoint]:
    """One page of an analysis' data points by key; also of one category, of one kind, or sure
    enough.
    """
    rows = await db.rows(LIST_OF_ANALYSIS, analysis_id, row_limit, timeout=timeout)
    return list(starmap(ScreenshotDataPoint, map(values, rows)))


PUT_MANY = Statement(
    name="screenshot_data.put_many",
    sql="""\
INSERT INTO slimy.screenshot_data AS d (analysis_id, key, value, data_type, category, confidence)
SELECT
    $1,
    e.key,
    e.value,
    e.data_type,
    e.category,
    e.confidence
FROM
    jsonb_to_recordset($2::jsonb)
        AS e (key text, value jsonb, data_type text, category text, confidence double precision)
ORDER BY e.key
ON CONFLICT (analysis_id, key) DO UPDATE
    SET
        value = excluded.value,
        data_type = excluded.data_type,
        category = excluded.category,
        confidence = excluded.confidence
RETURNING d.key, d.value, d.data_type, d.category, d.confidence""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("data", "jsonb")),
    columns=("key", "value", "data_type", "category", "confidence"),
    writes=True,
)


async def put_many(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    data: Json,
    timeout: float | None = None,
) -> list[ScreenshotDataPoint]:
    """Adds data points to an analysis, or corrects those whose keys it has, all or nothing. An analysis
    that does not exist is refused by screenshot_data_analysis_id_fkey. Keys go in order, so that two
    such calls never wait for each other in a circle.
    """
    rows = await db.rows(PUT_MANY, analysis_id, data, timeout=timeout)
    return list(starmap(ScreenshotDataPoint, map(values, rows)))


# schema, table, column, type, not null, and the queries that rely on it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "created_at", "timestamp with time zone", True,
     ("list_history",)),
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("list_history",)),
    ("slimy", "screenshot_analyses", "screenshot_type", "text", True,
     ("list_history",)),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("list_history",)),
    ("slimy", "screenshot_data", "analysis_id", "uuid", True,
     ("delete", "list_history", "list_of_analysis", "put_many")),
    ("slimy", "screenshot_data", "category", "text", True,
     ("list_history", "list_of_analysis", "put_many")),
    ("slimy", "screenshot_data", "confidence", "double precision", False,
     ("list_history", "list_of_analysis", "put_many")),
    ("slimy", "screenshot_data", "data_type", "text", True,
     ("list_history", "list_of_analysis", "put_many")),
    ("slimy", "screenshot_data", "key", "text", True,
     ("delete", "list_history", "list_of_analysis", "put_many")),
    ("slimy", "screenshot_data", "value", "jsonb", True,
     ("list_history", "list_of_analysis", "put_many")),
)
# fmt: on
