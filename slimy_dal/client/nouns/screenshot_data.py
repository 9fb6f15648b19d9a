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


_SCREENSHOT_DATA_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotDataPoint]](
    "screenshot_data_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/data",
    Page[shapes.ScreenshotDataPoint],
)
_SCREENSHOT_DATA_PUT_MANY = Operation[shapes.PutData](
    "screenshot_data_put_many",
    "POST",
    "/v1/screenshots/{screenshot_id}/data:put",
    shapes.PutData,
)
_SCREENSHOT_DATA_PUT = Operation[shapes.ScreenshotDataPoint](
    "screenshot_data_put",
    "PUT",
    "/v1/screenshots/{screenshot_id}/data/{key}",
    shapes.ScreenshotDataPoint,
)
_SCREENSHOT_DATA_REMOVE = Operation[None](
    "screenshot_data_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/data/{key}",
    None,
)
_SCREENSHOT_DATA_LIST_HISTORY = Operation[Page[shapes.PastDataPoint]](
    "screenshot_data_list_history",
    "GET",
    "/v1/users/{user_id}/screenshots:trend",
    Page[shapes.PastDataPoint],
)


class ScreenshotData(Noun):
    """Values that were read out of screenshots."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        category: str | None = None,
        data_type: Literal["array", "boolean", "date", "number", "object", "string"] | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotDataPoint]:
        """List the data points of a screenshot by key.

        With `minConfidence`, without those whose confidence is not known.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_DATA_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={
                "category": category,
                "dataType": data_type,
                "minConfidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def put_many(
        self,
        screenshot_id: UUID,
        *,
        data: Sequence[shapes.DataPointOfScreenshot],
        idempotency_key: str | None = None,
    ) -> shapes.PutData:
        """Add up to 1000 data points to a screenshot, or correct those whose keys it has: all of them,
        or none.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_DATA_PUT_MANY,
            path={"screenshot_id": screenshot_id},
            body=shapes.DataToPut(data=data),
            key=idempotency_key or new_key(),
        )

    async def put(
        self,
        screenshot_id: UUID,
        key: str,
        *,
        data_type: Literal["array", "boolean", "date", "number", "object", "string"],
        value: Json,
        category: str,
        confidence: float | None | UnsetType = UNSET,
    ) -> shapes.ScreenshotDataPoint:
        """Add a data point to a screenshot, or correct the one of that key.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_DATA_PUT,
            path={"screenshot_id": screenshot_id, "key": key},
            body=shapes.DataValue(
                data_type=data_type,
                value=value,
                category=category,
                confidence=confidence,
            ),
        )

    async def remove(self, screenshot_id: UUID, key: str) -> None:
        """Remove a data point from a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_DATA_REMOVE,
            path={"screenshot_id": screenshot_id, "key": key},
        )

    def list_history(
        self,
        user_id: UUID,
        *,
        key: str,
        screenshot_type: str | None = None,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.PastDataPoint]:
        """List the values that a key had in a user's screenshots, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_DATA_LIST_HISTORY,
            path={"user_id": user_id},
            query={
                "key": key,
                "screenshotType": screenshot_type,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )
