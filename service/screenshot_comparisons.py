"""Screenshot comparisons over HTTP: what changed between two analyses of a user (SPEC D9)."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from pydantic import Field

from service.analysis_parts import (
    CHANGE_COMPARISON,
    NEW_COMPARISON,
    OWN_SCREENSHOTS,
    READ_COMPARISON,
    READ_SCREENSHOT,
    AnyValue,
    Kind,
    Order,
    Summary,
)
from service.examples import LATER_SCREENSHOT, SCREENSHOT
from service.inputs import (
    DEFAULT_LIMIT,
    LEFT_OUT,
    Body,
    Cursor,
    Id,
    Limit,
    Moment,
    asked,
)
from service.principals import Visitor
from service.problems import missing_reference
from service.routes import Call, Created, Routes
from slimy_dal.domain.analysis_entries import MAX_WORDS
from slimy_dal.domain.screenshot_comparisons import (
    Difference,
    ListOfAnalysisFilter,
    ListOfUserFilter,
    ScreenshotComparison,
    ScreenshotComparisonSummary,
)
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.types import Page

routes = Routes("screenshot comparisons", "What changed between two screenshots of a user.")

Trend = Literal["down", "mixed", "stable", "up"]


class NewScreenshotComparison(Body):
    """Two different analyses of one user, in either order."""

    analysis_id: Id
    other_id: Id
    comparison_type: Kind
    summary: Summary
    insights: Annotated[
        list[AnyValue],
        Field(
            max_length=MAX_WORDS,
            description="What follows from it; where it is left out, the largest rise and the largest fall.",
        ),
    ] = LEFT_OUT


class Differences(msgspec.Struct, frozen=True, rename="camel"):
    """The data points in which two analyses differ, by key; at most 1000."""

    differences: list[Difference]


@routes.route(
    "POST",
    "/v1/screenshot-comparisons",
    NEW_COMPARISON,
    "missing_reference",
    "already_exists",
    body_example={
        "analysisId": SCREENSHOT,
        "otherId": LATER_SCREENSHOT,
        "comparisonType": "progress",
        "summary": "The club has grown by four members since December.",
    },
)
async def create(call: Call, *, body: NewScreenshotComparison) -> Created[ScreenshotComparison]:
    """Compare two screenshots of a user and keep what differs, from the older to the newer.

    Differences and trend follow from their data points. There is one comparison of each type for two screenshots.
    In a user's session both are their own: any other looks like one that does not exist.
    """
    visitor = call.principal
    user_id = visitor.user_id if isinstance(visitor, Visitor) else await _owner(call, body)
    try:
        made = await call.db.screenshot_comparisons.create(
            user_id,
            body.analysis_id,
            body.other_id,
            comparison_type=body.comparison_type,
            summary=body.summary,
            insights=body.insights,
        )
    except NotFound:
        known = await _owner(call, body) == user_id
        where = "/otherId" if known else "/analysisId"
        raise missing_reference(where, "screenshot of this user") from None
    return Created(made, f"/v1/screenshot-comparisons/{made.id}")


@routes.route("GET", "/v1/screenshot-comparisons/{comparison_id}", READ_COMPARISON, "not_found")
async def get(call: Call, *, comparison_id: Id) -> ScreenshotComparison:
    """Return a comparison of two screenshots."""
    return await call.db.screenshot_comparisons.get(comparison_id)


@routes.route(
    "DELETE",
    "/v1/screenshot-comparisons/{comparison_id}",
    CHANGE_COMPARISON,
    "not_found",
    audit="screenshot.comparison.delete",
)
async def remove(call: Call, *, comparison_id: Id) -> None:
    """Forget a comparison of two screenshots."""
    await call.db.screenshot_comparisons.delete(comparison_id)


@routes.route(
    "GET",
    "/v1/users/{user_id}/screenshot-comparisons",
    OWN_SCREENSHOTS,
    "not_found",
    "invalid_cursor",
)
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    comparison_type: Kind | None = None,
    trend: Trend | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Order = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotComparisonSummary]:
    """List a user's comparisons without their differences, newest first, or oldest first with `sort=oldest`.

    `since` is part of the time asked for, `until` is not.
    """
    wanted = ListOfUserFilter(
        comparison_type=asked(comparison_type),
        trend=asked(trend),
        since=asked(since),
        until=asked(until),
    )
    return await call.db.screenshot_comparisons.list_of_user(
        user_id, filter=wanted, sort=sort, cursor=cursor, limit=limit
    )


@routes.route(
    "GET",
    "/v1/screenshots/{screenshot_id}/comparisons",
    READ_SCREENSHOT,
    "not_found",
    "invalid_cursor",
)
async def list_of_analysis(
    call: Call,
    *,
    screenshot_id: Id,
    comparison_type: Kind | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotComparisonSummary]:
    """List the comparisons that a screenshot is a side of, newest first."""
    return await call.db.screenshot_comparisons.list_of_analysis(
        screenshot_id,
        filter=ListOfAnalysisFilter(comparison_type=asked(comparison_type)),
        cursor=cursor,
        limit=limit,
    )


@routes.route(
    "GET", "/v1/screenshots/{screenshot_id}/differences/{other_id}", READ_SCREENSHOT, "not_found"
)
async def compare(call: Call, *, screenshot_id: Id, other_id: Id) -> Differences:
    """Return the data points in which another screenshot of the same user differs, and keep nothing."""
    owner_of = call.db.screenshot_analyses.find_owner
    if await owner_of(screenshot_id) != await owner_of(other_id):
        raise NotFound("there is no such screenshot analysis of this user")
    found = await call.db.screenshot_comparisons.compare(screenshot_id, other_id)
    return Differences(found)


async def _owner(call: Call, body: NewScreenshotComparison) -> UUID:
    """Return whose the first of two screenshots is. Raises Refusal where there is none."""
    try:
        return await call.db.screenshot_analyses.find_owner(body.analysis_id)
    except NotFound:
        raise missing_reference("/analysisId", "screenshot of this user") from None
