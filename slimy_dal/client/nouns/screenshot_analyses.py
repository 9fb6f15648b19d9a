"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Json, Page


_SCREENSHOT_ANALYSES_LIST_OF_TYPE = Operation[Page[shapes.ScreenshotAnalysisSummary]](
    "screenshot_analyses_list_of_type",
    "GET",
    "/v1/screenshots",
    Page[shapes.ScreenshotAnalysisSummary],
)
_SCREENSHOT_ANALYSES_LIST_OF_USER = Operation[Page[shapes.ScreenshotAnalysisSummary]](
    "screenshot_analyses_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshots",
    Page[shapes.ScreenshotAnalysisSummary],
)
_SCREENSHOT_ANALYSES_CREATE = Operation[shapes.ScreenshotAnalysis](
    "screenshot_analyses_create",
    "POST",
    "/v1/users/{user_id}/screenshots",
    shapes.ScreenshotAnalysis,
)
_SCREENSHOT_ANALYSES_GET = Operation[shapes.ScreenshotAnalysis](
    "screenshot_analyses_get",
    "GET",
    "/v1/screenshots/{screenshot_id}",
    shapes.ScreenshotAnalysis,
)
_SCREENSHOT_ANALYSES_CHANGE = Operation[shapes.ScreenshotAnalysis](
    "screenshot_analyses_change",
    "PATCH",
    "/v1/screenshots/{screenshot_id}",
    shapes.ScreenshotAnalysis,
)
_SCREENSHOT_ANALYSES_REMOVE = Operation[None](
    "screenshot_analyses_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}",
    None,
)


class ScreenshotAnalyses(Noun):
    """What was read out of single screenshots of users."""

    __slots__ = ()

    def list_of_type(
        self,
        *,
        screenshot_type: str,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotAnalysisSummary]:
        """List the screenshots of one type, of all users, newest first, or oldest first with
        `sort=oldest`.

        For services that look after the models. `since` is part of the time asked for, `until` is
        not.

        Who may: an API key with the scope `screenshots:read`.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_ANALYSES_LIST_OF_TYPE,
            query={
                "screenshotType": screenshot_type,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        screenshot_type: str | None = None,
        min_confidence: float | None = None,
        tag: str | None = None,
        key: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotAnalysisSummary]:
        """List a user's screenshots, newest first, without what belongs to each.

        With `tag`, those that have it; with `key`, those that have a data point of that key.
        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_ANALYSES_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "screenshotType": screenshot_type,
                "minConfidence": min_confidence,
                "tag": tag,
                "key": key,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )

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
        description: str | UnsetType = UNSET,
        data: Sequence[shapes.DataPointOfScreenshot] | UnsetType = UNSET,
        tags: Sequence[shapes.TagOfScreenshot] | UnsetType = UNSET,
        insights: Sequence[shapes.InsightOfScreenshot] | UnsetType = UNSET,
        recommendations: Sequence[shapes.RecommendationOfScreenshot] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.ScreenshotAnalysis:
        """Keep an analysis of a user's screenshot with all that was read out of it: all of it, or
        nothing.

        Who may: an API key with the scope `screenshots:write`, or the session of that user.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_CREATE,
            path={"user_id": user_id},
            body=shapes.NewScreenshotAnalysis(
                screenshot_type=screenshot_type,
                image_url=image_url,
                title=title,
                description=description,
                summary=summary,
                confidence=confidence,
                processing_time_ms=processing_time_ms,
                model_used=model_used,
                raw_response=raw_response,
                data=data,
                tags=tags,
                insights=insights,
                recommendations=recommendations,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, screenshot_id: UUID) -> shapes.ScreenshotAnalysis:
        """Return an analysis of a screenshot with all that belongs to it.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_GET,
            path={"screenshot_id": screenshot_id},
        )

    async def change(
        self,
        screenshot_id: UUID,
        *,
        screenshot_type: str | UnsetType = UNSET,
        title: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        summary: str | UnsetType = UNSET,
        confidence: float | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.ScreenshotAnalysis:
        """Change the given fields of an analysis of a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_CHANGE,
            path={"screenshot_id": screenshot_id},
            body=shapes.ScreenshotAnalysisChanges(
                screenshot_type=screenshot_type,
                title=title,
                description=description,
                summary=summary,
                confidence=confidence,
            ),
            if_match=if_match,
        )

    async def remove(self, screenshot_id: UUID, *, if_match: str | None = None) -> None:
        """Remove an analysis of a screenshot with all that belongs to it, and its comparisons.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_REMOVE,
            path={"screenshot_id": screenshot_id},
            if_match=if_match,
        )
