"""Screenshot insights over HTTP: what analyses show, one by one and over all of a user's (SPEC D9)."""

from typing import Annotated

import msgspec
from pydantic import Field

from service.analysis_parts import (
    CHANGE_SCREENSHOT,
    OWN_SCREENSHOTS,
    READ_SCREENSHOT,
    Confidence,
    Kind,
    MinConfidence,
    Passage,
    Title,
)
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Flag, Id, Limit, asked
from service.routes import LARGE_BODY, Call, Created, Routes
from slimy_dal.domain.analysis_entries import MAX_WORDS, Level
from slimy_dal.domain.screenshot_insights import (
    ListOfAnalysisFilter,
    ListOfUserFilter,
    NewInsight,
    ScreenshotInsight,
    UserInsight,
)
from slimy_dal.engine.types import Page

routes = Routes("screenshot insights", "What screenshots show.")

PATH = "/v1/screenshots/{screenshot_id}/insights"
INSIGHT_EXAMPLE = {
    "type": "growth",
    "priority": "high",
    "title": "Four new members",
    "description": "The club has four members more than in the last screenshot.",
    "confidence": 0.9,
    "actionable": False,
}


class InsightOfScreenshot(Body):
    """Something that a screenshot shows."""

    type: Kind
    priority: Level
    title: Title
    description: Passage
    confidence: Confidence
    actionable: bool = False

    def entry(self) -> NewInsight:
        """Return it as the domain takes it."""
        return NewInsight(
            self.type,
            self.priority,
            self.title,
            self.description,
            self.confidence,
            self.actionable,
        )


class InsightsToAdd(Body):
    """Insights to add to a screenshot."""

    insights: Annotated[list[InsightOfScreenshot], Field(min_length=1, max_length=MAX_WORDS)]


class AddedInsights(msgspec.Struct, frozen=True, rename="camel"):
    """The insights that were added."""

    insights: list[ScreenshotInsight]


@routes.route("GET", PATH, READ_SCREENSHOT, "not_found", "invalid_cursor")
async def list_of_analysis(
    call: Call,
    *,
    screenshot_id: Id,
    type: Kind | None = None,
    priority: Level | None = None,
    actionable: Flag | None = None,
    min_confidence: MinConfidence | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotInsight]:
    """List the insights of a screenshot, as they were made."""
    wanted = ListOfAnalysisFilter(
        type=asked(type),
        priority=asked(priority),
        actionable=asked(actionable),
        min_confidence=asked(min_confidence),
    )
    return await call.db.screenshot_insights.list_of_analysis(
        screenshot_id, filter=wanted, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    PATH,
    CHANGE_SCREENSHOT,
    "not_found",
    body_limit=LARGE_BODY,
    entries="all",
    body_example={"insights": [INSIGHT_EXAMPLE]},
)
async def add_many(call: Call, *, screenshot_id: Id, body: InsightsToAdd) -> Created[AddedInsights]:
    """Add up to 100 insights to a screenshot: all of them, or none."""
    insights = [insight.entry() for insight in body.insights]
    with named_in_path("analysis_id", "screenshot analysis"):
        added = await call.db.screenshot_insights.add_many(screenshot_id, insights)
    return Created(AddedInsights(added), f"/v1/screenshots/{screenshot_id}/insights")


@routes.route("DELETE", f"{PATH}/{{insight_id}}", CHANGE_SCREENSHOT, "not_found")
async def remove(call: Call, *, screenshot_id: Id, insight_id: Id) -> None:
    """Remove an insight from a screenshot."""
    await call.db.screenshot_insights.delete(screenshot_id, insight_id)


@routes.route(
    "GET", "/v1/users/{user_id}/screenshot-insights", OWN_SCREENSHOTS, "not_found", "invalid_cursor"
)
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    type: Kind | None = None,
    priority: Level | None = None,
    actionable: Flag | None = None,
    min_confidence: MinConfidence | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UserInsight]:
    """List the insights of all screenshots of a user, those of the newest screenshot first."""
    wanted = ListOfUserFilter(
        type=asked(type),
        priority=asked(priority),
        actionable=asked(actionable),
        min_confidence=asked(min_confidence),
    )
    return await call.db.screenshot_insights.list_of_user(
        user_id, filter=wanted, cursor=cursor, limit=limit
    )
