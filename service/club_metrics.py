"""Club metrics over HTTP: the figures of an analysis, and how a guild's went over time (SPEC D8)."""

from typing import Annotated

import msgspec
from pydantic import Field, StringConstraints

from service.analysis_parts import (
    CHANGE_ANALYSIS,
    GUILD_ANALYSES,
    READ_ANALYSIS,
    Category,
    Key,
    MinConfidence,
    Order,
    Value,
)
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, Moment, Snowflake, asked
from service.jsoninput import NO_NUL
from service.routes import LARGE_BODY, Call, Routes
from slimy_dal.domain.analysis_entries import MAX_METRICS
from slimy_dal.domain.club_metrics import (
    ClubMetric,
    ListHistoryFilter,
    ListOfAnalysisFilter,
    NewMetric,
    PastMetric,
)
from slimy_dal.engine.types import Page

routes = Routes("club metrics", "Figures that were read out of club analyses.")

PATH = "/v1/analyses/{analysis_id}/metrics"
VALUE_EXAMPLE = {"value": 1250000, "unit": "power", "category": "strength"}
METRIC_EXAMPLE = {"name": "totalPower", **VALUE_EXAMPLE}

Unit = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=NO_NUL)]


class MetricValue(Body):
    """What a figure is."""

    value: Value
    category: Category
    unit: Unit | None = None


class MetricOfAnalysis(MetricValue):
    """A figure with its name."""

    name: Key

    def entry(self) -> NewMetric:
        """Return it as the domain takes it."""
        return NewMetric(self.name, self.value, self.category, self.unit)


class MetricsToKeep(Body):
    """The figures that an analysis has from now on; each name stands there once."""

    metrics: Annotated[list[MetricOfAnalysis], Field(max_length=MAX_METRICS)]


class KeptMetrics(msgspec.Struct, frozen=True, rename="camel"):
    """The figures of an analysis, by name."""

    metrics: list[ClubMetric]


@routes.route("GET", PATH, READ_ANALYSIS, "not_found", "invalid_cursor")
async def list_of_analysis(
    call: Call,
    *,
    analysis_id: Id,
    category: Category | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ClubMetric]:
    """List the metrics of a club analysis by name; with `category`, those of it."""
    return await call.db.club_metrics.list_of_analysis(
        analysis_id,
        filter=ListOfAnalysisFilter(category=asked(category)),
        cursor=cursor,
        limit=limit,
    )


@routes.route(
    "PUT",
    PATH,
    CHANGE_ANALYSIS,
    "not_found",
    body_limit=LARGE_BODY,
    entries="all",
    body_example={"metrics": [METRIC_EXAMPLE]},
)
async def replace(call: Call, *, analysis_id: Id, body: MetricsToKeep) -> KeptMetrics:
    """Put other metrics in the place of a club analysis' own: all of them, or nothing changes.

    Of two such calls at a time the metrics of one stay, never a mixture.
    """
    metrics = [metric.entry() for metric in body.metrics]
    return KeptMetrics(await call.db.club_metrics.replace(analysis_id, metrics))


@routes.route("PUT", f"{PATH}/{{name}}", CHANGE_ANALYSIS, "not_found", body_example=VALUE_EXAMPLE)
async def put(call: Call, *, analysis_id: Id, name: Key, body: MetricValue) -> ClubMetric:
    """Add a metric to a club analysis, or correct the one of that name."""
    metric = NewMetric(name, body.value, body.category, body.unit)
    return await call.db.club_metrics.put(analysis_id, metric)


@routes.route("DELETE", f"{PATH}/{{name}}", CHANGE_ANALYSIS, "not_found")
async def remove(call: Call, *, analysis_id: Id, name: Key) -> None:
    """Remove a metric from a club analysis."""
    await call.db.club_metrics.delete(analysis_id, name)


@routes.route(
    "GET", "/v1/guilds/{guild_id}/analyses:trend", GUILD_ANALYSES, "not_found", "invalid_cursor"
)
async def list_history(
    call: Call,
    *,
    guild_id: Snowflake,
    metric: Key,
    min_confidence: MinConfidence | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Order = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PastMetric]:
    """List the values that a metric had in a guild's analyses, newest first, or oldest first with `sort=oldest`.

    `since` is part of the time asked for, `until` is not.
    """
    wanted = ListHistoryFilter(
        min_confidence=asked(min_confidence), since=asked(since), until=asked(until)
    )
    return await call.db.club_metrics.list_history(
        guild_id, metric, filter=wanted, sort=sort, cursor=cursor, limit=limit
    )
