"""Generated from sql/queries/screenshot_data.sql by `slimy generate`; do not edit."""

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

DataType: TypeAlias = Literal["array", "boolean", "date", "number", "object", "string"]
ListHistorySort: TypeAlias = Literal["newest", "oldest"]
ListOfAnalysisSort: TypeAlias = Literal["key"]


class PastDataPoint(msgspec.Struct, frozen=True, gc=False, rename="camel"):
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
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = $1
        AND EXISTS (
            SELECT d.key
            FROM slimy.screenshot_data AS d
            WHERE d.analysis_id = $1 AND d.key = $2
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_data AS d
USING analysis AS a
WHERE d.analysis_id = a.id AND d.key = $2""",
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
    """Removes a data point from its analysis, which is dated first."""
    return await db.execute(DELETE, analysis_id, key, timeout=timeout)


class ListHistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_history` may be narrowed to: whatever is given, together."""

    screenshot_type: str | Unset = UNSET
    min_confidence: float | Unset = UNSET
    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_HISTORY = Listing(
    name="screenshot_data.list_history",
    head="""\
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
WHERE a.user_id = $2""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC",
    tail="\nLIMIT $3",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("a.created_at", "a.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice(
            "screenshot_type",
            ("a.screenshot_type = ", ""),
            Parameter("screenshot_type", "text"),
        ),
        Choice(
            "min_confidence",
            ("d.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
        Choice("since", ("a.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("a.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
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
    replica=True,
)


async def list_history(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    key: str,
    user_id: UUID,
    filter: ListHistoryFilter = ListHistoryFilter(),
    sort: ListHistorySort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[PastDataPoint]:
    """One page of a user's values of one key, from the newest analysis to the oldest.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_HISTORY.ask(
        cursors,
        (key, user_id),
        given=(filter.screenshot_type, filter.min_confidence, filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(PastDataPoint, map(values, rows))), *asked.cursors)


class ListOfAnalysisFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_analysis` may be narrowed to: whatever is given, together."""

    category: str | Unset = UNSET
    data_type: DataType | Unset = UNSET
    min_confidence: float | Unset = UNSET


LIST_OF_ANALYSIS = Listing(
    name="screenshot_data.list_of_analysis",
    head="""\
SELECT
    d.key,
    d.value,
    d.data_type,
    d.category,
    d.confidence
FROM slimy.screenshot_data AS d
WHERE d.analysis_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="d.key ASC",
    tail="\nLIMIT $2",
    sorts=(Sort("key", ("d.key",), (0,), (Parameter("cursor", "text"),)),),
    choices=(
        Choice("category", ("d.category = ", ""), Parameter("category", "text")),
        Choice("data_type", ("d.data_type = ", ""), Parameter("data_type", "text")),
        Choice(
            "min_confidence",
            ("d.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
    ),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("key", "value", "data_type", "category", "confidence"),
    replica=True,
)


async def list_of_analysis(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    analysis_id: UUID,
    filter: ListOfAnalysisFilter = ListOfAnalysisFilter(),
    sort: ListOfAnalysisSort = "key",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ScreenshotDataPoint]:
    """One page of an analysis' data points by key; also of one category, of one kind, or sure enough.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_ANALYSIS.ask(
        cursors,
        (analysis_id,),
        given=(filter.category, filter.data_type, filter.min_confidence),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotDataPoint, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="screenshot_data.load",
    sql="""\
INSERT INTO slimy.screenshot_data (analysis_id, key, value, data_type, category, confidence)
VALUES ($1, $2, $3, $4, $5, $6)""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("key", "text"),
        Parameter("value", "jsonb"),
        Parameter("data_type", "text"),
        Parameter("category", "text"),
        Parameter("confidence", "double precision", nullable=True),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    analysis_id: UUID
    key: str
    value: Json
    data_type: DataType
    category: str
    confidence: float | None


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads data points in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "screenshot_data"),
        ("analysis_id", "key", "value", "data_type", "category", "confidence"),
        items,
        timeout=timeout,
    )


PUT_MANY = Statement(
    name="screenshot_data.put_many",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = $1
    RETURNING a.id
)

INSERT INTO slimy.screenshot_data AS d (analysis_id, key, value, data_type, category, confidence)
SELECT
    a.id,
    e.key,
    e.value,
    e.data_type,
    e.category,
    e.confidence
FROM analysis AS a
CROSS JOIN
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
    """Adds data points to an analysis, or corrects those whose keys it has, all or nothing; no rows
    when there is no such analysis. It is dated first, as everywhere: its date is the version of all
    that belongs to it, and two who change it meet at its row, never in a circle.
    """
    rows = await db.rows(PUT_MANY, analysis_id, data, timeout=timeout)
    return list(starmap(ScreenshotDataPoint, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "created_at", "timestamp with time zone", True,
     ("list_history",), ()),
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("delete", "list_history", "put_many"), ()),
    ("slimy", "screenshot_analyses", "screenshot_type", "text", True,
     ("list_history",), ()),
    ("slimy", "screenshot_analyses", "updated_at", "timestamp with time zone", True,
     ("delete", "put_many"), ("delete", "put_many")),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("list_history",), ()),
    ("slimy", "screenshot_data", "analysis_id", "uuid", True,
     ("delete", "list_history", "list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_data", "category", "text", True,
     ("list_history", "list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_data", "confidence", "double precision", False,
     ("list_history", "list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_data", "data_type", "text", True,
     ("list_history", "list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_data", "key", "text", True,
     ("delete", "list_history", "list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_data", "value", "jsonb", True,
     ("list_history", "list_of_analysis", "put_many"), ("load", "put_many")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "table",
     ("delete", "list_history", "put_many"), ("delete", "put_many"), ()),
    ("slimy", "screenshot_data", "table",
     ("delete", "list_history", "list_of_analysis", "put_many"),
     ("load", "put_many"),
     ("delete",)),
)
# fmt: on
