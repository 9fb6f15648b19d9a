"""Screenshot recommendations over HTTP: what analyses say to do, one by one and over all of a user's (SPEC D9)."""

from typing import Annotated

import msgspec
from pydantic import Field

from service.analysis_parts import (
    CHANGE_SCREENSHOT,
    OWN_SCREENSHOTS,
    READ_SCREENSHOT,
    Kind,
    Passage,
    Title,
)
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Flag, Id, Limit, asked
from service.routes import LARGE_BODY, Call, Created, Routes
from slimy_dal.domain.analysis_entries import MAX_WORDS, Level
from slimy_dal.domain.screenshot_recommendations import (
    ListOfAnalysisFilter,
    ListOfUserFilter,
    NewRecommendation,
    ScreenshotRecommendation,
    UserRecommendation,
)
from slimy_dal.engine.types import Page

routes = Routes("screenshot recommendations", "What screenshots say to do.")

PATH = "/v1/screenshots/{screenshot_id}/recommendations"
RECOMMENDATION_EXAMPLE = {
    "type": "recruiting",
    "priority": "medium",
    "title": "Fill the last two places",
    "description": "The club has 48 of 50 members.",
    "impact": "medium",
    "effort": "low",
    "actionable": True,
}


class RecommendationOfScreenshot(Body):
    """Something that a screenshot says to do."""

    type: Kind
    priority: Level
    title: Title
    description: Passage
    impact: Level
    effort: Level
    actionable: Annotated[bool, Field(description="Whether it can be followed as it stands.")] = (
        True
    )

    def entry(self) -> NewRecommendation:
        """Return it as the domain takes it."""
        return NewRecommendation(
            self.type,
            self.priority,
            self.title,
            self.description,
            self.impact,
            self.effort,
            self.actionable,
        )


class RecommendationsToAdd(Body):
    """Recommendations to add to a screenshot."""

    recommendations: Annotated[
        list[RecommendationOfScreenshot], Field(min_length=1, max_length=MAX_WORDS)
    ]


class AddedRecommendations(msgspec.Struct, frozen=True, rename="camel"):
    """The recommendations that were added."""

    recommendations: list[ScreenshotRecommendation]


@routes.route("GET", PATH, READ_SCREENSHOT, "not_found", "invalid_cursor")
async def list_of_analysis(
    call: Call,
    *,
    screenshot_id: Id,
    type: Kind | None = None,
    priority: Level | None = None,
    impact: Level | None = None,
    effort: Level | None = None,
    actionable: Flag | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotRecommendation]:
    """List the recommendations of a screenshot, as they were made."""
    wanted = ListOfAnalysisFilter(
        type=asked(type),
        priority=asked(priority),
        impact=asked(impact),
        effort=asked(effort),
        actionable=asked(actionable),
    )
    return await call.db.screenshot_recommendations.list_of_analysis(
        screenshot_id, filter=wanted, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    PATH,
    CHANGE_SCREENSHOT,
    "not_found",
    body_limit=LARGE_BODY,
    entries="all",
    body_example={"recommendations": [RECOMMENDATION_EXAMPLE]},
)
async def add_many(
    call: Call, *, screenshot_id: Id, body: RecommendationsToAdd
) -> Created[AddedRecommendations]:
    """Add up to 100 recommendations to a screenshot: all of them, or none."""
    recommendations = [one.entry() for one in body.recommendations]
    with named_in_path("analysis_id", "screenshot analysis"):
        added = await call.db.screenshot_recommendations.add_many(screenshot_id, recommendations)
    return Created(AddedRecommendations(added), f"/v1/screenshots/{screenshot_id}/recommendations")


@routes.route("DELETE", f"{PATH}/{{recommendation_id}}", CHANGE_SCREENSHOT, "not_found")
async def remove(call: Call, *, screenshot_id: Id, recommendation_id: Id) -> None:
    """Remove a recommendation from a screenshot."""
    await call.db.screenshot_recommendations.delete(screenshot_id, recommendation_id)


@routes.route(
    "GET",
    "/v1/users/{user_id}/screenshot-recommendations",
    OWN_SCREENSHOTS,
    "not_found",
    "invalid_cursor",
)
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    type: Kind | None = None,
    priority: Level | None = None,
    impact: Level | None = None,
    effort: Level | None = None,
    actionable: Flag | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UserRecommendation]:
    """List the recommendations of all screenshots of a user, those of the newest screenshot first."""
    wanted = ListOfUserFilter(
        type=asked(type),
        priority=asked(priority),
        impact=asked(impact),
        effort=asked(effort),
        actionable=asked(actionable),
    )
    return await call.db.screenshot_recommendations.list_of_user(
        user_id, filter=wanted, cursor=cursor, limit=limit
    )
