"""Generated from sql/queries/club_analysis_images.sql by `slimy generate`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from itertools import starmap
from uuid import UUID

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Statement, values


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
INSERT INTO slimy.club_analysis_images AS i (analysis_id, image_url, original_name, file_size)
SELECT
    $1,
    e.image_url,
    e.original_name,
    e.file_size
FROM
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
    """Adds images to an analysis; one that does not exist is refused by
    club_analysis_images_analysis_id_fkey.
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
DELETE FROM slimy.club_analysis_images
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
    """Takes an image out of its analysis."""
    return await db.execute(DELETE, analysis_id, id, timeout=timeout)


LIST_OF_ANALYSIS = Statement(
    name="club_analysis_images.list_of_analysis",
    sql="""\
SELECT
    i.id,
    i.image_url,
    i.original_name,
    i.file_size,
    i.uploaded_at
FROM slimy.club_analysis_images AS i
WHERE i.analysis_id = $1
ORDER BY i.id ASC
LIMIT $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("id", "image_url", "original_name", "file_size", "uploaded_at"),
)


async def list_of_analysis(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ClubAnalysisImage]:
    """One page of an analysis' images, in the order they were uploaded."""
    rows = await db.rows(LIST_OF_ANALYSIS, analysis_id, row_limit, timeout=timeout)
    return list(starmap(ClubAnalysisImage, map(values, rows)))


# schema, table, column, type, not null, and the queries that rely on it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...]], ...] = (
    ("slimy", "club_analysis_images", "analysis_id", "uuid", True,
     ("add_many", "delete", "list_of_analysis")),
    ("slimy", "club_analysis_images", "file_size", "bigint", True,
     ("add_many", "list_of_analysis")),
    ("slimy", "club_analysis_images", "id", "uuid", True,
     ("add_many", "delete", "list_of_analysis")),
    ("slimy", "club_analysis_images", "image_url", "text", True,
     ("add_many", "list_of_analysis")),
    ("slimy", "club_analysis_images", "original_name", "text", True,
     ("add_many", "list_of_analysis")),
    ("slimy", "club_analysis_images", "uploaded_at", "timestamp with time zone", True,
     ("add_many", "list_of_analysis")),
)
# fmt: on
