"""Images of club analyses over HTTP: where those lie that an analysis was made from (SPEC D8)."""

from typing import Annotated

import msgspec
from pydantic import Field, StringConstraints

from service.analysis_parts import CHANGE_ANALYSIS, READ_ANALYSIS, Size
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, Link
from service.jsoninput import NO_NUL
from service.routes import LARGE_BODY, Call, Created, Routes
from slimy_dal.domain.analysis_entries import MAX_IMAGES
from slimy_dal.domain.club_analysis_images import ClubAnalysisImage, NewImage
from slimy_dal.engine.types import Page

routes = Routes("club analysis images", "The images that club analyses are made from.")

IMAGE_EXAMPLE = {
    "imageUrl": "https://cdn.discordapp.com/attachments/1/2/roster.png",
    "originalName": "roster.png",
    "fileSize": 482133,
}


class ImageOfAnalysis(Body):
    """An image that an analysis is made from. It stays where it lies: nothing is fetched."""

    image_url: Link
    original_name: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_NUL)]
    file_size: Annotated[Size, Field(description="In bytes.")]

    def entry(self) -> NewImage:
        """Return it as the domain takes it."""
        return NewImage(self.image_url, self.original_name, self.file_size)


class ImagesToAdd(Body):
    """Images to add to an analysis."""

    images: Annotated[list[ImageOfAnalysis], Field(min_length=1, max_length=MAX_IMAGES)]


class AddedImages(msgspec.Struct, frozen=True, rename="camel"):
    """The images that were added."""

    images: list[ClubAnalysisImage]


@routes.route(
    "GET", "/v1/analyses/{analysis_id}/images", READ_ANALYSIS, "not_found", "invalid_cursor"
)
async def list_of_analysis(
    call: Call, *, analysis_id: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ClubAnalysisImage]:
    """List the images of a club analysis, as they were uploaded."""
    return await call.db.club_analysis_images.list_of_analysis(
        analysis_id, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/analyses/{analysis_id}/images",
    CHANGE_ANALYSIS,
    "not_found",
    body_limit=LARGE_BODY,
    entries="all",
    body_example={"images": [IMAGE_EXAMPLE]},
)
async def add_many(call: Call, *, analysis_id: Id, body: ImagesToAdd) -> Created[AddedImages]:
    """Add up to 50 images to a club analysis: all of them, or none."""
    images = [image.entry() for image in body.images]
    with named_in_path("analysis_id", "club analysis"):
        added = await call.db.club_analysis_images.add_many(analysis_id, images)
    return Created(AddedImages(added), f"/v1/analyses/{analysis_id}/images")


@routes.route(
    "DELETE", "/v1/analyses/{analysis_id}/images/{image_id}", CHANGE_ANALYSIS, "not_found"
)
async def remove(call: Call, *, analysis_id: Id, image_id: Id) -> None:
    """Take an image out of a club analysis."""
    await call.db.club_analysis_images.delete(analysis_id, image_id)
