"""Generated from sql/queries/screenshot_tags.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.engine.variants import Choice

ListOfAnalysisSort: TypeAlias = Literal["tag"]


class ScreenshotTag(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    tag: str
    category: str


DELETE = Statement(
    name="screenshot_tags.delete",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE
        a.id = $1
        AND EXISTS (
            SELECT t.tag
            FROM slimy.screenshot_tags AS t
            WHERE t.analysis_id = $1 AND t.tag = $2
        )
    RETURNING a.id
)

DELETE FROM slimy.screenshot_tags AS t
USING analysis AS a
WHERE t.analysis_id = a.id AND t.tag = $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("tag", "text")),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    tag: str,
    timeout: float | None = None,
) -> int:
    """Takes a tag off an analysis, which is dated first."""
    return await db.execute(DELETE, analysis_id, tag, timeout=timeout)


class ListOfAnalysisFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_analysis` may be narrowed to: whatever is given, together."""

    category: str | Unset = UNSET


LIST_OF_ANALYSIS = Listing(
    name="screenshot_tags.list_of_analysis",
    head="""\
SELECT
    t.tag,
    t.category
FROM slimy.screenshot_tags AS t
WHERE t.analysis_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="t.tag ASC",
    tail="\nLIMIT $2",
    sorts=(Sort("tag", ("t.tag",), (0,), (Parameter("cursor", "text"),)),),
    choices=(Choice("category", ("t.category = ", ""), Parameter("category", "text")),),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("tag", "category"),
    replica=True,
)


async def list_of_analysis(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    analysis_id: UUID,
    filter: ListOfAnalysisFilter = ListOfAnalysisFilter(),
    sort: ListOfAnalysisSort = "tag",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ScreenshotTag]:
    """One page of an analysis' tags in order; with a category, those of it.

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
    return Page(list(starmap(ScreenshotTag, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="screenshot_tags.load",
    sql="""\
INSERT INTO slimy.screenshot_tags (analysis_id, tag, category)
VALUES ($1, $2, $3)""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("tag", "text"),
        Parameter("category", "text"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    analysis_id: UUID
    tag: str
    category: str


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads tags in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "screenshot_tags"),
        ("analysis_id", "tag", "category"),
        items,
        timeout=timeout,
    )


PUT_MANY = Statement(
    name="screenshot_tags.put_many",
    sql="""\
WITH analysis AS (
    UPDATE slimy.screenshot_analyses AS a
    SET updated_at = greatest(now(), a.updated_at + interval '1 microsecond')
    WHERE a.id = $1
    RETURNING a.id
)

INSERT INTO slimy.screenshot_tags AS t (analysis_id, tag, category)
SELECT
    a.id,
    e.tag,
    e.category
FROM analysis AS a
CROSS JOIN unnest($2::text[], $3::text[]) AS e (tag, category)
ORDER BY e.tag
ON CONFLICT (analysis_id, tag) DO UPDATE SET category = excluded.category
RETURNING t.tag, t.category""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("tags", "text[]"),
        Parameter("categories", "text[]"),
    ),
    columns=("tag", "category"),
    writes=True,
)


async def put_many(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    tags: Sequence[str],
    categories: Sequence[str],
    timeout: float | None = None,
) -> list[ScreenshotTag]:
    """Puts tags on an analysis, or into other categories where it has them, all or nothing; no rows
    when there is no such analysis. It is dated first, so that two who change it meet at its row.
    """
    rows = await db.rows(PUT_MANY, analysis_id, tags, categories, timeout=timeout)
    return list(starmap(ScreenshotTag, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "id", "uuid", True,
     ("delete", "put_many"), ()),
    ("slimy", "screenshot_analyses", "updated_at", "timestamp with time zone", True,
     ("delete", "put_many"), ("delete", "put_many")),
    ("slimy", "screenshot_tags", "analysis_id", "uuid", True,
     ("delete", "list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_tags", "category", "text", True,
     ("list_of_analysis", "put_many"), ("load", "put_many")),
    ("slimy", "screenshot_tags", "tag", "text", True,
     ("delete", "list_of_analysis", "put_many"), ("load", "put_many")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "screenshot_analyses", "table",
     ("delete", "put_many"), ("delete", "put_many"), ()),
    ("slimy", "screenshot_tags", "table",
     ("delete", "list_of_analysis", "put_many"), ("load", "put_many"), ("delete",)),
)
# fmt: on
