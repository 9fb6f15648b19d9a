"""Generated from sql/queries/club_analysis_images.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Page

ListOfAnalysisSort: TypeAlias = Literal["oldest"]


class ClubAnalysisImage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    image_url: str
    original_name: str
    file_size: int
    uploaded_at: datetime


ADD_MANY = Statement(
    name="club_analysis_images.add_many",
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

INSERT INTO slimy.club_analysis_images AS i (analysis_id, image_url, original_name, file_size)
SELECT
    a.id,
    e.image_url,
    e.original_name,
    e.file_size
FROM analysis AS a
CROSS JOIN
    unnest($2::text[], $3::text[], $4::bigint[])
        AS e (image_url, original_name, file_size)
RETURNING i.id, i.image_url, i.original_name, i.file_size, i.uploaded_at""",
    parameters=(
        Parameter("analysis_id", "uuid"),
        Parameter("image_urls", "text[]"),
        Parameter("original_names", "text[]"),
        Parameter("file_sizes", "bigint[]"),
    ),
    columns=("id", "image_url", "original_name", "file_size", "uploaded_at"),
    writes=True,
)


async def add_many(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    image_urls: Sequence[str],
    original_names: Sequence[str],
    file_sizes: Sequence[int],
    timeout: float | None = None,
) -> list[ClubAnalysisImage]:
    """Adds images to an analysis, which is dated first; no rows when there is none, or its guild is
    deleted. Whatever belongs to an analysis is changed so: its date is the version of all of it, and
    two who change it meet at its row, never in a circle.
    """
    rows = await db.rows(
        ADD_MANY,
        analysis_id,
        image_urls,
        original_names,
        file_sizes,
        timeout=timeout,
    )
    return list(starmap(ClubAnalysisImage, map(values, rows)))


DELETE = Statement(
    name="club_analysis_images.delete",
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
            SELECT i.id
            FROM slimy.club_analysis_images AS i
            WHERE i.analysis_id = $1 AND i.id = $2
        )
    RETURNING a.id
)

DELETE FROM slimy.club_analysis_images AS i
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
    """Takes an image out of its analysis, which is dated first."""
    return await db.execute(DELETE, analysis_id, id, timeout=timeout)


LIST_OF_ANALYSIS = Listing(
    name="club_analysis_images.list_of_analysis",
    head="""\
SELECT
    i.id,
    i.image_url,
    i.original_name,
    i.file_size,
    i.uploaded_at
FROM slimy.club_analysis_images AS i
WHERE
    i.analysis_id = $1
    AND EXISTS (
        SELECT a.id
        FROM slimy.club_analyses AS a
        INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
        WHERE a.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="i.id ASC",
    tail="\nLIMIT $2",
    sorts=(Sort("oldest", ("i.id",), (0,), (Parameter("cursor", "uuid"),)),),
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("id", "image_url", "original_name", "file_size", "uploaded_at"),
    replica=True,
)


async def list_of_analysis(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    analysis_id: UUID,
    sort: ListOfAnalysisSort = "oldest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubAnalysisImage]:
    """One page of an analysis' images, in the order they were uploaded; none of a deleted guild.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_ANALYSIS.ask(cursors, (analysis_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubAnalysisImage, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="club_analysis_images.load",
    sql="""\
INSERT INTO slimy.club_analysis_images (
    analysis_id,
    id,
    image_url,
    original_name,
    file_size,
    uploaded_at
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
        Parameter("analysis_id", "uuid"),
        Parameter("id", "uuid"),
        Parameter("image_url", "text"),
        Parameter("original_name", "text"),
        Parameter("file_size", "bigint"),
        Parameter("uploaded_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    analysis_id: UUID
    id: UUID
    image_url: str
    original_name: str
    file_size: int
    uploaded_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads images in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "club_analysis_images"),
        ("analysis_id", "id", "image_url", "original_name", "file_size", "uploaded_at"),
        items,
        timeout=timeout,
    )


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "guild_id", "bigint", True,
     ("add_many", "delete", "list_of_analysis"), ()),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("add_many", "delete", "list_of_analysis"), ()),
    ("slimy", "club_analyses", "updated_at", "timestamp with time zone", True,
     ("add_many", "delete"), ("add_many", "delete")),
    ("slimy", "club_analysis_images", "analysis_id", "uuid", True,
     ("delete", "list_of_analysis"), ("add_many", "load")),
    ("slimy", "club_analysis_images", "file_size", "bigint", True,
     ("add_many", "list_of_analysis"), ("add_many", "load")),
    ("slimy", "club_analysis_images", "id", "uuid", True,
     ("add_many", "delete", "list_of_analysis"), ("load",)),
    ("slimy", "club_analysis_images", "image_url", "text", True,
     ("add_many", "list_of_analysis"), ("add_many", "load")),
    ("slimy", "club_analysis_images", "original_name", "text", True,
     ("add_many", "list_of_analysis"), ("add_many", "load")),
    ("slimy", "club_analysis_images", "uploaded_at", "timestamp with time zone", True,
     ("add_many", "list_of_analysis"), ("load",)),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("add_many", "delete", "list_of_analysis"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("add_many", "delete", "list_of_analysis"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "table",
     ("add_many", "delete", "list_of_analysis"), ("add_many", "delete"), ()),
    ("slimy", "club_analysis_images", "table",
     ("add_many", "delete", "list_of_analysis"), ("add_many", "load"), ("delete",)),
    ("slimy", "guilds", "table",
     ("add_many", "delete", "list_of_analysis"), (), ()),
)
# fmt: on
