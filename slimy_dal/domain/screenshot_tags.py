"""Screenshot tags: the words by which a user finds analyses again (SPEC D9)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from slimy_dal.domain.analysis_entries import MAX_TAGS, NewTag, distinct, written
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import screenshot_tags as queries
from slimy_dal.queries.screenshot_tags import ListOfAnalysisFilter, ScreenshotTag

__all__ = ["ListOfAnalysisFilter", "NewTag", "ScreenshotTag", "ScreenshotTags"]

ALL: Final = ListOfAnalysisFilter()


class ScreenshotTags:
    """Everything about the tags of screenshots, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def put_many(self, analysis_id: UUID, tags: Sequence[NewTag]) -> list[ScreenshotTag]:
        """Put tags on an analysis, or into other categories where it has them, all or nothing.

        Raises NotFound, CheckViolated, InvalidValue (a tag that stands there twice, too many entries).
        """
        written("tags", tags, MAX_TAGS)
        distinct("tags", [tag.tag for tag in tags])
        if not tags:
            return []
        kept = await queries.put_many(
            self._executor,
            analysis_id=analysis_id,
            tags=[tag.tag for tag in tags],
            categories=[tag.category for tag in tags],
        )
        return found(kept or None, "screenshot analysis")

    async def delete(self, analysis_id: UUID, tag: str) -> None:
        """Take a tag off an analysis. Raises NotFound."""
        removed = await queries.delete(self._executor, analysis_id=analysis_id, tag=tag)
        found(removed or None, "tag")

    async def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        filter: ListOfAnalysisFilter = ALL,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ScreenshotTag]:
        """Return one page of an analysis' tags in order, also of one category. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_analysis(
            self._executor,
            self._cursors,
            analysis_id=analysis_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )
