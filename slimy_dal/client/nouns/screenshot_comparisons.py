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


_SCREENSHOT_COMPARISONS_CREATE = Operation[shapes.ScreenshotComparison](
    "screenshot_comparisons_create",
    "POST",
    "/v1/screenshot-comparisons",
    shapes.ScreenshotComparison,
)
_SCREENSHOT_COMPARISONS_GET = Operation[shapes.ScreenshotComparison](
    "screenshot_comparisons_get",
    "GET",
    "/v1/screenshot-comparisons/{comparison_id}",
    shapes.ScreenshotComparison,
)
_SCREENSHOT_COMPARISONS_REMOVE = Operation[None](
    "screenshot_comparisons_remove",
    "DELETE",
    "/v1/screenshot-comparisons/{comparison_id}",
    None,
)
_SCREENSHOT_COMPARISONS_LIST_OF_USER = Operation[Page[shapes.ScreenshotComparisonSummary]](
    "screenshot_comparisons_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshot-comparisons",
    Page[shapes.ScreenshotComparisonSummary],
)
_SCREENSHOT_COMPARISONS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotComparisonSummary]](
    "screenshot_comparisons_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/comparisons",
    Page[shapes.ScreenshotComparisonSummary],
)
_SCREENSHOT_COMPARISONS_COMPARE = Operation[shapes.Differences](
    "screenshot_comparisons_compare",
    "GET",
    "/v1/screenshots/{screenshot_id}/differences/{other_id}",
    shapes.Differences,
)


class ScreenshotComparisons(Noun):
    """What changed between two screenshots of a user."""

    __slots__ = ()

    async def create(
        self,
        *,
        analysis_id: UUID,
        other_id: UUID,
        comparison_type: str,
        summary: str,
        insights: Sequence[Json] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.ScreenshotComparison:
        """Compare two screenshots of a user and keep what differs, from the older to the newer.

        Differences and trend follow from their data points. There is one comparison of each type
        for two screenshots. In a user's session both are their own: any other looks like one that
        does not exist.

        Who may: an API key with the scope `screenshots:write`, or any session.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_CREATE,
            body=shapes.NewScreenshotComparison(
                analysis_id=analysis_id,
                other_id=other_id,
                comparison_type=comparison_type,
                summary=summary,
                insights=insights,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, comparison_id: UUID) -> shapes.ScreenshotComparison:
        """Return a comparison of two screenshots.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_GET,
            path={"comparison_id": comparison_id},
        )

    async def remove(self, comparison_id: UUID) -> None:
        """Forget a comparison of two screenshots.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_REMOVE,
            path={"comparison_id": comparison_id},
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        comparison_type: str | None = None,
        trend: Literal["down", "mixed", "stable", "up"] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotComparisonSummary]:
        """List a user's comparisons without their differences, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_COMPARISONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "comparisonType": comparison_type,
                "trend": trend,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        comparison_type: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotComparisonSummary]:
        """List the comparisons that a screenshot is a side of, newest first.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_COMPARISONS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={"comparisonType": comparison_type, "cursor": cursor, "limit": limit},
        )

    async def compare(self, screenshot_id: UUID, other_id: UUID) -> shapes.Differences:
        """Return the data points in which another screenshot of the same user differs, and keep
        nothing.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_COMPARE,
            path={"screenshot_id": screenshot_id, "other_id": other_id},
        )
