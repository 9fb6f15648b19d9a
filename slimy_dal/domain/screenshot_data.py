"""Screenshot data: the values of an analysis, their corrections, and how a user's value went over time (SPEC D9)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from slimy_dal.domain.analysis_entries import MAX_DATA, NewDataPoint, distinct, written
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import screenshot_data as queries
from slimy_dal.queries.screenshot_data import (
    ListHistoryFilter,
    ListHistorySort,
    ListOfAnalysisFilter,
    PastDataPoint,
    ScreenshotDataPoint,
)

__all__ = [
    "ListHistoryFilter",
    "ListOfAnalysisFilter",
    "NewDataPoint",
    "PastDataPoint",
    "ScreenshotData",
    "ScreenshotDataPoint",
]

ALL: Final = ListOfAnalysisFilter()
WHOLE: Final = ListHistoryFilter()


class ScreenshotData:
    """Everything about the data points of screenshots, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def put_many(
        self, analysis_id: UUID, data: Sequence[NewDataPoint]
    ) -> list[ScreenshotDataPoint]:
        """Add data points to an analysis, or correct those whose keys it has, all or nothing.

        Raises NotFound, CheckViolated, InvalidValue (a key that stands there twice, too many entries).
        """
        entries = written("data", data, MAX_DATA)
        distinct("data", [point.key for point in data])
        if not entries:
            return []
        kept = await queries.put_many(self._executor, analysis_id=analysis_id, data=entries)
        return found(kept or None, "screenshot analysis")

    async def delete(self, analysis_id: UUID, key: str) -> None:
        """Remove a data point. Raises NotFound."""
        removed = await queries.delete(self._executor, analysis_id=analysis_id, key=key)
        found(removed or None, "data point")

    async def list_history(
        self,
        user_id: UUID,
        key: str,
        *,
        filter: ListHistoryFilter = WHOLE,
        sort: ListHistorySort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PastDataPoint]:
        """Return one page of a user's values of one key, newest first. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_history(
            self._executor,
            self._cursors,
            user_id=user_id,
            key=key,
            filter=filter,
            sort=sort,
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
    ) -> Page[ScreenshotDataPoint]:
        """Return one page of an analysis' data points by key. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_analysis(
            self._executor,
            self._cursors,
            analysis_id=analysis_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )
