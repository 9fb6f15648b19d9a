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


_SCREENSHOT_RECOMMENDATIONS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotRecommendation]](
    "screenshot_recommendations_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/recommendations",
    Page[shapes.ScreenshotRecommendation],
)
_SCREENSHOT_RECOMMENDATIONS_ADD_MANY = Operation[shapes.AddedRecommendations](
    "screenshot_recommendations_add_many",
    "POST",
    "/v1/screenshots/{screenshot_id}/recommendations",
    shapes.AddedRecommendations,
)
_SCREENSHOT_RECOMMENDATIONS_REMOVE = Operation[None](
    "screenshot_recommendations_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/recommendations/{recommendation_id}",
    None,
)
_SCREENSHOT_RECOMMENDATIONS_LIST_OF_USER = Operation[Page[shapes.UserRecommendation]](
    "screenshot_recommendations_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshot-recommendations",
    Page[shapes.UserRecommendation],
)


class ScreenshotRecommendations(Noun):
    """What screenshots say to do."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        impact: Literal["low", "medium", "high"] | None = None,
        effort: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotRecommendation]:
        """List the recommendations of a screenshot, as they were made.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_RECOMMENDATIONS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={
                "type": type,
                "priority": priority,
                "impact": impact,
                "effort": effort,
                "actionable": actionable,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def add_many(
        self,
        screenshot_id: UUID,
        *,
        recommendations: Sequence[shapes.RecommendationOfScreenshot],
        idempotency_key: str | None = None,
    ) -> shapes.AddedRecommendations:
        """Add up to 100 recommendations to a screenshot: all of them, or none.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_RECOMMENDATIONS_ADD_MANY,
            path={"screenshot_id": screenshot_id},
            body=shapes.RecommendationsToAdd(recommendations=recommendations),
            key=idempotency_key or new_key(),
        )

    async def remove(self, screenshot_id: UUID, recommendation_id: UUID) -> None:
        """Remove a recommendation from a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_RECOMMENDATIONS_REMOVE,
            path={"screenshot_id": screenshot_id, "recommendation_id": recommendation_id},
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        impact: Literal["low", "medium", "high"] | None = None,
        effort: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.UserRecommendation]:
        """List the recommendations of all screenshots of a user, those of the newest screenshot first.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_RECOMMENDATIONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "type": type,
                "priority": priority,
                "impact": impact,
                "effort": effort,
                "actionable": actionable,
                "cursor": cursor,
                "limit": limit,
            },
        )
