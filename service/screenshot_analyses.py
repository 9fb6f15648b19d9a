"""Screenshot analyses over HTTP: what was read out of a user's screenshots, with all that belongs to each (SPEC D9)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.analysis_parts import (
    ANY_SCREENSHOTS,
    CHANGE_SCREENSHOT,
    NEW_SCREENSHOT,
    OWN_SCREENSHOTS,
    READ_SCREENSHOT,
    Confidence,
    Key,
    Kind,
    MinConfidence,
    Order,
    Raw,
    Size,
    Summary,
    Tag,
    Title,
)
from service.faults import named_in_path
from service.inputs import (
    DEFAULT_LIMIT,
    LEFT_OUT,
    Body,
    Cursor,
    Id,
    Limit,
    Link,
    Moment,
    Name,
    asked,
)
from service.jsoninput import NO_NUL
from service.routes import LARGE_BODY, Call, Created, Routes
from service.screenshot_data import POINT_EXAMPLE, DataPointOfScreenshot
from service.screenshot_insights import INSIGHT_EXAMPLE, InsightOfScreenshot
from service.screenshot_recommendations import RECOMMENDATION_EXAMPLE, RecommendationOfScreenshot
from service.screenshot_tags import TagOfScreenshot
from slimy_dal.domain.analysis_entries import MAX_DATA, MAX_TAGS, MAX_WORDS
from slimy_dal.domain.screenshot_analyses import (
    ListOfTypeFilter,
    ListOfUserFilter,
    ScreenshotAnalysis,
    ScreenshotAnalysisSummary,
)
from slimy_dal.engine.types import Page

routes = Routes("screenshots", "What was read out of single screenshots of users.")

EXAMPLE = {
    "screenshotType": "club_roster",
    "title": "Roster of January",
    "description": "The first page of the member list.",
    "summary": "48 members, four of them new.",
    "confidence": 0.97,
}

Description = Annotated[str, StringConstraints(max_length=4000, pattern=NO_NUL)]


class NewScreenshotAnalysis(Body):
    """An analysis with all that was read out of the screenshot; each key and each tag stands there once."""

    screenshot_type: Kind
    image_url: Annotated[
        Link, Field(description="Where the screenshot lies; nothing is fetched from there.")
    ]
    title: Title
    description: Description = LEFT_OUT
    summary: Summary
    confidence: Confidence
    processing_time_ms: Annotated[
        Size, Field(description="How long the analysis took, in milliseconds.")
    ]
    model_used: Name
    raw_response: Raw
    data: Annotated[list[DataPointOfScreenshot], Field(max_length=MAX_DATA)] = LEFT_OUT
    tags: Annotated[list[TagOfScreenshot], Field(max_length=MAX_TAGS)] = LEFT_OUT
    insights: Annotated[list[InsightOfScreenshot], Field(max_length=MAX_WORDS)] = LEFT_OUT
    recommendations: Annotated[list[RecommendationOfScreenshot], Field(max_length=MAX_WORDS)] = (
        LEFT_OUT
    )


class ScreenshotAnalysisChanges(Body):
    """What to change of an analysis; a field that is left out stays as it is."""

    screenshot_type: Kind = LEFT_OUT
    title: Title = LEFT_OUT
    description: Description = LEFT_OUT
    summary: Summary = LEFT_OUT
    confidence: Confidence = LEFT_OUT


@routes.route("GET", "/v1/screenshots", ANY_SCREENSHOTS, "invalid_cursor")
async def list_of_type(
    call: Call,
    *,
    screenshot_type: Kind,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Order = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotAnalysisSummary]:
    """List the screenshots of one type, of all users, newest first, or oldest first with `sort=oldest`.

    For services that look after the models. `since` is part of the time asked for, `until` is not.
    """
    wanted = ListOfTypeFilter(since=asked(since), until=asked(until))
    return await call.db.screenshot_analyses.list_of_type(
        screenshot_type, filter=wanted, sort=sort, cursor=cursor, limit=limit
    )


@routes.route(
    "GET", "/v1/users/{user_id}/screenshots", OWN_SCREENSHOTS, "not_found", "invalid_cursor"
)
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    screenshot_type: Kind | None = None,
    min_confidence: MinConfidence | None = None,
    tag: Tag | None = None,
    key: Key | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotAnalysisSummary]:
    """List a user's screenshots, newest first, without what belongs to each.

    With `tag`, those that have it; with `key`, those that have a data point of that key. `since` is part of the time
    asked for, `until` is not.
    """
    wanted = ListOfUserFilter(
        screenshot_type=asked(screenshot_type),
        min_confidence=asked(min_confidence),
        tag=asked(tag),
        key=asked(key),
        since=asked(since),
        until=asked(until),
    )
    return await call.db.screenshot_analyses.list_of_user(
        user_id, filter=wanted, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/users/{user_id}/screenshots",
    NEW_SCREENSHOT,
    "not_found",
    "already_exists",
    body_limit=LARGE_BODY,
    body_example={
        **EXAMPLE,
        "imageUrl": "https://cdn.discordapp.com/attachments/1/2/roster.png",
        "processingTimeMs": 1830,
        "modelUsed": "vision-1",
        "rawResponse": {"members": 48},
        "data": [POINT_EXAMPLE],
        "tags": [{"tag": "roster", "category": "game"}],
        "insights": [INSIGHT_EXAMPLE],
        "recommendations": [RECOMMENDATION_EXAMPLE],
    },
)
async def create(
    call: Call, *, user_id: Id, body: NewScreenshotAnalysis
) -> Created[ScreenshotAnalysis]:
    """Keep an analysis of a user's screenshot with all that was read out of it: all of it, or nothing."""
    with named_in_path("user_id", "user"):
        made = await call.db.screenshot_analyses.create(
            user_id,
            screenshot_type=body.screenshot_type,
            image_url=body.image_url,
            title=body.title,
            description=body.description or "",
            summary=body.summary,
            confidence=body.confidence,
            processing_time_ms=body.processing_time_ms,
            model_used=body.model_used,
            raw_response=body.raw_response,
            data=[point.entry() for point in body.data or ()],
            tags=[tag.entry() for tag in body.tags or ()],
            insights=[insight.entry() for insight in body.insights or ()],
            recommendations=[one.entry() for one in body.recommendations or ()],
        )
    return Created(made, f"/v1/screenshots/{made.id}")


@routes.route("GET", "/v1/screenshots/{screenshot_id}", READ_SCREENSHOT, "not_found")
async def get(call: Call, *, screenshot_id: Id) -> ScreenshotAnalysis:
    """Return an analysis of a screenshot with all that belongs to it."""
    return await call.db.screenshot_analyses.get(screenshot_id)


@routes.route(
    "PATCH",
    "/v1/screenshots/{screenshot_id}",
    CHANGE_SCREENSHOT,
    "not_found",
    body_example=EXAMPLE,
    versioned=True,
)
async def change(
    call: Call, *, screenshot_id: Id, body: ScreenshotAnalysisChanges
) -> ScreenshotAnalysis:
    """Change the given fields of an analysis of a screenshot."""
    return await call.db.screenshot_analyses.update(
        screenshot_id, **body.given(), version=call.version
    )


@routes.route(
    "DELETE",
    "/v1/screenshots/{screenshot_id}",
    CHANGE_SCREENSHOT,
    "not_found",
    audit="screenshot.analysis.delete",
    versioned=True,
)
async def remove(call: Call, *, screenshot_id: Id) -> None:
    """Remove an analysis of a screenshot with all that belongs to it, and its comparisons."""
    await call.db.screenshot_analyses.delete(screenshot_id, version=call.version)
