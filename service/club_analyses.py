"""Club analyses over HTTP: what was read out of a guild's club, with its images and metrics (SPEC D8)."""

from typing import Annotated

from pydantic import Field

from service.analysis_parts import (
    CHANGE_ANALYSIS,
    GUILD_ANALYSES,
    NEW_ANALYSIS,
    OWN_ANALYSES,
    READ_ANALYSIS,
    Confidence,
    MinConfidence,
    Order,
    Summary,
    Title,
)
from service.club_analysis_images import IMAGE_EXAMPLE, ImageOfAnalysis
from service.club_metrics import METRIC_EXAMPLE, MetricOfAnalysis
from service.examples import USER
from service.faults import named_in_path
from service.inputs import (
    DEFAULT_LIMIT,
    LEFT_OUT,
    Body,
    Cursor,
    Id,
    Limit,
    Moment,
    Search,
    Snowflake,
    asked,
)
from service.principals import Visitor
from service.problems import Refusal
from service.routes import LARGE_BODY, Call, Created, Routes
from slimy_dal.domain.analysis_entries import MAX_IMAGES, MAX_METRICS
from slimy_dal.domain.club_analyses import (
    ClubAnalysis,
    ClubAnalysisSummary,
    ListOfGuildFilter,
    ListOfUserFilter,
    SearchGuildFilter,
    SearchUserFilter,
)
from slimy_dal.engine.types import Page

routes = Routes("club analyses", "What was read out of images of a guild's club.")

EXAMPLE = {
    "title": "January",
    "summary": "The club has grown by four members and 12 % in power.",
    "confidence": 0.93,
}


class NewClubAnalysis(Body):
    """An analysis with its images and metrics; each name of a metric stands there once."""

    user_id: Annotated[
        Id, Field(description="Who had it made; in a user's session, nobody but themselves.")
    ]
    title: Title | None = None
    summary: Summary
    confidence: Confidence
    images: Annotated[list[ImageOfAnalysis], Field(max_length=MAX_IMAGES)] = LEFT_OUT
    metrics: Annotated[list[MetricOfAnalysis], Field(max_length=MAX_METRICS)] = LEFT_OUT


class ClubAnalysisChanges(Body):
    """What to change of an analysis; a field that is left out stays as it is, null erases the title."""

    title: Title | None = None
    summary: Summary = LEFT_OUT
    confidence: Confidence = LEFT_OUT


@routes.route(
    "GET", "/v1/guilds/{guild_id}/analyses", GUILD_ANALYSES, "not_found", "invalid_cursor"
)
async def list_of_guild(
    call: Call,
    *,
    guild_id: Snowflake,
    search: Search | None = None,
    min_confidence: MinConfidence | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Order = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ClubAnalysisSummary]:
    """List a guild's club analyses, newest first, or oldest first with `sort=oldest`.

    Without images and metrics. With `search`, those with all its words in title or summary, each word by its
    beginning. `since` is part of the time asked for, `until` is not.
    """
    least, start, end = asked(min_confidence), asked(since), asked(until)
    if search is None:
        wanted = ListOfGuildFilter(min_confidence=least, since=start, until=end)
        return await call.db.club_analyses.list_of_guild(
            guild_id, filter=wanted, sort=sort, cursor=cursor, limit=limit
        )
    within = SearchGuildFilter(min_confidence=least, since=start, until=end)
    # Words are found by an index that row level security keeps the planner from: it is asked unbound.
    return await call.unbound.club_analyses.search_guild(
        guild_id, search, filter=within, sort=sort, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/guilds/{guild_id}/analyses",
    NEW_ANALYSIS,
    "not_found",
    "not_your_account",
    "missing_reference",
    "already_exists",
    body_limit=LARGE_BODY,
    body_example={
        "userId": USER,
        **EXAMPLE,
        "images": [IMAGE_EXAMPLE],
        "metrics": [METRIC_EXAMPLE],
    },
)
async def create(
    call: Call, *, guild_id: Snowflake, body: NewClubAnalysis
) -> Created[ClubAnalysis]:
    """Keep a club analysis with its images and metrics: all of it, or nothing.

    In a user's session, any member of the guild may, in their own name.
    """
    if isinstance(call.principal, Visitor) and body.user_id != call.principal.user_id:
        raise Refusal("not_your_account", "a session keeps analyses in its own user's name only")
    with named_in_path("guild_id", "guild"):
        made = await call.db.club_analyses.create(
            guild_id,
            body.user_id,
            title=body.title,
            summary=body.summary,
            confidence=body.confidence,
            images=[image.entry() for image in body.images or ()],
            metrics=[metric.entry() for metric in body.metrics or ()],
        )
    return Created(made, f"/v1/analyses/{made.id}")


@routes.route("GET", "/v1/users/{user_id}/analyses", OWN_ANALYSES, "not_found", "invalid_cursor")
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    search: Search | None = None,
    min_confidence: MinConfidence | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Order = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ClubAnalysisSummary]:
    """List the club analyses that a user had made, in all guilds, newest first, or oldest first with `sort=oldest`.

    Without images and metrics. With `search`, those with all its words in title or summary, each word by its
    beginning. `since` is part of the time asked for, `until` is not.
    """
    least, start, end = asked(min_confidence), asked(since), asked(until)
    if search is None:
        wanted = ListOfUserFilter(min_confidence=least, since=start, until=end)
        return await call.db.club_analyses.list_of_user(
            user_id, filter=wanted, sort=sort, cursor=cursor, limit=limit
        )
    within = SearchUserFilter(min_confidence=least, since=start, until=end)
    # Unbound, as the words of a guild are.
    return await call.unbound.club_analyses.search_user(
        user_id, search, filter=within, sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", "/v1/analyses/{analysis_id}", READ_ANALYSIS, "not_found")
async def get(call: Call, *, analysis_id: Id) -> ClubAnalysis:
    """Return a club analysis with its images and metrics."""
    return await call.db.club_analyses.get(analysis_id)


@routes.route(
    "PATCH",
    "/v1/analyses/{analysis_id}",
    CHANGE_ANALYSIS,
    "not_found",
    body_example=EXAMPLE,
    versioned=True,
)
async def change(call: Call, *, analysis_id: Id, body: ClubAnalysisChanges) -> ClubAnalysis:
    """Change the given fields of a club analysis; null erases its title."""
    return await call.db.club_analyses.update(analysis_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/analyses/{analysis_id}",
    CHANGE_ANALYSIS,
    "not_found",
    audit="club.analysis.delete",
    versioned=True,
)
async def remove(call: Call, *, analysis_id: Id) -> None:
    """Remove a club analysis with its images and metrics."""
    await call.db.club_analyses.delete(analysis_id, version=call.version)
