"""Screenshot analyses: what was read out of a user's screenshots, with all that belongs to each (SPEC D9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from slimy_dal.domain.analysis_entries import (
    MAX_DATA,
    MAX_TAGS,
    MAX_WORDS,
    NewDataPoint,
    NewInsight,
    NewRecommendation,
    NewTag,
    written,
)
from slimy_dal.domain.versions import asked, changed
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Json, Page, Unset
from slimy_dal.queries import screenshot_analyses as queries
from slimy_dal.queries.screenshot_analyses import (
    ListOfTypeFilter,
    ListOfTypeSort,
    ListOfUserFilter,
    ScreenshotAnalysisSummary,
)
from slimy_dal.queries.screenshot_data import ScreenshotDataPoint
from slimy_dal.queries.screenshot_insights import ScreenshotInsight
from slimy_dal.queries.screenshot_recommendations import ScreenshotRecommendation
from slimy_dal.queries.screenshot_tags import ScreenshotTag

__all__ = [
    "ListOfTypeFilter",
    "ListOfUserFilter",
    "NewDataPoint",
    "NewInsight",
    "NewRecommendation",
    "NewTag",
    "ScreenshotAnalyses",
    "ScreenshotAnalysis",
    "ScreenshotAnalysisSummary",
]

OF_TYPE: Final = ListOfTypeFilter()
OF_USER: Final = ListOfUserFilter()


class ScreenshotAnalysis(msgspec.Struct, frozen=True, rename="camel"):
    """An analysis with its data points by key, its tags, and its insights and recommendations as they were made."""

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
    data: list[ScreenshotDataPoint]
    tags: list[ScreenshotTag]
    insights: list[ScreenshotInsight]
    recommendations: list[ScreenshotRecommendation]


class ScreenshotAnalyses:
    """Everything about screenshot analyses, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        user_id: UUID,
        *,
        screenshot_type: str,
        image_url: str,
        title: str,
        summary: str,
        confidence: float,
        processing_time_ms: int,
        model_used: str,
        raw_response: Json,
        description: str = "",
        data: Sequence[NewDataPoint] = (),
        tags: Sequence[NewTag] = (),
        insights: Sequence[NewInsight] = (),
        recommendations: Sequence[NewRecommendation] = (),
    ) -> ScreenshotAnalysis:
        """Keep an analysis with all that was read out of the screenshot in one statement, all or nothing.

        Raises InvalidReference (user), CheckViolated, InvalidValue (entries), AlreadyExists (a key or tag twice).
        """
        row = await queries.create(
            self._executor,
            user_id=user_id,
            screenshot_type=screenshot_type,
            image_url=image_url,
            title=title,
            description=description,
            summary=summary,
            confidence=confidence,
            processing_time_ms=processing_time_ms,
            model_used=model_used,
            raw_response=raw_response,
            data=written("data", data, MAX_DATA),
            tags=written("tags", tags, MAX_TAGS),
            insights=written("insights", insights, MAX_WORDS),
            recommendations=written("recommendations", recommendations, MAX_WORDS),
        )
        return _nested(row)

    async def get(self, id: UUID) -> ScreenshotAnalysis:
        """Return an analysis with all that belongs to it, in one query. Raises NotFound."""
        return _nested(found(await queries.get(self._executor, id=id), "screenshot analysis"))

    async def find_owner(self, id: UUID) -> UUID:
        """Return whose an analysis is. Raises NotFound."""
        row = await queries.find_owner(self._executor, id=id)
        return found(row, "screenshot analysis").user_id

    async def update(
        self,
        id: UUID,
        *,
        screenshot_type: str | Unset = UNSET,
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        summary: str | Unset = UNSET,
        confidence: float | Unset = UNSET,
        version: datetime | Unset = UNSET,
    ) -> ScreenshotAnalysis:
        """Change the given fields. Raises NotFound, StaleVersion, CheckViolated, MissingValue."""
        row = await queries.update(
            self._executor,
            id=id,
            screenshot_type=screenshot_type,
            title=title,
            description=description,
            summary=summary,
            confidence=confidence,
            version=asked(version),
        )
        row = await changed(row, "screenshot analysis", version, lambda: self.get(id))
        return _nested(row)

    async def delete(self, id: UUID, *, version: datetime | Unset = UNSET) -> None:
        """Remove an analysis with all that belongs to it, and its comparisons. Raises NotFound, StaleVersion."""
        deleted = await queries.delete(self._executor, id=id, version=asked(version))
        await changed(deleted or None, "screenshot analysis", version, lambda: self.get(id))

    async def list_of_type(
        self,
        screenshot_type: str,
        *,
        filter: ListOfTypeFilter = OF_TYPE,
        sort: ListOfTypeSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ScreenshotAnalysisSummary]:
        """Return one page of the analyses of one kind of screenshot, of all users, newest first.

        For those who look after the models; a user sees `list_of_user`. Raises InvalidValue (limit, sort, cursor).
        """
        return await queries.list_of_type(
            self._executor,
            self._cursors,
            screenshot_type=screenshot_type,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def list_of_user(
        self,
        user_id: UUID,
        *,
        filter: ListOfUserFilter = OF_USER,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ScreenshotAnalysisSummary]:
        """Return one page of a user's analyses, newest first; the filter takes type, confidence, tag, key and time.

        Raises InvalidValue (limit, cursor).
        """
        return await queries.list_of_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )


def _nested(row: queries.ScreenshotAnalysis) -> ScreenshotAnalysis:
    return msgspec.convert(row, ScreenshotAnalysis, from_attributes=True)
