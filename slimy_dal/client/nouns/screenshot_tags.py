"""Generated from the routes of the service by `slimy client`; do not edit."""

from uuid import UUID

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Page


_SCREENSHOT_TAGS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotTag]](
    "screenshot_tags_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/tags",
    Page[shapes.ScreenshotTag],
)
_SCREENSHOT_TAGS_PUT = Operation[shapes.ScreenshotTag](
    "screenshot_tags_put",
    "PUT",
    "/v1/screenshots/{screenshot_id}/tags/{tag}",
    shapes.ScreenshotTag,
)
_SCREENSHOT_TAGS_REMOVE = Operation[None](
    "screenshot_tags_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/tags/{tag}",
    None,
)


class ScreenshotTags(Noun):
    """Words that screenshots are found by."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        category: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotTag]:
        """List the tags of a screenshot in order; with `category`, those of it.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_TAGS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={"category": category, "cursor": cursor, "limit": limit},
        )

    async def put(self, screenshot_id: UUID, tag: str, *, category: str) -> shapes.ScreenshotTag:
        """Put a tag on a screenshot, or into another category where it has it.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_TAGS_PUT,
            path={"screenshot_id": screenshot_id, "tag": tag},
            body=shapes.TagDetails(category=category),
        )

    async def remove(self, screenshot_id: UUID, tag: str) -> None:
        """Take a tag off a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_TAGS_REMOVE,
            path={"screenshot_id": screenshot_id, "tag": tag},
        )
