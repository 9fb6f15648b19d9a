"""Screenshot comparisons: what changed between two analyses of a user (SPEC D9)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Json, Page
from slimy_dal.queries import screenshot_comparisons as queries
from slimy_dal.queries.screenshot_comparisons import (
    Difference,
    ListOfAnalysisFilter,
    ListOfUserFilter,
    ListOfUserSort,
    ScreenshotComparison,
    ScreenshotComparisonSummary,
)

__all__ = [
    "Difference",
    "ListOfAnalysisFilter",
    "ListOfUserFilter",
    "ScreenshotComparison",
    "ScreenshotComparisonSummary",
    "ScreenshotComparisons",
]

OF_ANALYSIS: Final = ListOfAnalysisFilter()
OF_USER: Final = ListOfUserFilter()


class ScreenshotComparisons:
    """Everything about comparisons of screenshots, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def compare(self, first_id: UUID, second_id: UUID) -> list[Difference]:
        """Return the data points in which two analyses differ, by key, and keep nothing.

        A value of more than 200 characters is given as `{"beginning": ..., "length": ...}`; numbers as long have no
        change.
        """
        return await queries.compare(self._executor, first_id=first_id, second_id=second_id)

    async def create(
        self,
        user_id: UUID,
        analysis_id: UUID,
        other_id: UUID,
        *,
        comparison_type: str,
        summary: str,
        insights: Sequence[Json] | None = None,
    ) -> ScreenshotComparison:
        """Compare two analyses of a user, whichever way round, and keep what differs from the older to the newer.

        Differences and trend come from their data points; so do the insights where none are given. Long values are
        shortened as by `compare`, and of more differences than fit 1 MiB the first by key are kept. Raises InvalidValue
        for one analysis given twice, NotFound for one that the user has not got, AlreadyExists, CheckViolated.
        """
        if analysis_id == other_id:
            raise InvalidValue("other_id", "is the same analysis: it takes two to compare")
        row = await queries.create(
            self._executor,
            user_id=user_id,
            analysis_id=analysis_id,
            other_id=other_id,
            comparison_type=comparison_type,
            summary=summary,
            insights=None if insights is None else list(insights),
        )
        return found(row, "screenshot analysis of this user")

    async def get(self, id: UUID) -> ScreenshotComparison:
        """Return a comparison. Raises NotFound."""
        return found(await queries.get(self._executor, id=id), "screenshot comparison")

    async def find(
        self, analysis_id: UUID, other_id: UUID, comparison_type: str
    ) -> ScreenshotComparison | None:
        """Return the comparison of two analyses of one type, whichever way round they are given, or None."""
        return await queries.find(
            self._executor,
            analysis_id=analysis_id,
            other_id=other_id,
            comparison_type=comparison_type,
        )

    async def find_owner(self, id: UUID) -> UUID:
        """Return whose a comparison is. Raises NotFound."""
        row = await queries.find_owner(self._executor, id=id)
        return found(row, "screenshot comparison").user_id

    async def delete(self, id: UUID) -> None:
        """Forget a comparison. Raises NotFound."""
        found(await queries.delete(self._executor, id=id) or None, "screenshot comparison")

    async def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        filter: ListOfAnalysisFilter = OF_ANALYSIS,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ScreenshotComparisonSummary]:
        """Return one page of an analysis' comparisons, newest first. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_analysis(
            self._executor,
            self._cursors,
            analysis_id=analysis_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )

    async def list_of_user(
        self,
        user_id: UUID,
        *,
        filter: ListOfUserFilter = OF_USER,
        sort: ListOfUserSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ScreenshotComparisonSummary]:
        """Return one page of a user's comparisons, newest first. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_of_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
