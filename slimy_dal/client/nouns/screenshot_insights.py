"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page


_SCREENSHOT_INSIGHTS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotInsight]](
    "screenshot_insights_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/insights",
    Page[shapes.ScreenshotInsight],
)
_SCREENSHOT_INSIGHTS_ADD_MANY = Operation[shapes.AddedInsights](
    "screenshot_insights_add_many",
    "POST",
    "/v1/screenshots/{screenshot_id}/insights",
    shapes.AddedInsights,
)
_SCREENSHOT_INSIGHTS_REMOVE = Operation[None](
    "screenshot_insights_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/insights/{insight_id}",
    None,
)
_SCREENSHOT_INSIGHTS_LIST_OF_USER = Operation[Page[shapes.UserInsight]](
    "screenshot_insights_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshot-insights",
    Page[shapes.UserInsight],
)


class ScreenshotInsights(Noun):
    """What screenshots show."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotInsight]:
        """List the insights of a screenshot, as they were made.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_INSIGHTS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={
                "type": type,
                "priority": priority,
                "actionable": actionable,
                "minConfidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def add_many(
        self,
        screenshot_id: UUID,
        *,
        insights: Sequence[shapes.InsightOfScreenshot],
        idempotency_key: str | None = None,
    ) -> shapes.AddedInsights:
        """Add up to 100 insights to a screenshot: all of them, or none.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_INSIGHTS_ADD_MANY,
            path={"screenshot_id": screenshot_id},
            body=shapes.InsightsToAdd(insights=insights),
            key=idempotency_key or new_key(),
        )

    async def remove(self, screenshot_id: UUID, insight_id: UUID) -> None:
        """Remove an insight from a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_INSIGHTS_REMOVE,
            path={"screenshot_id": screenshot_id, "insight_id": insight_id},
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.UserInsight]:
        """List the insights of all screenshots of a user, those of the newest screenshot first.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_INSIGHTS_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "type": type,
                "priority": priority,
                "actionable": actionable,
                "minConfidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )
