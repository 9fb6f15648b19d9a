"""Images of club analyses: where those lie that an analysis was made from (SPEC D8)."""

from collections.abc import Sequence
from uuid import UUID

from slimy_dal.domain.analysis_entries import MAX_IMAGES, NewImage, written
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import club_analysis_images as queries
from slimy_dal.queries.club_analysis_images import ClubAnalysisImage

__all__ = ["ClubAnalysisImage", "ClubAnalysisImages", "NewImage"]


class ClubAnalysisImages:
    """Everything about the images of club analyses, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def add_many(
        self, analysis_id: UUID, images: Sequence[NewImage]
    ) -> list[ClubAnalysisImage]:
        """Add images to an analysis, all or nothing. Raises NotFound, InvalidValue, CheckViolated."""
        written("images", images, MAX_IMAGES)
        if not images:
            return []
        added = await queries.add_many(
            self._executor,
            analysis_id=analysis_id,
            image_urls=[image.image_url for image in images],
            original_names=[image.original_name for image in images],
            file_sizes=[image.file_size for image in images],
        )
        return found(added or None, "club analysis")

    async def list_of_analysis(
        self, analysis_id: UUID, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ClubAnalysisImage]:
        """Return one page of an analysis' images, as they were uploaded. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_analysis(
            self._executor, self._cursors, analysis_id=analysis_id, cursor=cursor, limit=limit
        )

    async def delete(self, analysis_id: UUID, id: UUID) -> None:
        """Take an image out of its analysis. Raises NotFound, also for one of another analysis."""
        removed = await queries.delete(self._executor, analysis_id=analysis_id, id=id)
        found(removed or None, "image")
