"""Screenshot tags over HTTP: the words by which a user finds analyses again (SPEC D9)."""

from service.analysis_parts import CHANGE_SCREENSHOT, READ_SCREENSHOT, Category, Tag
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, asked
from service.routes import Call, Routes
from slimy_dal.domain.screenshot_tags import ListOfAnalysisFilter, NewTag, ScreenshotTag
from slimy_dal.engine.types import Page

routes = Routes("screenshot tags", "Words that screenshots are found by.")

PATH = "/v1/screenshots/{screenshot_id}/tags"


class TagDetails(Body):
    """What kind of word a tag is."""

    category: Category


class TagOfScreenshot(TagDetails):
    """A tag."""

    tag: Tag

    def entry(self) -> NewTag:
        """Return it as the domain takes it."""
        return NewTag(self.tag, self.category)


@routes.route("GET", PATH, READ_SCREENSHOT, "not_found", "invalid_cursor")
async def list_of_analysis(
    call: Call,
    *,
    screenshot_id: Id,
    category: Category | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotTag]:
    """List the tags of a screenshot in order; with `category`, those of it."""
    return await call.db.screenshot_tags.list_of_analysis(
        screenshot_id,
        filter=ListOfAnalysisFilter(category=asked(category)),
        cursor=cursor,
        limit=limit,
    )


@routes.route(
    "PUT", f"{PATH}/{{tag}}", CHANGE_SCREENSHOT, "not_found", body_example={"category": "game"}
)
async def put(call: Call, *, screenshot_id: Id, tag: Tag, body: TagDetails) -> ScreenshotTag:
    """Put a tag on a screenshot, or into another category where it has it."""
    with named_in_path("analysis_id", "screenshot analysis"):
        (kept,) = await call.db.screenshot_tags.put_many(
            screenshot_id, [NewTag(tag, body.category)]
        )
    return kept


@routes.route("DELETE", f"{PATH}/{{tag}}", CHANGE_SCREENSHOT, "not_found")
async def remove(call: Call, *, screenshot_id: Id, tag: Tag) -> None:
    """Take a tag off a screenshot."""
    await call.db.screenshot_tags.delete(screenshot_id, tag)
