"""Generated from sql/queries/screenshot_analyses.sql by `slimy generate`; do not edit."""

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
from slimy_dal.engine.variants import Choice, Patched

ListOfTypeSort: TypeAlias = Literal["newest", "oldest"]
ListOfUserSort: TypeAlias = Literal["newest"]


class FindOwnerRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_owner`."""

    user_id: UUID


class ScreenshotAnalysis(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    id: UUID
    user_id: UUID
    screenshot_type: str
    image_url: str
    title: str
    description: str
    summary: str
    confidence: float
    processing_time_ms: int
    model_used: str
    raw_response: Json
    created_at: datetime
    updated_at: datetime
    data: Json
    tags: Json
    insights: Json
    recommendations: Json


class ScreenshotAnalysisSummary(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    user_id: UUID
    screenshot_type: str
    image_url: str
    title: str
    description: str
    summary: str
    confidence: float
    processing_time_ms: int
    model_used: str
    created_at: datetime
    updated_at: datetime


CREATE = Statement(
    name="screenshot_analyses.create",
    sql="""\
WITH analysis AS (
    INSERT INTO slimy.screenshot_analyses AS a (
        user_id,
        screenshot_type,
        image_url,
        title,
        description,
        summary,
        confidence,
        processing_time_ms,
        model_used,
        raw_response
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
    )
    RETURNING
        a.id,
        a.user_id,
        a.screenshot_type,
        a.image_url,
        a.title,
        a.description,
        a.summary,
        a.confidence,
        a.processing_time_ms,
        a.model_used,
        a.raw_response,
        a.created_at,
        a.updated_at
),

data AS (
    INSERT INTO slimy.screenshot_data AS d (
        analysis_id, key, value, data_type, category, confidence
    )
    SELECT
        a.id,
        e.key,
        e.value,
        e.data_type,
        e.category,
        e.confidence
    FROM analysis AS a
    CROSS JOIN
        jsonb_to_recordset($11::jsonb)
            AS e (
                key text, value jsonb, data_type text, category text, confidence double precision
            )
    RETURNING d.key, d.value, d.data_type, d.category, d.confidence
),

tags AS (
    INSERT INTO slimy.screenshot_tags AS t (analysis_id, tag, category)
    SELECT
        a.id,
        e.tag,
        e.category
    FROM analysis AS a
    CROSS JOIN jsonb_to_recordset($12::jsonb) AS e (tag text, category text)
    RETURNING t.tag, t.category
),

insights AS (
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
        jsonb_to_recordset($13::jsonb)
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
        i.created_at
),

recommendations AS (
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
        jsonb_to_recordset($14::jsonb)
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
        r.created_at
)

SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.raw_response,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', d.key,
                        'value', d.value,
                        'dataType', d.data_type,
                        'category', d.category,
                        'confidence', d.confidence
                    )
                    ORDER BY d.key
                ),
                '[]'
            )
        FROM data AS d
    ) AS data,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'tag', t.tag,
                        'category', t.category
                    )
                    ORDER BY t.tag
                ),
                '[]'
            )
        FROM tags AS t
    ) AS tags,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'type', i.type,
                        'priority', i.priority,
                        'title', i.title,
                        'description', i.description,
                        'confidence', i.confidence,
                        'actionable', i.actionable,
                        'createdAt', i.created_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM insights AS i
    ) AS insights,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', r.id,
                        'type', r.type,
                        'priority', r.priority,
                        'title', r.title,
                        'description', r.description,
                        'impact', r.impact,
                        'effort', r.effort,
                        'actionable', r.actionable,
                        'createdAt', r.created_at
                    )
                    ORDER BY r.id
                ),
                '[]'
            )
        FROM recommendations AS r
    ) AS recommendations
FROM analysis AS a""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("screenshot_type", "text"),
        Parameter("image_url", "text"),
        Parameter("title", "text"),
        Parameter("description", "text"),
        Parameter("summary", "text"),
        Parameter("confidence", "double precision"),
        Parameter("processing_time_ms", "bigint"),
        Parameter("model_used", "text"),
        Parameter("raw_response", "jsonb"),
        Parameter("data", "jsonb"),
        Parameter("tags", "jsonb"),
        Parameter("insights", "jsonb"),
        Parameter("recommendations", "jsonb"),
    ),
    columns=(
        "id",
        "user_id",
        "screenshot_type",
        "image_url",
        "title",
        "description",
        "summary",
        "confidence",
        "processing_time_ms",
        "model_used",
        "raw_response",
        "created_at",
        "updated_at",
        "data",
        "tags",
        "insights",
        "recommendations",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    user_id: UUID,
    screenshot_type: str,
    image_url: str,
    title: str,
    description: str,
    summary: str,
    confidence: float,
    processing_time_ms: int,
    model_used: str,
    raw_response: Json,
    data: Json,
    tags: Json,
    insights: Json,
    recommendations: Json,
    timeout: float | None = None,
) -> ScreenshotAnalysis:
    """A new analysis with everything that was read out of the screenshot, all or nothing; a key or a
    tag that stands there twice is refused by screenshot_data_pkey or screenshot_tags_pkey.

    Raises NotFound where there is no row.
    """
    row = await db.row(
        CREATE,
        user_id,
        screenshot_type,
        image_url,
        title,
        description,
        summary,
        confidence,
        processing_time_ms,
        model_used,
        raw_response,
        data,
        tags,
        insights,
        recommendations,
        timeout=timeout,
    )
    if row is None:
        raise NotFound(
            "screenshot_analyses.create found no row",
            query="screenshot_analyses.create",
        )
    return ScreenshotAnalysis(*values(row))


DELETE = Statement(
    name="screenshot_analyses.delete",
    sql="""\
DELETE FROM slimy.screenshot_analyses
WHERE id = $1 AND updated_at = coalesce($2, updated_at)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Removes an analysis with all that was read out of it, and its comparisons."""
    return await db.execute(DELETE, id, version, timeout=timeout)


FIND_OWNER = Statement(
    name="screenshot_analyses.find_owner",
    sql="""\
SELECT a.user_id
FROM slimy.screenshot_analyses AS a
WHERE a.id = $1""",
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
    """Whose an analysis is."""
    row = await db.row(FIND_OWNER, id, timeout=timeout)
    return None if row is None else FindOwnerRow(*values(row))


GET = Statement(
    name="screenshot_analyses.get",
    sql="""\
SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.raw_response,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', d.key,
                        'value', d.value,
                        'dataType', d.data_type,
                        'category', d.category,
                        'confidence', d.confidence
                    )
                    ORDER BY d.key
                ),
                '[]'
            )
        FROM slimy.screenshot_data AS d
        WHERE d.analysis_id = a.id
    ) AS data,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'tag', t.tag,
                        'category', t.category
                    )
                    ORDER BY t.tag
                ),
                '[]'
            )
        FROM slimy.screenshot_tags AS t
        WHERE t.analysis_id = a.id
    ) AS tags,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'type', i.type,
                        'priority', i.priority,
                        'title', i.title,
                        'description', i.description,
                        'confidence', i.confidence,
                        'actionable', i.actionable,
                        'createdAt', i.created_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.screenshot_insights AS i
        WHERE i.analysis_id = a.id
    ) AS insights,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', r.id,
                        'type', r.type,
                        'priority', r.priority,
                        'title', r.title,
                        'description', r.description,
                        'impact', r.impact,
                        'effort', r.effort,
                        'actionable', r.actionable,
                        'createdAt', r.created_at
                    )
                    ORDER BY r.id
                ),
                '[]'
            )
        FROM slimy.screenshot_recommendations AS r
        WHERE r.analysis_id = a.id
    ) AS recommendations
FROM slimy.screenshot_analyses AS a
WHERE a.id = $1""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "user_id",
        "screenshot_type",
        "image_url",
        "title",
        "description",
        "summary",
        "confidence",
        "processing_time_ms",
        "model_used",
        "raw_response",
        "created_at",
        "updated_at",
        "data",
        "tags",
        "insights",
        "recommendations",
    ),
    replica=True,
)


async def get(
    db: Executor,
    /,
    *,
    id: UUID,
    timeout: float | None = None,
) -> ScreenshotAnalysis | None:
    """An analysis with all that was read out of it, and the model's own answer."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else ScreenshotAnalysis(*values(row))


class ListOfTypeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_type` may be narrowed to: whatever is given, together."""

    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_OF_TYPE = Listing(
    name="screenshot_analyses.list_of_type",
    head="""\
SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.created_at,
    a.updated_at
FROM slimy.screenshot_analyses AS a
WHERE a.screenshot_type = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id"),
            (10, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("a.created_at", "a.id"),
            (10, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice("since", ("a.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("a.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(Parameter("screenshot_type", "text"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "user_id",
        "screenshot_type",
        "image_url",
        "title",
        "description",
        "summary",
        "confidence",
        "processing_time_ms",
        "model_used",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_of_type(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    screenshot_type: str,
    filter: ListOfTypeFilter = ListOfTypeFilter(),
    sort: ListOfTypeSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ScreenshotAnalysisSummary]:
    """One page of what was made of one kind of screenshot, whoever had it made, newest first.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_TYPE.ask(
        cursors,
        (screenshot_type,),
        given=(filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotAnalysisSummary, map(values, rows))), *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    screenshot_type: str | Unset = UNSET
    min_confidence: float | Unset = UNSET
    tag: str | Unset = UNSET
    key: str | Unset = UNSET
    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_OF_USER = Listing(
    name="screenshot_analyses.list_of_user",
    head="""\
SELECT
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.created_at,
    a.updated_at
FROM slimy.screenshot_analyses AS a
WHERE a.user_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id"),
            (10, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
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
            ("a.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
        Choice(
            "tag",
            ("a.id IN (SELECT t.analysis_id FROM slimy.screenshot_tags AS t WHERE t.tag = ", ")"),
            Parameter("tag", "text"),
        ),
        Choice(
            "key",
            ("a.id IN (SELECT d.analysis_id FROM slimy.screenshot_data AS d WHERE d.key = ", ")"),
            Parameter("key", "text"),
        ),
        Choice("since", ("a.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("a.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "user_id",
        "screenshot_type",
        "image_url",
        "title",
        "description",
        "summary",
        "confidence",
        "processing_time_ms",
        "model_used",
        "created_at",
        "updated_at",
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
) -> Page[ScreenshotAnalysisSummary]:
    """One page of a user's analyses, newest first; also of one type, sure enough, with a tag, or with a
    data point of a key.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(
            filter.screenshot_type,
            filter.min_confidence,
            filter.tag,
            filter.key,
            filter.since,
            filter.until,
        ),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ScreenshotAnalysisSummary, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="screenshot_analyses.load",
    sql="""\
INSERT INTO slimy.screenshot_analyses (
    id,
    user_id,
    screenshot_type,
    image_url,
    title,
    description,
    summary,
    confidence,
    processing_time_ms,
    model_used,
    raw_response,
    created_at,
    updated_at
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
    $10,
    $11,
    $12,
    $13
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("user_id", "uuid"),
        Parameter("screenshot_type", "text"),
        Parameter("image_url", "text"),
        Parameter("title", "text"),
        Parameter("description", "text"),
        Parameter("summary", "text"),
        Parameter("confidence", "double precision"),
        Parameter("processing_time_ms", "bigint"),
        Parameter("model_used", "text"),
        Parameter("raw_response", "jsonb"),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    user_id: UUID
    screenshot_type: str
    image_url: str
    title: str
    description: str
    summary: str
    confidence: float
    processing_time_ms: int
    model_used: str
    raw_response: Json
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads analyses in bulk, as they are, without what belongs to them."""
    return await db.copy(
        LOAD,
        ("slimy", "screenshot_analyses"),
        (
            "id",
            "user_id",
            "screenshot_type",
            "image_url",
            "title",
            "description",
            "summary",
            "confidence",
            "processing_time_ms",
            "model_used",
            "raw_response",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


UPDATE = Patched(
    name="screenshot_analyses.update",
    head="""\
UPDATE slimy.screenshot_analyses AS a
SET
    """,
    tail="""\

WHERE a.id = $1 AND a.updated_at = coalesce($2, a.updated_at)
RETURNING
    a.id,
    a.user_id,
    a.screenshot_type,
    a.image_url,
    a.title,
    a.description,
    a.summary,
    a.confidence,
    a.processing_time_ms,
    a.model_used,
    a.raw_response,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', d.key,
                        'value', d.value,
                        'dataType', d.data_type,
                        'category', d.category,
                        'confidence', d.confidence
                    )
                    ORDER BY d.key
                ),
                '[]'
            )
        FROM slimy.screenshot_data AS d
        WHERE d.analysis_id = a.id
    ) AS data,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'tag', t.tag,
                        'category', t.category
                    )
                    ORDER BY t.tag
                ),
                '[]'
            )
        FROM slimy.screenshot_tags AS t
        WHERE t.analysis_id = a.id
    ) AS tags,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'type', i.type,
                        'priority', i.priority,
                        'title', i.title,
                        'description', i.description,
                        'confidence', i.confidence,
                        'actionable', i.actionable,
                        'createdAt', i.created_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.screenshot_insights AS i
        WHERE i.analysis_id = a.id
    ) AS insights,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', r.id,
                        'type', r.type,
                        'priority', r.priority,
                        'title', r.title,
                        'description', r.description,
                        'impact', r.impact,
                        'effort', r.effort,
                        'actionable', r.actionable,
                        'createdAt', r.created_at
                    )
                    ORDER BY r.id
                ),
                '[]'
            )
        FROM slimy.screenshot_recommendations AS r
        WHERE r.analysis_id = a.id
    ) AS recommendations""",
    nothing="screenshot_type = a.screenshot_type",
    choices=(
        Choice("screenshot_type", ("screenshot_type = ", ""), Parameter("screenshot_type", "text")),
        Choice("title", ("title = ", ""), Parameter("title", "text")),
        Choice("description", ("description = ", ""), Parameter("description", "text")),
        Choice("summary", ("summary = ", ""), Parameter("summary", "text")),
        Choice("confidence", ("confidence = ", ""), Parameter("confidence", "double precision")),
    ),
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "user_id",
        "screenshot_type",
        "image_url",
        "title",
        "description",
        "summary",
        "confidence",
        "processing_time_ms",
        "model_used",
        "raw_response",
        "created_at",
        "updated_at",
        "data",
        "tags",
        "insights",
        "recommendations",
    ),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    screenshot_type: str | Unset = UNSET,
    title: str | Unset = UNSET,
    description: str | Unset = UNSET,
    summary: str | Unset = UNSET,
    confidence: float | Unset = UNSET,
    timeout: float | None = None,
) -> ScreenshotAnalysis | None:
    """Changes the columns that are given; what is left out stays."""
    statement, given = UPDATE.choose((screenshot_type, title, description, summary, confidence))
    row = await db.row(statement, id, version, *given, timeout=timeout)
    return None if row is None else ScreenshotAnalysis(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "confidence", "double precision", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load", "update")),
    ("slimy", "screenshot_analyses", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("load",)),
    ("slimy", "screenshot_analyses", "description", "text", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load", "update")),
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("create", "delete", "find_owner", "get", "list_of_type", "list_of_user", "update"),
     ("load",)),
    ("slimy", "screenshot_analyses", "image_url", "text", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load")),
    ("slimy", "screenshot_analyses", "model_used", "text", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load")),
    ("slimy", "screenshot_analyses", "processing_time_ms", "bigint", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load")),
    ("slimy", "screenshot_analyses", "raw_response", "jsonb", True,
     ("create", "get", "update"), ("create", "load")),
    ("slimy", "screenshot_analyses", "screenshot_type", "text", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load", "update")),
    ("slimy", "screenshot_analyses", "summary", "text", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load", "update")),
    ("slimy", "screenshot_analyses", "title", "text", True,
     ("create", "get", "list_of_type", "list_of_user", "update"), ("create", "load", "update")),
    ("slimy", "screenshot_analyses", "updated_at", "timestamp with time zone", True,
     ("create", "delete", "get", "list_of_type", "list_of_user", "update"), ("load",)),
    ("slimy", "screenshot_analyses", "user_id", "uuid", True,
     ("create", "find_owner", "get", "list_of_type", "list_of_user", "update"),
     ("create", "load")),
    ("slimy", "screenshot_data", "analysis_id", "uuid", True,
     ("get", "list_of_user", "update"), ("create",)),
    ("slimy", "screenshot_data", "category", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_data", "confidence", "double precision", False,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_data", "data_type", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_data", "key", "text", True,
     ("create", "get", "list_of_user", "update"), ("create",)),
    ("slimy", "screenshot_data", "value", "jsonb", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "actionable", "boolean", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "analysis_id", "uuid", True,
     ("get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "confidence", "double precision", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "created_at", "timestamp with time zone", True,
     ("create", "get", "update"), ()),
    ("slimy", "screenshot_insights", "description", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "id", "uuid", True,
     ("create", "get", "update"), ()),
    ("slimy", "screenshot_insights", "priority", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "title", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_insights", "type", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "actionable", "boolean", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "analysis_id", "uuid", True,
     ("get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "created_at", "timestamp with time zone", True,
     ("create", "get", "update"), ()),
    ("slimy", "screenshot_recommendations", "description", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "effort", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "id", "uuid", True,
     ("create", "get", "update"), ()),
    ("slimy", "screenshot_recommendations", "impact", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "priority", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "title", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_recommendations", "type", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_tags", "analysis_id", "uuid", True,
     ("get", "list_of_user", "update"), ("create",)),
    ("slimy", "screenshot_tags", "category", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "screenshot_tags", "tag", "text", True,
     ("create", "get", "list_of_user", "update"), ("create",)),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "table",
     ("create", "delete", "find_owner", "get", "list_of_type", "list_of_user", "update"),
     ("create", "load", "update"),
     ("delete",)),
    ("slimy", "screenshot_data", "table",
     ("create", "get", "list_of_user", "update"), ("create",), ()),
    ("slimy", "screenshot_insights", "table",
     ("create", "get", "update"), ("create",), ()),
    ("slimy", "screenshot_recommendations", "table",
     ("create", "get", "update"), ("create",), ()),
    ("slimy", "screenshot_tags", "table",
     ("create", "get", "list_of_user", "update"), ("create",), ()),
)
# fmt: on
