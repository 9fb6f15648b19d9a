"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from uuid import UUID

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page


_CLUB_ANALYSIS_IMAGES_LIST_OF_ANALYSIS = Operation[Page[shapes.ClubAnalysisImage]](
    "club_analysis_images_list_of_analysis",
    "GET",
    "/v1/analyses/{analysis_id}/images",
    Page[shapes.ClubAnalysisImage],
)
_CLUB_ANALYSIS_IMAGES_ADD_MANY = Operation[shapes.AddedImages](
    "club_analysis_images_add_many",
    "POST",
    "/v1/analyses/{analysis_id}/images",
    shapes.AddedImages,
)
_CLUB_ANALYSIS_IMAGES_REMOVE = Operation[None](
    "club_analysis_images_remove",
    "DELETE",
    "/v1/analyses/{analysis_id}/images/{image_id}",
    None,
)


class ClubAnalysisImages(Noun):
    """The images that club analyses are made from."""

    __slots__ = ()

    def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubAnalysisImage]:
        """List the images of a club analysis, as they were uploaded.

        Who may: an API key with the scope `analyses:read`, or the session of its creator or a
        member of its guild.
        """
        return Pages(
            self._transport,
            _CLUB_ANALYSIS_IMAGES_LIST_OF_ANALYSIS,
            path={"analysis_id": analysis_id},
            query={"cursor": cursor, "limit": limit},
        )

    async def add_many(
        self,
        analysis_id: UUID,
        *,
        images: Sequence[shapes.ImageOfAnalysis],
        idempotency_key: str | None = None,
    ) -> shapes.AddedImages:
        """Add up to 50 images to a club analysis: all of them, or none.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSIS_IMAGES_ADD_MANY,
            path={"analysis_id": analysis_id},
            body=shapes.ImagesToAdd(images=images),
            key=idempotency_key or new_key(),
        )

    async def remove(self, analysis_id: UUID, image_id: UUID) -> None:
        """Take an image out of a club analysis.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSIS_IMAGES_REMOVE,
            path={"analysis_id": analysis_id, "image_id": image_id},
        )
