"""Screenshot recommendations: what analyses say to do, one by one and over all of a user's (SPEC D9)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from slimy_dal.domain.analysis_entries import MAX_WORDS, NewRecommendation, written
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import screenshot_recommendations as queries
from slimy_dal.queries.screenshot_recommendations import (
    ListOfAnalysisFilter,
    ListOfUserFilter,
    ScreenshotRecommendation,
    UserRecommendation,
)

__all__ = [
    "ListOfAnalysisFilter",
    "ListOfUserFilter",
    "NewRecommendation",
    "ScreenshotRecommendation",
    "ScreenshotRecommendations",
    "UserRecommendation",
]

ALL: Final = ListOfAnalysisFilter()
OF_USER: Final = ListOfUserFilter()


class ScreenshotRecommendations:
    """Everything about the recommendations of screenshots, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def add_many(
        self, analysis_id: UUID, recommendations: Sequence[NewRecommendation]
    ) -> list[ScreenshotRecommendation]:
        """Add recommendations to an analysis, all or nothing. Raises NotFound, CheckViolated, InvalidValue."""
        entries = written("recommendations", recommendations, MAX_WORDS)
        if not entries:
            return []
        added = await queries.add_many(
            self._executor, analysis_id=analysis_id, recommendations=entries
        )
        return found(added or None, "screenshot analysis")

    async def delete(self, analysis_id: UUID, id: UUID) -> None:
        """Remove a recommendation from its analysis. Raises NotFound, also for one of another analysis."""
        removed = await queries.delete(self._executor, analysis_id=analysis_id, id=id)
        found(removed or None, "recommendation")

    async def list_of_user(
        self,
        user_id: UUID,
        *,
        filter: ListOfUserFilter = OF_USER,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[UserRecommendation]:
        """Return one page of the recommendations of all a user's analyses, those of the newest analysis first.

        The filter takes type, priority, impact, effort and actionable. Raises InvalidValue (limit, cursor).
        """
        return await queries.list_of_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )

    async def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        filter: ListOfAnalysisFilter = ALL,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ScreenshotRecommendation]:
        """Return one page of an analysis' recommendations, as they were made. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_analysis(
            self._executor,
            self._cursors,
            analysis_id=analysis_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )
